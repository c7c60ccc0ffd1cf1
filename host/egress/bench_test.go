package egress_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

var page = []byte(`{"data":[` + strings.Repeat(`{"id":"30511","email":"hanako@example.com"},`, 40) + `{}]}`)

func servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(page)
}

// BenchmarkDo is a request through the whole chain, BenchmarkPlain the same by
// net/http alone: the difference is what egress costs.
func BenchmarkDo(b *testing.B) {
	server, o := platform(b, servePage)
	o.Manifest.Auth = []abi.AuthScheme{{Name: "header", Type: abi.AuthHeader, Header: "Authorization", Value: "Bearer {token}"}}
	o.Secrets = map[string]string{"token": "a-token-of-some-length-0123456789"}
	o.Rate = abi.Limits{PerSecond: 1e6, Concurrency: 100, PerDay: 1e9}
	c := newClient(b, o)
	r := get(server.URL + "/api/v2/admin/customers/30511.json?include=billing_address")
	r.Headers = []abi.Header{{Name: "Accept", Value: "application/json"}}
	for b.Loop() {
		if response := c.Do(b.Context(), r); response.Err != nil || len(response.Body) != len(page) {
			b.Fatal(response.Err)
		}
	}
}

func BenchmarkPlain(b *testing.B) {
	server, _ := platform(b, servePage)
	transport := &http.Transport{MaxIdleConnsPerHost: 10}
	b.Cleanup(transport.CloseIdleConnections)
	for b.Loop() {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+"/api/v2/admin/customers/30511.json?include=billing_address", http.NoBody)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer a-token-of-some-length-0123456789")
		response, err := transport.RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		if body, err := io.ReadAll(response.Body); err != nil || len(body) != len(page) {
			b.Fatal(err)
		}
		_ = response.Body.Close()
	}
}
