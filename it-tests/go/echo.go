package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"sync"
	"time"

	"github.com/hashicorp/yamux"
)

// echoed is what an end of a session has seen.
type echoed struct {
	Streams  int    `json:"streams"`
	Accepted int    `json:"accepted"`
	Mistakes int    `json:"mistakes"`
	Left     int    `json:"left"`
	Closed   bool   `json:"closed"`
	Failure  string `json:"failure,omitempty"`
}

// echoCommand connects, sends every stream that it is given back, opens streams of its own that are to be sent back,
// then stays until the peer hangs up. It prints a line of JSON when its own streams are done, and one at the end.
func echoCommand(args []string) error {
	flags := flag.NewFlagSet("yamux-echo", flag.ExitOnError)
	address := flags.String("address", "", "the peer's socket")
	server := flags.Bool("server", false, "be yamux's server, whose streams have even numbers")
	streams := flags.Int("streams", 64, "how many streams are opened, all at once")
	size := flags.Int("size", 3<<20, "how many bytes each of them carries, both ways")
	ping := flags.Duration("ping", 30*time.Second, "how often the peer is asked whether it is there")
	goAway := flags.Bool("go-away", false, "say go-away when the streams are done")
	hangUp := flags.Bool("hang-up", false, "close the session when the streams are done")
	_ = flags.Parse(args)
	if err := required("address", *address); err != nil {
		return err
	}
	conn, err := dial(context.Background(), *address)
	if err != nil {
		return err
	}
	config := yamuxConfig()
	config.KeepAliveInterval = *ping
	start := yamux.Client
	if *server {
		start = yamux.Server
	}
	session, err := start(conn, config)
	if err != nil {
		return err
	}
	peer := &echoPeer{session: session}
	go peer.accept()
	peer.openAll(*streams, *size)
	if *goAway {
		peer.note(session.GoAway())
	}
	if err := report(peer.state()); err != nil || *hangUp {
		return errors.Join(err, session.Close())
	}
	<-session.CloseChan()
	return report(peer.state())
}

// echoPeer is one end.
type echoPeer struct {
	session *yamux.Session
	mutex   sync.Mutex
	seen    echoed
}

func (p *echoPeer) note(err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if err != nil {
		p.seen.Mistakes++
		p.seen.Failure = err.Error()
	}
}

// state waits for ends that are still under way.
func (p *echoPeer) state() echoed {
	for range 200 {
		if p.session.NumStreams() == 0 || p.session.IsClosed() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.seen.Left = p.session.NumStreams()
	p.seen.Closed = p.session.IsClosed()
	return p.seen
}

func (p *echoPeer) accept() {
	for {
		stream, err := p.session.AcceptStream()
		if err != nil {
			return
		}
		p.mutex.Lock()
		p.seen.Accepted++
		p.mutex.Unlock()
		go func() {
			_, err := io.Copy(stream, stream)
			if closing := stream.Close(); err == nil {
				err = closing
			}
			if !p.session.IsClosed() && !errors.Is(err, yamux.ErrConnectionReset) {
				p.note(err)
			}
		}()
	}
}

func (p *echoPeer) openAll(streams, size int) {
	var group sync.WaitGroup
	for i := range streams {
		group.Go(func() {
			p.note(p.roundTrip(int64(i), size+i))
		})
	}
	group.Wait()
}

// roundTrip sends, ends its own way, and reads on to the end of the other.
func (p *echoPeer) roundTrip(seed int64, size int) error {
	stream, err := p.session.OpenStream()
	if err != nil {
		return err
	}
	sent := make([]byte, size)
	_, _ = rand.New(rand.NewSource(seed)).Read(sent)
	written := make(chan error, 1)
	go func() {
		_, err := stream.Write(sent)
		written <- errors.Join(err, stream.Close())
	}()
	received, err := io.ReadAll(stream)
	if err = errors.Join(err, <-written); err != nil {
		return err
	}
	if !bytes.Equal(sent, received) {
		return fmt.Errorf("stream %d: %d bytes came back, other than the %d that were sent", stream.StreamID(),
			len(received), len(sent))
	}
	p.mutex.Lock()
	p.seen.Streams++
	p.mutex.Unlock()
	return nil
}
