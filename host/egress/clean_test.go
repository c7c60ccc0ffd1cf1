package egress_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

func TestHeadersThatSmuggleAreRefused(t *testing.T) {
	server, o := platform(t, func(http.ResponseWriter, *http.Request) { t.Error("the request went out") })
	c := newClient(t, o)
	for _, h := range []abi.Header{
		{Name: "Host", Value: "evil.example.com"},
		{Name: "host", Value: "evil.example.com"},
		{Name: "Content-Length", Value: "0"},
		{Name: "transfer-encoding", Value: "chunked"},
		{Name: "Connection", Value: "X-Drop"},
		{Name: "Upgrade", Value: "h2c"},
		{Name: "TE", Value: "trailers"},
		{Name: "Trailer", Value: "X"},
		{Name: "Expect", Value: "100-continue"},
		{Name: "Proxy-Authorization", Value: "x"},
		{Name: "X-A", Value: "b\r\nX-C: d"},
		{Name: "X-A", Value: "b\nX-C: d"},
		{Name: "X-A", Value: "b\x00"},
		{Name: "X-A\r\nX-B", Value: "c"},
		{Name: "X A", Value: "b"},
		{Name: "X-A:", Value: "b"},
		{Name: "", Value: "b"},
		{Name: "名前", Value: "b"},
	} {
		r := get(server.URL)
		r.Headers = []abi.Header{h}
		refuses(t, c, r, abi.Blocked, "header")
	}
}

func TestTooManyHeadersAreRefused(t *testing.T) {
	server, o := platform(t, func(http.ResponseWriter, *http.Request) { t.Error("the request went out") })
	r := get(server.URL)
	for i := range 101 {
		r.Headers = append(r.Headers, abi.Header{Name: "X-" + strconv.Itoa(i), Value: "v"})
	}
	refuses(t, newClient(t, o), r, abi.Blocked, "101 header fields")
	for i := range r.Headers {
		r.Headers[i].Name = "X"
	}
	refuses(t, newClient(t, o), r, abi.Blocked, "101 header fields")
}

func TestRepeatedHeadersKeepTheirOrder(t *testing.T) {
	server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Back"] = r.Header["X-Many"]
	})
	r := get(server.URL)
	r.Headers = []abi.Header{{Name: "x-many", Value: "b"}, {Name: "X-MANY", Value: "a"}}
	var got []string
	for _, h := range newClient(t, o).Do(t.Context(), r).Headers {
		if h.Name == "X-Back" {
			got = append(got, h.Value)
		}
	}
	if len(got) != 2 || got[0] != "b" || got[1] != "a" {
		t.Errorf("came back as %q", got)
	}
}
