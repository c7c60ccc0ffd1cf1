package simkit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Server is a sim that runs.
type Server struct {
	// URL is where it listens, without a trailing slash.
	URL string

	clock    *Clock
	hooks    *Hooks
	platform *Platform
	control  http.Handler
	journal  journal
	faults   faults
	pool     sync.Pool
	http     *http.Server
	// served is closed when serving has ended, with failure as the reason.
	served  chan struct{}
	failure error
	once    sync.Once
}

// Start opens the program's platform and serves it on addr, "host:port"; port 0
// takes a free one. Close ends it.
func Start(p Program, addr string, seed int64) (*Server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("sim %s: %w", p.Name, err)
	}
	s := &Server{
		URL:    "http://" + listener.Addr().String(),
		clock:  NewClock(p.Now),
		hooks:  newHooks(),
		served: make(chan struct{}),
	}
	s.pool.New = func() any { return new(exchange) }
	s.platform, err = p.Open(&Env{URL: s.URL, Seed: seed, Clock: s.clock, Real: p.Now, Hooks: s.hooks})
	if err != nil {
		s.hooks.close()
		return nil, errors.Join(fmt.Errorf("opening sim %s: %w", p.Name, err), listener.Close())
	}
	s.control = newControl(s)
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 30 * time.Second}
	go func() {
		defer close(s.served)
		s.failure = s.http.Serve(listener)
	}()
	return s, nil
}

// Close ends the sim: connections are closed, webhooks not sent yet given up.
// It may be called twice.
func (s *Server) Close() {
	s.once.Do(func() {
		_ = s.http.Close() //nolint:errcheck // only the listener's error, and it is going away
		<-s.served
		s.hooks.close()
	})
}

// Clock returns the platform's clock.
func (s *Server) Clock() *Clock { return s.clock }

// ServeHTTP serves the platform and, under /_sim/, the controls.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_sim/") {
		s.control.ServeHTTP(w, r)
		return
	}
	x, ok := s.pool.Get().(*exchange)
	if !ok {
		x = new(exchange)
	}
	defer s.pool.Put(x)
	if err := x.open(w, r); err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	s.exchange(x, r)
}

// exchange lets the request take effect, journals it and sends the answer,
// unless a fault has other plans. The journal has the entry before the client
// has the answer.
func (s *Server) exchange(x *exchange, r *http.Request) {
	f := s.faults.take(r.Method, r.URL.Path, x.request)
	if f == nil {
		s.platform.Handler.ServeHTTP(x, r)
		s.journal.add(s.clock.Now(), r, x, "")
		_ = x.send(false) //nolint:errcheck // a client that is gone needs no answer
		return
	}
	slow := time.Duration(f.DelayMS) * time.Millisecond
	if !f.AfterEffect && !pause(r, slow) {
		return
	}
	if f.reaches() {
		s.platform.Handler.ServeHTTP(x, r)
	}
	if f.Kind == FaultStatus || f.Kind == FaultHTML {
		x.replace(f)
	}
	s.journal.add(s.clock.Now(), r, x, f.Kind)
	if f.AfterEffect && !pause(r, slow) {
		return
	}
	s.fail(x, r, f)
}

// fail sends what the fault leaves of the answer.
func (s *Server) fail(x *exchange, r *http.Request, f *Fault) {
	switch f.Kind {
	case FaultReset:
		x.reset()
	case FaultHang:
		<-r.Context().Done()
	case FaultCut:
		_ = x.send(true)                                 //nolint:errcheck // about to be broken anyway
		_ = http.NewResponseController(x.writer).Flush() //nolint:errcheck // about to be broken anyway
		x.reset()
	default:
		_ = x.send(false) //nolint:errcheck // a client that is gone needs no answer
	}
}

// run serves until ctx ends or the server fails.
func (s *Server) run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.served:
		return s.failure
	}
}
