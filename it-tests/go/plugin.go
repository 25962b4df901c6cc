package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pluginsv1 "secrets-engine.test/sdk/gen/plugins/v1"
	resolverv1 "secrets-engine.test/sdk/gen/resolver/v1"
	"secrets-engine.test/sdk/gen/resolver/v1/resolverv1connect"
)

// big is a value that does not compress. Its hash is printed, for whoever wants to know whether it arrived.
func big(size int) []byte {
	value := make([]byte, size)
	_, _ = rand.New(rand.NewSource(1)).Read(value)
	fmt.Printf("big: %d bytes, sha256 %x\n", size, sha256.Sum256(value))
	return value
}

// meeting keeps everybody waiting until so many have come.
type meeting struct {
	missing  atomic.Int32
	complete chan struct{}
}

func newMeeting(size int) *meeting {
	m := &meeting{complete: make(chan struct{})}
	m.missing.Store(int32(size))
	return m
}

func (m *meeting) attend(ctx context.Context) error {
	if m.missing.Add(-1) == 0 {
		close(m.complete)
	}
	select {
	case <-m.complete:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// table is what a plugin knows, below the folder of its pattern: a and b, what fails and what takes long.
type table struct {
	*pluginProcess
	folder  string
	slow    time.Duration
	bigSize int
	meeting *meeting
}

// pluginCommand is a plugin until the engine tells it to stop. Started by the engine it needs no flags.
func pluginCommand(args []string) error {
	flags := flag.NewFlagSet("plugin", flag.ExitOnError)
	address := flags.String("address", "", "the engine's socket; none when the engine starts it")
	name := flags.String("name", "go-plugin", "its name; the engine says another when it starts it")
	version := flags.String("version", "v1.2.3", "its version")
	pattern := flags.String("pattern", "ext/**", "what it serves: FOLDER/a, b, big, boom, none, hang, slow, together, outside")
	slow := flags.Duration("slow", 300*time.Millisecond, "how long FOLDER/slow takes")
	bigSize := flags.Int("big", 3<<20, "how many bytes FOLDER/big has")
	together := flags.Int("together", 100, "how many lookups of FOLDER/together have to be there before one is answered")
	silent := flags.Bool("silent", false, "connect, and never register")
	crash := flags.String("crash", "", "print this on standard error and exit with 1")
	dies := flags.Duration("dies", 0, "exit with 1 so long after the registration")
	_ = flags.Parse(args)
	if *crash != "" {
		fmt.Fprintln(os.Stderr, *crash)
		os.Exit(1)
	}
	process, err := connectPlugin(*address, *name, *version)
	if err != nil {
		return err
	}
	if *silent {
		<-process.session.CloseChan()
		return errors.New("the engine has hung up")
	}
	if *dies > 0 {
		time.AfterFunc(*dies, func() { os.Exit(1) })
	}
	mux := http.NewServeMux()
	mux.Handle(resolverv1connect.NewResolverServiceHandler(
		table{process, strings.TrimSuffix(strings.TrimSuffix(*pattern, "**"), "/"), *slow, *bigSize, newMeeting(*together)}))
	return process.serve(mux, &pluginsv1.RegisterPluginRequest{Kind: &pluginsv1.RegisterPluginRequest_SecretsProvider{
		SecretsProvider: &pluginsv1.SecretsProvider{Pattern: pattern}}})
}

// GetSecrets answers an ID, or a and b for anything with a wildcard in it.
func (t table) GetSecrets(ctx context.Context, request *connect.Request[resolverv1.GetSecretsRequest]) (
	*connect.Response[resolverv1.GetSecretsResponse], error) {
	if err := t.ready(); err != nil {
		return nil, err
	}
	asked := request.Msg.GetPattern()
	if strings.Contains(asked, "*") {
		return t.answer(t.envelope("a", []byte("value-a")), t.envelope("b", []byte("value-b")))
	}
	switch id, _ := strings.CutPrefix(asked, t.folder+"/"); id {
	case "a", "b":
		return t.answer(t.envelope(id, []byte("value-"+id)))
	case "big":
		return t.answer(t.envelope(id, big(t.bigSize)))
	case "outside":
		stray := t.envelope(id, []byte("stray"))
		stray.Id = proto.String("elsewhere/" + id)
		return t.answer(stray)
	case "boom":
		return nil, connect.NewError(connect.CodeInternal,
			fmt.Errorf("failed to get secret %q: backend exploded", asked))
	case "hang":
		fmt.Println("asked:", asked)
		<-ctx.Done()
		fmt.Println("cancelled:", asked)
		return nil, connect.NewError(connect.CodeCanceled, ctx.Err())
	case "together":
		if err := t.meeting.attend(ctx); err != nil {
			return nil, connect.NewError(connect.CodeCanceled, err)
		}
		return t.answer(t.envelope(id, []byte("value-together")))
	case "slow":
		fmt.Println("asked:", asked)
		time.Sleep(t.slow)
		return t.answer(t.envelope(id, []byte("value-slow")))
	}
	return nil, connect.NewError(connect.CodeNotFound, errors.New("secret not found"))
}

func (t table) envelope(id string, value []byte) *resolverv1.GetSecretsResponse_Envelope {
	now := timestamppb.Now()
	return &resolverv1.GetSecretsResponse_Envelope{
		Id:         proto.String(path.Join(t.folder, id)),
		Value:      value,
		Provider:   &t.name,
		Version:    &t.version,
		CreatedAt:  timestamppb.New(time.Unix(1_700_000_000, 0)),
		ResolvedAt: now,
		ExpiresAt:  timestamppb.New(now.AsTime().Add(time.Hour)),
		Metadata:   map[string]string{"source": "go"},
	}
}

func (t table) answer(envelopes ...*resolverv1.GetSecretsResponse_Envelope) (
	*connect.Response[resolverv1.GetSecretsResponse], error) {
	return connect.NewResponse(&resolverv1.GetSecretsResponse{Envelopes: envelopes}), nil
}
