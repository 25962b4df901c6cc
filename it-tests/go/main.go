// Command sdk stands in for the Go SDK in tests and benchmarks: clients, plugins, access control modules and a server,
// on the libraries that the SDK is made of, with .proto files of our own.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"connectrpc.com/connect"
)

var commands = map[string]func(args []string) error{
	"client":     clientCommand,
	"plugin":     pluginCommand,
	"acm":        acmCommand,
	"server":     serverCommand,
	"bench":      benchCommand,
	"yamux-echo": echoCommand,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: sdk client|plugin|acm|server|bench|yamux-echo [flags]; -h after the command shows its flags")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, describe(err))
		os.Exit(1)
	}
}

// describe tells a Connect error as "code: message".
func describe(err error) string {
	var failure *connect.Error
	if errors.As(err, &failure) {
		return failure.Code().String() + ": " + failure.Message()
	}
	return err.Error()
}

// report prints a value as a line of JSON.
func report(value any) error {
	line, err := json.Marshal(value)
	if err == nil {
		_, err = fmt.Println(string(line))
	}
	return err
}
