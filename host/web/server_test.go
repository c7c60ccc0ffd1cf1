package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

const (
	adminToken = "admin-token"
	hookToken  = "hook-token"
	hookSecret = "signing-secret"
)

func TestMain(m *testing.M) {
	// fasthttp keeps the date in a goroutine that it never ends, and ends the cleaners of its pools late.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"))
}

// intake is what deliveries go into.
type intake struct {
	mu        sync.Mutex
	delivered []host.Delivery
	answer    func(host.Delivery) (host.Receipt, error)
	// block is what a delivery waits for, or for the end of its context; nil is nothing.
	block chan struct{}
}

func (i *intake) Receive(ctx context.Context, d host.Delivery) (host.Receipt, error) {
	i.mu.Lock()
	i.delivered = append(i.delivered, d)
	answer := i.answer
	i.mu.Unlock()
	if i.block != nil {
		select {
		case <-i.block:
		case <-ctx.Done():
			return host.Receipt{}, ctx.Err()
		}
	}
	if answer == nil {
		return host.Receipt{Accepted: []string{"01E"}}, nil
	}
	return answer(d)
}

func (i *intake) all() []host.Delivery {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]host.Delivery(nil), i.delivered...)
}

// meter remembers outcomes.
type meter struct {
	mu       sync.Mutex
	outcomes []string
}

func (m *meter) Delivered(connection, outcome string, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.outcomes = append(m.outcomes, connection+" "+outcome)
}

func (m *meter) last() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.outcomes) == 0 {
		return ""
	}
	return m.outcomes[len(m.outcomes)-1]
}

// site is a server on a real socket with everything around it.
type site struct {
	*web.Server
	url    string
	intake *intake
	meter  *meter
	log    *strings.Builder
}

func start(t testing.TB, change ...func(*web.Options)) *site {
	t.Helper()
	s := &site{intake: &intake{}, meter: &meter{}, log: &strings.Builder{}}
	options := web.Options{
		Hooks: []web.Hook{
			{Connection: "shop", Token: hookToken, Webhook: abi.Webhook{MaxBody: 1000}},
			{
				Connection: "signed", Token: hookToken, Secrets: map[string]string{"secret": hookSecret},
				Webhook: abi.Webhook{Signatures: []abi.Signature{{Type: abi.SignatureHeader, Header: "X-Secret", Secret: "secret"}}},
			},
		},
		Intake: s.intake, Operator: &operator{}, AdminToken: adminToken, Meter: s.meter,
		Ready:   func(context.Context) error { return nil },
		Metrics: prometheus.NewRegistry(), Version: api.Version{Version: "v1"},
		Logger: slog.New(slog.NewTextHandler(s.log, nil)), Clock: time.Now,
	}
	for _, c := range change {
		c(&options)
	}
	server, err := web.New(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.Server, s.url = server, "http://"+server.Addr()
	t.Cleanup(func() { s.stop(t) })
	return s
}

func (s *site) stop(t testing.TB) {
	t.Helper()
	http.DefaultClient.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

// answer is a response read whole.
type answer struct {
	status  int
	headers http.Header
	body    string
}

func (s *site) send(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

func TestHealthAndReadinessAndMetrics(t *testing.T) {
	ready := errors.New("the store is full")
	s := start(t, func(o *web.Options) { o.Ready = func(context.Context) error { return ready } })
	if got := s.send(t, "GET", "/healthz", ""); got.status != 200 {
		t.Errorf("health is %d", got.status)
	}
	if got := s.send(t, "GET", "/readyz", ""); got.status != 503 || !strings.Contains(got.body, "the store is full") {
		t.Errorf("readiness is %d %s", got.status, got.body)
	}
	if got := s.send(t, "GET", "/metrics", ""); got.status != 200 {
		t.Errorf("metrics are %d", got.status)
	}
}

func TestShutdownBeforeListenAndTwice(t *testing.T) {
	server, err := web.New(web.Options{AdminToken: adminToken, Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := server.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	<-server.Done()
	if err := server.Listen(t.Context(), "127.0.0.1:0"); err == nil {
		t.Error("a server listens after its shutdown")
	}
}

func TestShutdownAtOnceAfterListen(t *testing.T) {
	server, err := web.New(web.Options{AdminToken: adminToken, Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	<-server.Done()
}

func TestShutdownLetsADeliveryFinish(t *testing.T) {
	s := start(t)
	entered, release := make(chan struct{}), make(chan struct{})
	s.intake.answer = func(host.Delivery) (host.Receipt, error) {
		close(entered)
		<-release
		return host.Receipt{Accepted: []string{"01E"}}, nil
	}
	status, stopped := make(chan int, 1), make(chan error, 1)
	go func() { status <- s.send(t, "POST", "/hooks/shop/"+hookToken, "x").status }()
	<-entered
	go func() { stopped <- s.Shutdown(context.WithoutCancel(t.Context())) }()
	close(release)
	if got := <-status; got != 200 {
		t.Errorf("the delivery under way got %d", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestListenOnATakenAddressSaysSo(t *testing.T) {
	s := start(t)
	other, err := web.New(web.Options{AdminToken: adminToken, Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Listen(t.Context(), s.Addr()); err == nil || !strings.Contains(err.Error(), s.Addr()) {
		t.Errorf("error is %v", err)
	}
}
