package egress

import (
	"context"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// instant is a platform that answers at once.
type instant struct{ response abi.Response }

func (i *instant) send(context.Context, *hop) *abi.Response {
	r := i.response
	return &r
}

// BenchmarkChain is the chain without a network: what egress computes.
func BenchmarkChain(b *testing.B) {
	c, err := NewClient(Options{
		Connection: "shop",
		Manifest: &abi.Manifest{Hosts: []string{"{base_url}"}, Auth: []abi.AuthScheme{
			{Name: "header", Type: abi.AuthHeader, Header: "Authorization", Value: "Bearer {token}"},
		}},
		Settings: []byte(`{"base_url":"https://shop.example.com"}`),
		Secrets:  map[string]string{"token": "a-token-of-some-length-0123456789"},
		Rate:     abi.Limits{PerSecond: 1e6, Concurrency: 100, PerDay: 1e9},
		Clock:    time.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	answer := abi.Response{Status: 200, Body: make([]byte, 10<<10)}
	for range 12 {
		answer.Headers = append(answer.Headers, abi.Header{Name: "X-Some-Header", Value: "with a value of usual length"})
	}
	replaceWire(c, &instant{answer})
	r := &abi.Request{Method: "GET", URL: "https://shop.example.com/api/v2/admin/customers/30511.json", Headers: []abi.Header{{Name: "Accept", Value: "application/json"}}}
	for b.Loop() {
		if response := c.Do(b.Context(), r); response.Err != nil {
			b.Fatal(response.Err)
		}
	}
}

// replaceWire puts next where the network was.
func replaceWire(c *Client, next sender) {
	link := c.first.(*redacted).next.(*redirected).next.(*allowed).next.(*clean).next.(*limited).next.(*signed)
	link.next = next
}
