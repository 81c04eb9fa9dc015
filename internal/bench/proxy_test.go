package bench

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// proxy stands between the provider and Cortex as a network does: every byte takes half a round trip, a connection takes a
// whole one to open. It counts the requests that pass.
type proxy struct {
	listener net.Listener
	target   string

	mu      sync.Mutex
	delay   time.Duration // one way
	methods map[string]int
	conns   map[net.Conn]bool
	running sync.WaitGroup
}

func newProxy(b testing.TB, target string) *proxy {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	p := &proxy{listener: listener, target: target, methods: map[string]int{}, conns: map[net.Conn]bool{}}
	p.running.Go(p.accept)
	b.Cleanup(func() {
		_ = listener.Close()
		p.mu.Lock()
		for c := range p.conns {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.running.Wait()
	})
	return p
}

func (p *proxy) url() string { return "http://" + p.listener.Addr().String() }

// reset sets the round trip of connections from now on, and forgets the requests so far.
func (p *proxy) reset(roundTrip time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = roundTrip / 2
	p.methods = map[string]int{}
}

// requests returns how many requests came since the last reset, and how many of them asked for a change.
func (p *proxy) requests() (all, writes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for method, n := range p.methods {
		all += n
		if method != "GET" {
			writes += n
		}
	}
	return all, writes
}

func (p *proxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		delay := p.delay
		p.mu.Unlock()
		p.running.Go(func() { p.connect(in, delay) })
	}
}

func (p *proxy) connect(in net.Conn, delay time.Duration) {
	defer in.Close()
	out, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer out.Close()
	p.mu.Lock()
	p.conns[in], p.conns[out] = true, true
	p.mu.Unlock()
	time.Sleep(2 * delay) // the handshake, which the kernel has ended without the network that is played here

	var both sync.WaitGroup
	both.Go(func() { carry(out, in, delay, p.counter()) })
	both.Go(func() { carry(in, out, delay, func([]byte) {}) })
	both.Wait()
	p.mu.Lock()
	delete(p.conns, in)
	delete(p.conns, out)
	p.mu.Unlock()
}

// carry copies from src to dst. What was read is written after the delay, while more is read.
func carry(dst, src net.Conn, delay time.Duration, see func([]byte)) {
	type piece struct {
		data []byte
		due  time.Time
	}
	way := make(chan piece, 1024)
	var writer sync.WaitGroup
	writer.Go(func() {
		for p := range way {
			time.Sleep(time.Until(p.due))
			if _, err := dst.Write(p.data); err != nil {
				_ = src.Close() // ends the reader
			}
		}
		if tcp, ok := dst.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
	})
	for {
		buffer := make([]byte, 16<<10)
		n, err := src.Read(buffer)
		if n > 0 {
			see(buffer[:n])
			way <- piece{buffer[:n], time.Now().Add(delay)}
		}
		if err != nil {
			break
		}
	}
	close(way)
	writer.Wait()
}

// counter returns a function that sees the bytes of one connection and counts its requests by method.
func (p *proxy) counter() func([]byte) {
	var line []byte
	return func(data []byte) {
		for len(data) > 0 {
			part, rest, whole := bytes.Cut(data, []byte("\n"))
			line = append(line, part...)
			if !whole {
				return
			}
			if bytes.HasSuffix(line, []byte(" HTTP/1.1\r")) {
				method, _, _ := bytes.Cut(line, []byte(" "))
				// A body has no line end behind it, so that the next request's method may follow it.
				name := string(method[bytes.LastIndexByte(method, '}')+1:])
				p.mu.Lock()
				p.methods[name]++
				p.mu.Unlock()
			}
			line, data = line[:0], rest
		}
	}
}

func TestProxy(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		for {
			c, err := server.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			go func() { defer c.Close(); _, _ = io.Copy(c, c) }() // answers what it is sent
		}
	}()
	p := newProxy(t, server.Addr().String())
	const roundTrip = 40 * time.Millisecond
	p.reset(roundTrip)
	dialled := time.Now()
	c, err := net.Dial("tcp", p.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i, text := range []string{"GET /a HTTP/1.1\r\nA: b\r\n\r\n", "POST /b HTTP/1.1\r\n\r\n{\"a\":{}}", "DELETE /c HTTP", "/1.1\r\n\r\n"} {
		start := time.Now()
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, len(text))
		if _, err := io.ReadFull(c, answer); err != nil || string(answer) != text {
			t.Fatalf("%q, %v", answer, err)
		}
		want := roundTrip
		if i == 0 { // and the one of the connection
			start, want = dialled, 2*roundTrip
		}
		if took := time.Since(start); took < want {
			t.Errorf("exchange %d took %s, less than %s", i, took, want)
		}
	}
	if all, writes := p.requests(); all != 3 || writes != 2 {
		t.Errorf("counted %d requests, %d of them writes", all, writes)
	}
}
