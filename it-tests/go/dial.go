package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// dial connects to a socket: a path, or "@name" for an abstract one.
func dial(ctx context.Context, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "unix", address)
}

// listen binds such an address.
func listen(address string) (net.Listener, error) {
	return net.Listen("unix", address)
}

// baseURL is what every request is for, whatever the socket is called.
const baseURL = "http://unix"

// unixClient talks HTTP over a socket and keeps idle connections as the SDK's client does.
func unixClient(address string, connections, idle int) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx, address)
		},
		MaxConnsPerHost:     connections,
		MaxIdleConns:        idle,
		MaxIdleConnsPerHost: idle,
		IdleConnTimeout:     90 * time.Second,
	}}
}

// required fails when a flag was left out.
func required(name, value string) error {
	if value == "" {
		return fmt.Errorf("the flag -%s is missing", name)
	}
	return nil
}
