package egress_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/sdk/abi"
)

// platform is a server on loopback and a manifest that reaches it.
func platform(t testing.TB, handler http.HandlerFunc) (*httptest.Server, egress.Options) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	settings, err := json.Marshal(map[string]string{"base_url": server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return server, egress.Options{
		Connection:   "shop",
		Manifest:     &abi.Manifest{ID: "probe", Hosts: []string{"{base_url}"}},
		Settings:     settings,
		AllowPrivate: true,
		Clock:        time.Now,
	}
}

func newClient(t testing.TB, o egress.Options) *egress.Client {
	t.Helper()
	c, err := egress.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

func get(address string) *abi.Request { return &abi.Request{Method: http.MethodGet, URL: address} }

func post(address, body string) *abi.Request {
	return &abi.Request{Method: http.MethodPost, URL: address, Body: []byte(body)}
}

// answers sends a request that must get that status, and returns the body.
func answers(t *testing.T, c *egress.Client, r *abi.Request, status int) string {
	t.Helper()
	response := c.Do(t.Context(), r)
	if response.Err != nil {
		t.Fatalf("%s %s: %s %s", r.Method, r.URL, response.Err.Kind, response.Err)
	}
	if response.Status != status {
		t.Fatalf("%s %s: status %d, want %d", r.Method, r.URL, response.Status, status)
	}
	return string(response.Body)
}

// refuses sends a request that must get no answer, for that reason.
func refuses(t *testing.T, c *egress.Client, r *abi.Request, kind abi.Kind, text string) *abi.Error {
	t.Helper()
	response := c.Do(t.Context(), r)
	if response.Err == nil {
		t.Fatalf("%s %s: status %d, want an error of kind %s", r.Method, r.URL, response.Status, kind)
	}
	if response.Err.Kind != kind || !strings.Contains(response.Err.Message, text) {
		t.Fatalf("%s %s: %s %q, want %s with %q", r.Method, r.URL, response.Err.Kind, response.Err, kind, text)
	}
	return response.Err
}

func TestRequestArrivesAsItWasAsked(t *testing.T) {
	server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Method+" "+r.URL.String()+" "+r.Header.Get("X-Own")+" "+r.Header.Get("User-Agent"))
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(body)
	})
	r := post(server.URL+"/a/b?c=d%20e", `{"x":1}`)
	r.Headers = []abi.Header{{Name: "x-own", Value: "yes"}}
	response := newClient(t, o).Do(t.Context(), r)
	if response.Err != nil || response.Status != http.StatusCreated || string(response.Body) != `{"x":1}` {
		t.Fatalf("got %+v", response)
	}
	if got := abi.HeaderValue(response.Headers, "X-Seen"); got != "POST /a/b?c=d%20e yes musubi" {
		t.Errorf("the platform saw %q", got)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context { opened.Add(1); return ctx }
	server.Start()
	t.Cleanup(server.Close)
	_, o := platform(t, nil)
	o.Settings = []byte(`{"base_url":"` + server.URL + `"}`)
	c := newClient(t, o)
	for range 5 {
		answers(t, c, get(server.URL), http.StatusOK)
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("5 requests opened %d connections", n)
	}
}
