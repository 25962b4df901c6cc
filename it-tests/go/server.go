package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/yamux"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	healthv1 "secrets-engine.test/sdk/gen/health/v1"
	"secrets-engine.test/sdk/gen/health/v1/healthv1connect"
	pluginsv1 "secrets-engine.test/sdk/gen/plugins/v1"
	"secrets-engine.test/sdk/gen/plugins/v1/pluginsv1connect"
	resolverv1 "secrets-engine.test/sdk/gen/resolver/v1"
	"secrets-engine.test/sdk/gen/resolver/v1/resolverv1connect"
)

// reference is what the engine is measured against: a map behind connect-go, and one plugin that is passed through to.
type reference struct {
	values  map[string][]byte
	options []connect.HandlerOption
	asking  []connect.ClientOption
	plugin  atomic.Pointer[upstream]
}

// upstream is a plugin that has registered.
type upstream struct {
	folder string
	client resolverv1connect.ResolverServiceClient
}

// serverCommand serves until it is killed.
func serverCommand(args []string) error {
	flags := flag.NewFlagSet("server", flag.ExitOnError)
	address := flags.String("address", "", "the socket to serve; @name is an abstract one")
	identity := flags.Bool("identity", false, "never compress an answer, nor take one from the plugin")
	values := map[string][]byte{}
	flags.Func("secret", "ID=VALUE, as often as wanted", func(text string) error {
		id, value, there := strings.Cut(text, "=")
		if !there {
			return errors.New("there is no =")
		}
		values[id] = []byte(value)
		return nil
	})
	_ = flags.Parse(args)
	if err := required("address", *address); err != nil {
		return err
	}
	server := &reference{values: values}
	if *identity {
		server.options = append(server.options, connect.WithCompression("gzip", nil, nil))
		server.asking = append(server.asking, connect.WithAcceptCompression("gzip", nil, nil))
	}
	listener, err := listen(*address)
	if err != nil {
		return err
	}
	fmt.Println("serving")
	mux := http.NewServeMux()
	mux.Handle(resolverv1connect.NewResolverServiceHandler(server, server.options...))
	mux.Handle(healthv1connect.NewVersionServiceHandler(server, server.options...))
	mux.HandleFunc("GET /hijack", server.hijack)
	return http.Serve(listener, mux)
}

// GetSecrets looks an ID up in the map, or asks the plugin.
func (s *reference) GetSecrets(ctx context.Context, request *connect.Request[resolverv1.GetSecretsRequest]) (
	*connect.Response[resolverv1.GetSecretsResponse], error) {
	pattern := request.Msg.GetPattern()
	if value, there := s.values[pattern]; there {
		now := timestamppb.Now()
		return connect.NewResponse(&resolverv1.GetSecretsResponse{Envelopes: []*resolverv1.GetSecretsResponse_Envelope{{
			Id: &pattern, Value: value, Provider: proto.String("map"), Version: proto.String("v1.0.0"),
			CreatedAt: now, ResolvedAt: now, ExpiresAt: now}}}), nil
	}
	if plugin := s.plugin.Load(); plugin != nil && strings.HasPrefix(pattern, plugin.folder) {
		answer, err := plugin.client.GetSecrets(ctx, connect.NewRequest(request.Msg))
		if err != nil {
			return nil, err
		}
		return connect.NewResponse(answer.Msg), nil
	}
	return nil, connect.NewError(connect.CodeNotFound, errors.New("secret not found"))
}

// GetVersion tells the version.
func (s *reference) GetVersion(context.Context, *connect.Request[healthv1.GetVersionRequest]) (
	*connect.Response[healthv1.GetVersionResponse], error) {
	return connect.NewResponse(&healthv1.GetVersionResponse{Version: proto.String("v0.0.1")}), nil
}

// hijack makes a session of a connection and waits for its plugin to register.
func (s *reference) hijack(w http.ResponseWriter, _ *http.Request) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\n")
	_ = buffered.Flush()
	session, err := yamux.Server(bufferedConn{conn, buffered.Reader}, yamuxConfig())
	if err != nil {
		return
	}
	mux := http.NewServeMux()
	mux.Handle(pluginsv1connect.NewRegisterServiceHandler(registration{s, session}, s.options...))
	_ = http.Serve(session, mux)
}

// registration is what a plugin can ask for.
type registration struct {
	server  *reference
	session *yamux.Session
}

// RegisterPlugin makes this plugin the one that is asked.
func (r registration) RegisterPlugin(_ context.Context, request *connect.Request[pluginsv1.RegisterPluginRequest]) (
	*connect.Response[pluginsv1.RegisterPluginResponse], error) {
	folder := strings.TrimSuffix(request.Msg.GetSecretsProvider().GetPattern(), "**")
	client := resolverv1connect.NewResolverServiceClient(overStreams(r.session), baseURL, r.server.asking...)
	r.server.plugin.Store(&upstream{folder, client})
	return connect.NewResponse(&pluginsv1.RegisterPluginResponse{EngineName: proto.String("reference"),
		EngineVersion: proto.String("v0.0.1"), RequestTimeout: durationpb.New(10 * time.Second)}), nil
}
