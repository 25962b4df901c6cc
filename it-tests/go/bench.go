package main

import (
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// measured is one run of a benchmark. Times are microseconds, processor times those of one request.
type measured struct {
	Connections int     `json:"connections"`
	Encoding    string  `json:"encoding"`
	Requests    int     `json:"requests"`
	AnswerBytes int     `json:"answerBytes"`
	PerSecond   float64 `json:"perSecond"`
	P50         float64 `json:"p50"`
	P99         float64 `json:"p99"`
	ServerCPU   float64 `json:"serverCpu,omitempty"`
	ClientCPU   float64 `json:"clientCpu"`
}

// benchCommand asks the same again and again, and prints a line of JSON for each number of connections and encoding.
func benchCommand(args []string) error {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	address := flags.String("address", "", "the engine's socket; @name is an abstract one")
	pattern := flags.String("pattern", "", "what is looked up; none: the version is asked for")
	connections := flags.String("connections", "1,16", "how many connections at once")
	encodings := flags.String("encodings", "identity,gzip", "what answers are accepted in")
	seconds := flags.Float64("seconds", 3, "how long each run takes")
	warmUp := flags.Float64("warm-up", 1, "for how many seconds each run goes on before it counts")
	pid := flags.Int("pid", 0, "the server's process: its processor time is told for each request")
	_ = flags.Parse(args)
	if err := required("address", *address); err != nil {
		return err
	}
	for _, encoding := range strings.Split(*encodings, ",") {
		for _, text := range strings.Split(*connections, ",") {
			count, err := strconv.Atoi(text)
			if err != nil || count < 1 {
				return fmt.Errorf("no number of connections: %q", text)
			}
			run := newBenchRun(*address, *pattern, encoding, count)
			if _, err := run.runFor(duration(*warmUp), 0); err != nil {
				return err
			}
			result, err := run.runFor(duration(*seconds), *pid)
			if err != nil {
				return err
			}
			if err := report(result); err != nil {
				return err
			}
		}
	}
	return nil
}

func duration(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second))
}
