package hosttest_test

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/host/hosttest"
)

// front stands before a sim: it sees where requests come from and may change
// what is answered.
type front struct {
	*httptest.Server

	mu     sync.Mutex
	sim    *url.URL
	from   map[string]int // requests by address
	change func(*http.Response) error
}

func newFront(t *testing.T) *front {
	t.Helper()
	f := &front{from: map[string]int{}}
	forward := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(f.behind()) },
		ModifyResponse: f.modify,
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.count(r.RemoteAddr)
		forward.ServeHTTP(w, r)
	}))
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(f.Close)
	return f
}

// host starts a host whose one connection, crm, reaches its sim only through
// the front.
func (f *front) host(t *testing.T, c hosttest.Connection, change func(*hosttest.Options)) *hosttest.Host {
	t.Helper()
	if f.URL == "" {
		f.Start()
	}
	c.Connector, c.Quiet = "salesforce", true
	if c.Settings == nil {
		c.Settings = map[string]any{}
	}
	c.Settings["base_url"] = f.URL
	o := hosttest.Options{Rules: map[string]string{"thank.yaml": thank}, Connections: map[string]hosttest.Connection{"crm": c}}
	if change != nil {
		change(&o)
	}
	h := hosttest.Start(t, o)
	address, err := url.Parse(h.Sims["crm"].URL)
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sim = address
	return h
}

// authority writes the certificate of a front that speaks TLS to a file.
func (f *front) authority(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "authority.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (f *front) behind() *url.URL {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sim
}

func (f *front) count(remote string) {
	address, _, _ := net.SplitHostPort(remote) //nolint:errcheck // the server gives nothing else
	f.mu.Lock()
	defer f.mu.Unlock()
	f.from[address]++
}

func (f *front) modify(r *http.Response) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.change == nil {
		return nil
	}
	return f.change(r)
}

// carries checks that a run reaches the platform through the front.
func (f *front) carries(t *testing.T, h *hosttest.Host) {
	t.Helper()
	announce(t, h, "crm", 1)
	h.Settled(1)
	wantLeads(t, h, 1)
}

// onlyFrom checks that requests came from these addresses and no other.
func (f *front) onlyFrom(t *testing.T, addresses ...string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if got := slices.Sorted(maps.Keys(f.from)); !slices.Equal(got, addresses) {
		t.Errorf("requests came from %v, want %v", got, addresses)
	}
}

// tunnel is a proxy that asks for a password and sends from an address of its own.
type tunnel struct {
	*httptest.Server

	dialer  net.Dialer
	login   string // what Proxy-Authorization must be
	tunnels sync.WaitGroup
}

func newTunnel(t *testing.T, login, source string) *tunnel {
	t.Helper()
	p := &tunnel{login: login, dialer: net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(func() {
		p.CloseClientConnections()
		p.Close()
		p.tunnels.Wait()
	})
	return p
}

// ServeHTTP carries one connection of CONNECT.
func (p *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect || r.Header.Get("Proxy-Authorization") != p.login {
		http.Error(w, "who are you?", http.StatusProxyAuthRequired)
		return
	}
	far, err := p.dialer.DialContext(r.Context(), "tcp", r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	near, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		far.Close()
		return
	}
	p.pipe(near, far)
	p.pipe(far, near)
}

func (p *tunnel) pipe(from, to net.Conn) {
	p.tunnels.Go(func() {
		_, _ = io.Copy(to, from) //nolint:errcheck // either side may hang up
		from.Close()
		to.Close()
	})
}

// needAddress skips the test on a machine whose loopback has one address only.
func needAddress(t *testing.T, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Skipf("the machine does not have the address %s", address)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
}

// speakTLS has the front speak TLS with a certificate that nobody knows.
func (f *front) speakTLS() *front {
	f.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	f.StartTLS()
	return f
}
