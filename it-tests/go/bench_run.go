package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	healthv1 "secrets-engine.test/sdk/gen/health/v1"
	"secrets-engine.test/sdk/gen/health/v1/healthv1connect"
	resolverv1 "secrets-engine.test/sdk/gen/resolver/v1"
	"secrets-engine.test/sdk/gen/resolver/v1/resolverv1connect"
)

// benchRun asks over as many connections as it has callers, and keeps them between its runs.
type benchRun struct {
	connections int
	encoding    string
	ask         func(ctx context.Context) (proto.Message, error)
}

func newBenchRun(address, pattern, encoding string, connections int) benchRun {
	transport := unixClient(address, connections, connections)
	options := encodings(false, false, encoding == "gzip")
	resolver := resolverv1connect.NewResolverServiceClient(transport, baseURL, options...)
	version := healthv1connect.NewVersionServiceClient(transport, baseURL, options...)
	run := benchRun{connections, encoding, func(ctx context.Context) (proto.Message, error) {
		return unwrap(resolver.GetSecrets(ctx, connect.NewRequest(&resolverv1.GetSecretsRequest{Pattern: &pattern})))
	}}
	if pattern == "" {
		run.ask = func(ctx context.Context) (proto.Message, error) {
			return unwrap(version.GetVersion(ctx, connect.NewRequest(&healthv1.GetVersionRequest{})))
		}
	}
	return run
}

// runFor runs for some time; the first failure ends it.
func (b benchRun) runFor(length time.Duration, pid int) (*measured, error) {
	// No deadline: the SDK sends one only when its caller sets it.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer time.AfterFunc(length+30*time.Second, cancel).Stop()
	answer, err := b.ask(ctx)
	if err != nil {
		return nil, fmt.Errorf("a request failed: %w", err)
	}
	took := make([][]time.Duration, b.connections)
	failures := make([]error, b.connections)
	var group sync.WaitGroup
	serverCPU, clientCPU, begin := cpuTime(pid), ownCPUTime(), time.Now()
	for i := range b.connections {
		group.Go(func() {
			if took[i], failures[i] = b.loop(ctx, begin.Add(length)); failures[i] != nil {
				cancel()
			}
		})
	}
	group.Wait()
	elapsed, used := time.Since(begin), cpuTime(pid)-serverCPU
	all := slices.Concat(took...)
	slices.Sort(all)
	for _, failure := range failures {
		if failure != nil {
			return nil, fmt.Errorf("a request failed: %w", failure)
		}
	}
	count := float64(len(all))
	return &measured{Connections: b.connections, Encoding: b.encoding, Requests: len(all),
		AnswerBytes: proto.Size(answer), PerSecond: count / elapsed.Seconds(),
		P50: micros(all[len(all)/2]), P99: micros(all[len(all)*99/100]),
		ServerCPU: micros(used) / count, ClientCPU: micros(ownCPUTime()-clientCPU) / count}, nil
}

// loop asks once at least.
func (b benchRun) loop(ctx context.Context, end time.Time) ([]time.Duration, error) {
	var took []time.Duration
	for begin := time.Now(); len(took) == 0 || begin.Before(end); {
		if _, err := b.ask(ctx); err != nil {
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

// ownCPUTime is what this process has used so far.
func ownCPUTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
