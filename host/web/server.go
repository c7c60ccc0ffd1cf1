// Package web is the host's HTTP face: webhook intake, health, metrics and the
// admin API. It is the only package that knows Fiber, whose buffers live as
// long as a handler: whatever is kept longer is copied there.
package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

// Intake takes deliveries. When Receive returns without an error, what the
// delivery announced has reached the disk. RateLimited and Unavailable ask the
// platform to come again.
type Intake interface {
	Receive(ctx context.Context, d host.Delivery) (host.Receipt, error)
}

// Meter counts what became of deliveries: outcome is one of the Outcome
// constants, connection is empty where the delivery named none that there is.
type Meter interface {
	Delivered(connection, outcome string, took time.Duration)
}

// Options is what a server is made of.
type Options struct {
	// Hooks are the connections that may be delivered to.
	Hooks    []Hook
	Intake   Intake
	Operator Operator
	// Members answers and acts for people who look after members; nil for a host without.
	Members Members
	// FormList are the web forms that members may send, Forms keeps what they sent.
	FormList []Form
	Forms    FormTaker
	// AdminToken guards the admin API; an empty one is refused.
	AdminToken string
	// Ready says why the host cannot work just now; nil means that it can.
	Ready func(ctx context.Context) error
	// Metrics is what /metrics shows.
	Metrics prometheus.Gatherer
	Meter   Meter
	Version api.Version
	Logger  *slog.Logger
	Clock   func() time.Time
	// MaxDeliveries is how many deliveries to one connection are under way at
	// once; more are refused, so that neither memory nor other connections
	// suffer. 0 means 512.
	MaxDeliveries int
	// DeliveryTime is how long a delivery may take to become durable before the
	// platform is asked to come again; 0 means 20 seconds.
	DeliveryTime time.Duration
}

const (
	// maxConnections bounds open connections; how much of a body is read of each, see readLimit.
	maxConnections = 4096
	// readBuffer bounds a request's head; some platforms send long signatures and cookies.
	readBuffer   = 16 << 10
	readTimeout  = 30 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
	// adminMaxBody bounds what the admin API reads.
	adminMaxBody = 1 << 20

	hookRoute = hookPrefix + ":connection/:token"
)

// Server serves one host. It may be shut down before it listens, and twice.
type Server struct {
	app     *fiber.App
	hooks   map[string]*hook
	forming map[string]*form
	options Options
	// adminToken is replaced when it changes.
	adminToken atomic.Pointer[[]byte]
	refusals   *rate.Limiter
	// base is the context of every request; cut ends it when a shutdown's deadline is over.
	base context.Context //nolint:containedctx // requests outlive Listen's caller
	cut  context.CancelFunc

	// streams are the answers that are still being produced.
	streams sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener
	stopped  bool
	done     chan struct{}
	failure  error
}

// New makes a server ready to listen. An error of kind abi.Config means that a
// connection's signature cannot be checked as configured.
func New(o Options) (*Server, error) {
	if o.AdminToken == "" {
		return nil, errors.New("making the web server: the admin token is empty")
	}
	s := &Server{
		options: o, hooks: map[string]*hook{}, forming: map[string]*form{}, done: make(chan struct{}),
		refusals: rate.NewLimiter(refusalsPerSecond, refusalsPerSecond),
	}
	s.SetAdminToken(o.AdminToken)
	for _, h := range o.Hooks {
		ready, err := newHook(h)
		if err != nil {
			return nil, err
		}
		ready.room = make(chan struct{}, cmp.Or(o.MaxDeliveries, maxDeliveries))
		s.hooks[h.Connection] = ready
	}
	for _, f := range o.FormList {
		s.forming[f.Name] = newForm(f)
	}
	s.base, s.cut = context.WithCancel(context.Background())
	s.app = fiber.New(fiber.Config{
		Concurrency: maxConnections, ReadBufferSize: readBuffer,
		ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		DisableStartupMessage: true, CaseSensitive: true, StrictRouting: true,
		ErrorHandler: s.answerError, DisablePreParseMultipartForm: true, // why: RATIONALE.md
	})
	s.app.Server().HeaderReceived = s.readLimit
	s.route()
	return s, nil
}

func (s *Server) route() {
	s.app.Use(recover.New()) // a fault in one request is that request's, and is logged as an error
	for _, method := range []string{fiber.MethodPost, fiber.MethodGet} {
		s.app.Add(method, hookRoute, s.receive) // Get would take HEAD for a delivery too
	}
	s.forms()
	s.app.Get("/healthz", s.health)
	s.app.Get("/readyz", s.ready)
	s.app.Get("/metrics", s.metrics())
	s.admin(s.app.Group(api.Prefix, s.authorize))
	s.app.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
}

// Listen opens the address and serves it until Shutdown. It returns as soon as
// requests are taken; port 0 picks a free one, see Addr.
func (s *Server) Listen(ctx context.Context, addr string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return errors.New("listening: the server was shut down")
	}
	if s.listener != nil {
		return errors.New("listening: the server listens already")
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", addr, err)
	}
	s.listener = listener
	go s.serve(listener)
	return nil
}

func (s *Server) serve(listener net.Listener) {
	defer close(s.done)
	if err := s.app.Listener(listener); err != nil && !errors.Is(err, net.ErrClosed) {
		s.failure = fmt.Errorf("serving %s: %w", listener.Addr(), err)
	}
}

// Addr is the address that is listened on, or "" before Listen.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Done is closed when serving has ended, by Shutdown or by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Shutdown takes no more requests and waits for those under way until ctx
// ends; then it cancels them. It returns why serving ended, if that was not
// the shutdown.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.streams.Wait()
	defer s.cut()
	if s.stopped {
		return s.outcome()
	}
	s.stopped = true
	if s.listener == nil {
		close(s.done)
		return nil
	}
	err := s.app.ShutdownWithContext(ctx)
	if err == nil || errors.Is(err, net.ErrClosed) {
		err = s.listener.Close() // Serve may not have taken it over yet
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("shutting down: %w", err)
	}
	<-s.done
	return s.failure
}

// outcome is why serving ended by itself, if it has.
func (s *Server) outcome() error {
	select {
	case <-s.done:
		return s.failure
	default:
		return nil
	}
}
