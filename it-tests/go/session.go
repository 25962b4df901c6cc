package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"
	"github.com/hashicorp/yamux"

	pluginsv1 "secrets-engine.test/sdk/gen/plugins/v1"
	"secrets-engine.test/sdk/gen/plugins/v1/pluginsv1connect"
)

const launchVariable = "DOCKER_SECRETS_ENGINE_PLUGIN_LAUNCH_CFG"

// launch is what the engine tells a plugin that it starts.
type launch struct {
	Name    string        `json:"name"`
	Timeout time.Duration `json:"timeout"`
	FD      int           `json:"fd"`
}

// launched tells how the engine started this process, or nil if it did not.
func launched() (*launch, error) {
	text, there := os.LookupEnv(launchVariable)
	if !there {
		return nil, nil
	}
	var config launch
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		return nil, fmt.Errorf("%s: %w", launchVariable, err)
	}
	return &config, nil
}

// inherited is the connection that the engine left open for a plugin that it starts.
func (l *launch) inherited() (net.Conn, error) {
	file := os.NewFile(uintptr(l.FD), "engine")
	defer file.Close()
	return net.FileConn(file)
}

// bufferedConn reads on with what came right behind an HTTP message.
type bufferedConn struct {
	net.Conn
	reader *bufio.Reader
}

func (c bufferedConn) Read(p []byte) (int, error) {
	return c.reader.Read(p)
}

// hijack turns a connection to the engine into a raw one.
func hijack(address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	conn, err := dial(ctx, address)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	request, err := http.NewRequest(http.MethodGet, "http://secrets-engine.localhost/hijack", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Connection", "upgrade")
	request.Header.Set("Upgrade", "tcp")
	if err := request.Write(conn); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("the engine answered %s", response.Status)
	}
	_ = conn.SetDeadline(time.Time{})
	return bufferedConn{conn, reader}, nil
}

// yamuxConfig is the library's default one, with its log on standard error.
func yamuxConfig() *yamux.Config {
	config := yamux.DefaultConfig()
	config.LogOutput = nil
	config.Logger = log.New(os.Stderr, "yamux: ", 0)
	return config
}

// overStreams makes one request a stream.
func overStreams(session *yamux.Session) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			return session.Open()
		},
		DisableKeepAlives: true,
	}}
}

// pluginProcess is a plugin's end of its session with the engine.
type pluginProcess struct {
	name, version string
	session       *yamux.Session
	registered    atomic.Bool
	told          atomic.Bool
	stopping      chan struct{}
}

// connectPlugin makes the session: by /hijack, or on the connection that the engine left.
func connectPlugin(address, name, version string) (*pluginProcess, error) {
	config, err := launched()
	if err != nil {
		return nil, err
	}
	var conn net.Conn
	if config != nil {
		name = config.Name
		conn, err = config.inherited()
	} else if err = required("address", address); err == nil {
		conn, err = hijack(address)
	}
	if err != nil {
		return nil, err
	}
	session, err := yamux.Client(conn, yamuxConfig())
	return &pluginProcess{name: name, version: version, session: session, stopping: make(chan struct{})}, err
}

// serve registers, and answers the engine until it says Shutdown or has gone.
func (p *pluginProcess) serve(mux *http.ServeMux, request *pluginsv1.RegisterPluginRequest) error {
	mux.Handle(pluginsv1connect.NewPluginServiceHandler(p))
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok")
	})
	server := &http.Server{Handler: mux}
	served := make(chan error, 1)
	go func() { served <- server.Serve(p.session) }()
	if err := p.register(request); err != nil {
		_ = p.session.GoAway()
		_ = p.session.Close()
		return err
	}
	select {
	case <-p.stopping:
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		for p.session.NumStreams() > 0 && ctx.Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		fmt.Println("told to shut down")
		return p.session.Close()
	case <-p.session.CloseChan():
		return p.ended(errors.New("the engine has gone"))
	case err := <-served:
		return p.ended(err)
	}
}

// ended tells why the session is over: an engine that has said Shutdown may go first.
func (p *pluginProcess) ended(otherwise error) error {
	select {
	case <-p.stopping:
		fmt.Println("told to shut down")
		return nil
	default:
		return otherwise
	}
}

func (p *pluginProcess) register(request *pluginsv1.RegisterPluginRequest) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	request.Name, request.Version = &p.name, &p.version
	client := pluginsv1connect.NewRegisterServiceClient(overStreams(p.session), baseURL)
	answer, err := unwrap(client.RegisterPlugin(ctx, connect.NewRequest(request)))
	if err != nil {
		return err
	}
	p.registered.Store(true)
	fmt.Printf("registered with %s %s, %s a request\n", answer.GetEngineName(), answer.GetEngineVersion(),
		answer.GetRequestTimeout().AsDuration())
	return nil
}

// Shutdown says go-away before it answers, as the SDK does.
func (p *pluginProcess) Shutdown(context.Context, *connect.Request[pluginsv1.ShutdownRequest]) (
	*connect.Response[pluginsv1.ShutdownResponse], error) {
	_ = p.session.GoAway()
	if p.told.Swap(true) {
		fmt.Println("told to shut down again")
	} else {
		close(p.stopping)
	}
	return connect.NewResponse(&pluginsv1.ShutdownResponse{}), nil
}

// ready refuses what comes before the engine has answered the registration.
func (p *pluginProcess) ready() error {
	if p.registered.Load() {
		return nil
	}
	return connect.NewError(connect.CodeUnavailable, errors.New("not registered yet"))
}
