package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	healthv1 "secrets-engine.test/sdk/gen/health/v1"
	"secrets-engine.test/sdk/gen/health/v1/healthv1connect"
	pluginsv1 "secrets-engine.test/sdk/gen/plugins/v1"
	"secrets-engine.test/sdk/gen/plugins/v1/pluginsv1connect"
	resolverv1 "secrets-engine.test/sdk/gen/resolver/v1"
	"secrets-engine.test/sdk/gen/resolver/v1/resolverv1connect"
)

// caller is what every call of a client needs.
type caller struct {
	client  connect.HTTPClient
	options []connect.ClientOption
	ctx     context.Context
}

// encodings chooses how messages travel.
func encodings(asJSON, gzipRequests, gzipAnswers bool) []connect.ClientOption {
	var options []connect.ClientOption
	if asJSON {
		options = append(options, connect.WithProtoJSON())
	}
	if gzipRequests {
		options = append(options, connect.WithSendGzip())
	}
	if !gzipAnswers {
		options = append(options, connect.WithAcceptCompression("gzip", nil, nil))
	}
	return options
}

// clientCommand does one thing and prints the answer as JSON; a failure is "code: message" and exit code 1.
func clientCommand(args []string) error {
	flags := flag.NewFlagSet("client", flag.ExitOnError)
	address := flags.String("address", "", "the engine's socket; @name is an abstract one")
	asJSON := flags.Bool("json", false, "speak JSON, not protobuf")
	gzipRequests := flags.Bool("gzip-requests", false, "compress requests")
	identity := flags.Bool("identity", false, "accept no compressed answers")
	timeout := flags.Duration("timeout", 0, "how long the answer may take; it is told to the engine")
	count := flags.Int("count", 2000, "many: how many lookups")
	connections := flags.Int("connections", 64, "many: over how many connections at once")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "client [flags] get PATTERN | many PATTERN... | authorize PATTERN... | list | enable NAME | disable NAME | version")
		flags.PrintDefaults()
	}
	_ = flags.Parse(args)
	if err := required("address", *address); err != nil {
		return err
	}
	ctx := context.Background()
	if *timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, *timeout)
		defer cancel()
		ctx = limited
	}
	c := caller{unixClient(*address, 100, 10), encodings(*asJSON, *gzipRequests, !*identity), ctx}
	switch command, rest := flags.Arg(0), flags.Args()[min(1, flags.NArg()):]; {
	case command == "get" && len(rest) == 1:
		return show(c.get(rest[0]))
	case command == "many" && len(rest) > 0:
		c.client = unixClient(*address, *connections, *connections)
		return c.many(rest, *count, *connections)
	case command == "authorize":
		return show(c.authorize(rest))
	case command == "list" && len(rest) == 0:
		return show(c.list())
	case command == "enable" && len(rest) == 1:
		return show(c.enable(rest[0]))
	case command == "disable" && len(rest) == 1:
		return show(c.disable(rest[0]))
	case command == "version" && len(rest) == 0:
		return show(c.version())
	}
	flags.Usage()
	return fmt.Errorf("no such thing to do: %q", flags.Args())
}

// show prints a message as canonical JSON, without the spaces that protojson strews in.
func show(message proto.Message, err error) error {
	if err != nil {
		return err
	}
	text, err := protojson.Marshal(message)
	if err != nil {
		return err
	}
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		return err
	}
	_, err = fmt.Println(line.String())
	return err
}

// unwrap takes the message out of an answer.
func unwrap[T any](response *connect.Response[T], err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return response.Msg, nil
}

func (c caller) get(pattern string) (*resolverv1.GetSecretsResponse, error) {
	client := resolverv1connect.NewResolverServiceClient(c.client, baseURL, c.options...)
	request := &resolverv1.GetSecretsRequest{Pattern: &pattern}
	return unwrap(client.GetSecrets(c.ctx, connect.NewRequest(request)))
}

func (c caller) authorize(patterns []string) (*resolverv1.AuthorizeResponse, error) {
	client := resolverv1connect.NewAuthorizerServiceClient(c.client, baseURL, c.options...)
	request := &resolverv1.AuthorizeRequest{Patterns: patterns}
	return unwrap(client.Authorize(c.ctx, connect.NewRequest(request)))
}

func (c caller) plugins() pluginsv1connect.PluginManagementServiceClient {
	return pluginsv1connect.NewPluginManagementServiceClient(c.client, baseURL, c.options...)
}

func (c caller) list() (*pluginsv1.ListPluginsResponse, error) {
	return unwrap(c.plugins().ListPlugins(c.ctx, connect.NewRequest(&pluginsv1.ListPluginsRequest{})))
}

func (c caller) enable(name string) (*pluginsv1.EnablePluginResponse, error) {
	request := &pluginsv1.EnablePluginRequest{Name: &name}
	return unwrap(c.plugins().EnablePlugin(c.ctx, connect.NewRequest(request)))
}

func (c caller) disable(name string) (*pluginsv1.DisablePluginResponse, error) {
	request := &pluginsv1.DisablePluginRequest{Name: &name}
	return unwrap(c.plugins().DisablePlugin(c.ctx, connect.NewRequest(request)))
}

func (c caller) version() (*healthv1.GetVersionResponse, error) {
	client := healthv1connect.NewVersionServiceClient(c.client, baseURL, c.options...)
	return unwrap(client.GetVersion(c.ctx, connect.NewRequest(&healthv1.GetVersionRequest{})))
}

// many looks the patterns up in turn, from so many goroutines, and tells how it went.
func (c caller) many(patterns []string, count, goroutines int) error {
	var mutex sync.Mutex
	var group sync.WaitGroup
	failures := map[string]int{}
	envelopes, bytes := 0, 0
	next := make(chan string)
	begin := time.Now()
	for range goroutines {
		group.Go(func() {
			for pattern := range next {
				answer, err := c.get(pattern)
				mutex.Lock()
				if err != nil {
					failures[describe(err)]++
				}
				for _, envelope := range answer.GetEnvelopes() {
					envelopes++
					bytes += len(envelope.GetValue())
				}
				mutex.Unlock()
			}
		})
	}
	for i := range count {
		next <- patterns[i%len(patterns)]
	}
	close(next)
	group.Wait()
	return report(map[string]any{"lookups": count, "envelopes": envelopes, "bytes": bytes, "failures": failures,
		"seconds": time.Since(begin).Seconds()})
}
