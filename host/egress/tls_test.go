package egress_test

import (
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/sdk/abi"
)

// secure is a platform that speaks TLS and HTTP/2, and counts its connections.
func secure(t *testing.T, handler http.HandlerFunc) (*httptest.Server, egress.Options) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, o := platform(t, nil)
	o.Settings = []byte(`{"base_url":"` + server.URL + `"}`)
	o.Route.Roots = x509.NewCertPool()
	o.Route.Roots.AddCert(server.Certificate())
	return server, o
}

func TestHTTP2IsSpokenWhereThePlatformDoes(t *testing.T) {
	var protocol, addresses sync.Map
	var count atomic.Int32
	server, o := secure(t, func(_ http.ResponseWriter, r *http.Request) {
		protocol.Store(r.Proto, true)
		if _, known := addresses.LoadOrStore(r.RemoteAddr, true); !known {
			count.Add(1)
		}
	})
	c := newClient(t, o)
	answers(t, c, post(server.URL, "{}"), http.StatusOK)
	var calls sync.WaitGroup
	for range 20 {
		calls.Go(func() { answers(t, c, post(server.URL, "{}"), http.StatusOK) })
	}
	calls.Wait()
	if _, ok := protocol.Load("HTTP/2.0"); !ok || count.Load() != 1 {
		t.Errorf("21 requests took %d connections; HTTP/2: %v", count.Load(), ok)
	}
}

func TestCertificatesAreAlwaysVerified(t *testing.T) {
	server, o := secure(t, func(http.ResponseWriter, *http.Request) { t.Error("the request went out") })
	o.Route.Roots = nil
	refuses(t, newClient(t, o), post(server.URL, "{}"), abi.Unavailable, "certificate")

	server, o = secure(t, func(http.ResponseWriter, *http.Request) { t.Error("the request went out") })
	address, o := named(t, server.URL, o, addrs("127.0.0.1"))
	address = strings.Replace(strings.Replace(address, "http:", "https:", 1), "shop.example.com", "shop.example.org", 1)
	o.Settings = []byte(`{"base_url":"` + address + `"}`)
	refuses(t, newClient(t, o), post(address, "{}"), abi.Unavailable, "not shop.example.org")
}

func TestHTTP2WithoutAnAnswerIsUnknownForWrites(t *testing.T) {
	server, o := secure(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	c := newClient(t, o)
	refuses(t, c, get(server.URL), abi.Unavailable, "got no answer")
	refuses(t, c, post(server.URL, "{}"), abi.Unknown, "may have been carried out")
}
