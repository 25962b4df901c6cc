// gobcheck is the other side of GobTest. "decode" reads the gob of a map[string]any from standard input and prints it as
// JSON; "encode" reads JSON from standard input and prints its gob.
package main

import (
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: gobcheck decode|encode"))
	}
	values := map[string]any{}
	switch os.Args[1] {
	case "decode":
		decoder := gob.NewDecoder(os.Stdin)
		fail(decoder.Decode(&values))
		if err := decoder.Decode(&values); err != io.EOF {
			fail(fmt.Errorf("more follows: %v", err))
		}
		for key, value := range values {
			if _, isString := value.(string); !isString {
				fail(fmt.Errorf("%q is a %T", key, value))
			}
		}
		fail(json.NewEncoder(os.Stdout).Encode(values))
	case "encode":
		fail(json.NewDecoder(os.Stdin).Decode(&values))
		fail(gob.NewEncoder(os.Stdout).Encode(values))
	default:
		fail(fmt.Errorf("no such command"))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
