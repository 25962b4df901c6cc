package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"

	resolverv1 "secrets-engine.test/sdk/gen/resolver/v1"
	"secrets-engine.test/sdk/gen/resolver/v1/resolverv1connect"
)

// measured is one run of a benchmark. Times are microseconds.
type measured struct {
	Connections int     `json:"connections"`
	Encoding    string  `json:"encoding"`
	Requests    int     `json:"requests"`
	PerSecond   float64 `json:"perSecond"`
	P50         float64 `json:"p50"`
	P99         float64 `json:"p99"`
	ServerCPU   float64 `json:"serverCpu,omitempty"`
}

// benchCommand looks one ID up again and again, and prints a line of JSON for each number of connections and encoding.
func benchCommand(args []string) error {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	address := flags.String("address", "", "the engine's socket; @name is an abstract one")
	pattern := flags.String("pattern", "", "what is looked up; there must be such a secret")
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
			if err != nil {
				return err
			}
			run := benchRun{*address, *pattern, encoding == "gzip", count}
			if _, err := run.runFor(*warmUp, 0); err != nil {
				return err
			}
			result, err := run.runFor(*seconds, *pid)
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

type benchRun struct {
	address, pattern string
	gzip             bool
	connections      int
}

// runFor runs for some seconds; the first failure ends it.
func (b benchRun) runFor(seconds float64, pid int) (*measured, error) {
	client := resolverv1connect.NewResolverServiceClient(unixClient(b.address, b.connections, b.connections), baseURL,
		encodings(false, false, b.gzip)...)
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(seconds*float64(time.Second))+30*time.Second)
	defer cancel()
	var mutex sync.Mutex
	var group sync.WaitGroup
	var all []time.Duration
	var failure error
	cpu := cpuTime(pid)
	begin := time.Now()
	end := begin.Add(time.Duration(seconds * float64(time.Second)))
	for range b.connections {
		group.Go(func() {
			took, err := b.loop(ctx, client, end)
			mutex.Lock()
			defer mutex.Unlock()
			all = append(all, took...)
			if err != nil {
				failure = err
			}
		})
	}
	group.Wait()
	elapsed := time.Since(begin)
	if failure != nil || len(all) == 0 {
		return nil, fmt.Errorf("a lookup of %s failed: %w", b.pattern, failure)
	}
	slices.Sort(all)
	result := &measured{Connections: b.connections, Encoding: "identity", Requests: len(all),
		PerSecond: float64(len(all)) / elapsed.Seconds(), P50: micros(all[len(all)/2]), P99: micros(all[len(all)*99/100])}
	if b.gzip {
		result.Encoding = "gzip"
	}
	if pid != 0 {
		result.ServerCPU = micros(cpuTime(pid)-cpu) / float64(len(all))
	}
	return result, nil
}

func (b benchRun) loop(ctx context.Context, client resolverv1connect.ResolverServiceClient, end time.Time) (
	[]time.Duration, error) {
	var took []time.Duration
	begin := time.Now()
	for begin.Before(end) {
		request := connect.NewRequest(&resolverv1.GetSecretsRequest{Pattern: &b.pattern})
		if _, err := client.GetSecrets(ctx, request); err != nil {
			return took, err
		}
		now := time.Now()
		took = append(took, now.Sub(begin))
		begin = now
	}
	return took, nil
}

func micros(d time.Duration) float64 {
	return float64(d.Nanoseconds()) / 1000
}

// cpuTime is what a process has used so far, in Linux's ticks of 10 ms; 0 without a process.
func cpuTime(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}
