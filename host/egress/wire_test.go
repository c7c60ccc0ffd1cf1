package egress_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/sdk/abi"
)

// hijack answers with raw bytes and closes the connection.
func hijack(t *testing.T, raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, raw)
		_ = conn.Close()
	}
}

func TestNoAnswerIsUnknownOnlyForWrites(t *testing.T) {
	const cut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half"
	for name, handler := range map[string]http.HandlerFunc{
		"closed": hijack(t, ""), "cut body": hijack(t, cut), "garbage": hijack(t, "hello\r\n\r\n"),
		"hangs": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, o := platform(t, handler)
			o.Limits.Timeout = 100 * time.Millisecond
			c := newClient(t, o)
			refuses(t, c, get(server.URL), abi.Unavailable, "got no answer")
			refuses(t, c, post(server.URL, "{}"), abi.Unknown, "may have been carried out")
			refuses(t, c, &abi.Request{Method: "DELETE", URL: server.URL}, abi.Unknown, "")
			search := post(server.URL, "{}")
			search.Safe = true
			refuses(t, c, search, abi.Unavailable, "got no answer")
		})
	}
}

// TestAWriteIsSentOnce closes a kept connection on a write that was read whole.
func TestAWriteIsSentOnce(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		for _, name := range []string{"X-Other", "Idempotency-Key", "x-idempotency-key"} {
			t.Run(method+" "+name, func(t *testing.T) {
				var writes atomic.Int32
				closes := hijack(t, "")
				server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					if r.Method != method {
						return
					}
					if got := r.Header[http.CanonicalHeaderKey(name)]; len(got) != 1 || got[0] != "k" {
						t.Errorf("the field arrived as %q", got)
					}
					writes.Add(1)
					closes(w, r)
				})
				c := newClient(t, o)
				answers(t, c, get(server.URL), http.StatusOK)
				write := post(server.URL, "{}")
				write.Method, write.Headers = method, append(write.Headers, abi.Header{Name: name, Value: "k"})
				if method == http.MethodDelete {
					write.Body = nil
				}
				refuses(t, c, write, abi.Unknown, "may have been carried out")
				if n := writes.Load(); n != 1 {
					t.Errorf("the platform was sent %d writes", n)
				}
			})
		}
	}
}

func TestWhatNeverLeftIsUnavailable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, o := platform(t, nil)
	o.Settings = []byte(`{"base_url":"` + address + `"}`)
	refuses(t, newClient(t, o), post(address, "{}"), abi.Unavailable, "was not sent")

	server, o := platform(t, func(http.ResponseWriter, *http.Request) {})
	secure := strings.Replace(server.URL, "http:", "https:", 1)
	o.Settings = []byte(`{"base_url":"` + secure + `"}`)
	refuses(t, newClient(t, o), post(secure, "{}"), abi.Unavailable, "was not sent")
}

func TestCancelledRequestTellsWhatIsKnown(t *testing.T) {
	arrived := make(chan struct{})
	server, o := platform(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	c := newClient(t, o)
	if response := c.Do(ctx, post(server.URL, "{}")); response.Err == nil || response.Err.Kind != abi.Unknown {
		t.Errorf("cancelled under way: %+v", response.Err)
	}
	if response := c.Do(ctx, post(server.URL, "{}")); response.Err == nil || response.Err.Kind != abi.Unavailable {
		t.Errorf("cancelled before: %+v", response.Err)
	}
}

func TestAnswerLimitsHaveNames(t *testing.T) {
	many := func(w http.ResponseWriter, _ *http.Request) {
		for i := range 50 {
			w.Header().Set("X-"+strconv.Itoa(i), strings.Repeat("v", 100))
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		limits  egress.Limits
		setting string
	}{
		"declared length": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2000)) }, egress.Limits{ResponseBytes: 1000}, "response_bytes"},
		"bomb":            {bomb, egress.Limits{ResponseBytes: 1 << 20}, "response_bytes"},
		"endless":         {endless, egress.Limits{ResponseBytes: 1 << 20}, "response_bytes"},
		"header count":    {many, egress.Limits{HeaderCount: 40}, "header_count"},
		"header bytes":    {many, egress.Limits{HeaderBytes: 4000}, "header_bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			server, o := platform(t, c.handler)
			o.Limits = c.limits
			if err := refuses(t, newClient(t, o), get(server.URL), abi.Limit, "limits."+c.setting); err.Code != c.setting {
				t.Errorf("code %q", err.Code)
			}
		})
	}
}

// bomb sends a gzip of a gigabyte of zeros, or as much as is taken.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	zip := gzip.NewWriter(w)
	for range 1 << 10 {
		if _, err := zip.Write(make([]byte, 1<<20)); err != nil {
			return
		}
	}
}

func endless(w http.ResponseWriter, _ *http.Request) {
	for {
		if _, err := w.Write(make([]byte, 1<<16)); err != nil {
			return
		}
	}
}

func TestEndlessHeadersAreCut(t *testing.T) {
	server, o := platform(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		out := bufio.NewWriter(conn)
		_, _ = out.WriteString("HTTP/1.1 200 OK\r\n")
		for err == nil {
			_, err = out.WriteString("X-More: " + strings.Repeat("x", 1000) + "\r\n")
		}
	})
	refuses(t, newClient(t, o), get(server.URL), abi.Unavailable, "")
}

func TestSlowBodyIsCut(t *testing.T) {
	server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	o.Limits.Timeout = 50 * time.Millisecond
	refuses(t, newClient(t, o), get(server.URL), abi.Unavailable, "too long")
}

func TestGzipIsReadForThePlugin(t *testing.T) {
	server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("asked for encoding %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		_, _ = zip.Write([]byte(`{"a":1}`))
		_ = zip.Close()
	})
	r := get(server.URL)
	r.Headers = []abi.Header{{Name: "Accept-Encoding", Value: "br"}}
	if got := answers(t, newClient(t, o), r, http.StatusOK); got != `{"a":1}` {
		t.Errorf("got %q", got)
	}
}
