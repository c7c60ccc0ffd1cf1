package egress

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/musubi-run/musubi/sdk/abi"
)

// wire sends a request for real, bounds its answer, and tells apart a request
// that never left from one whose outcome nobody knows.
type wire struct {
	transport *http.Transport
	limits    Limits
}

const userAgent = "musubi"

func (w *wire) send(ctx context.Context, h *hop) *abi.Response {
	ctx, cancel := context.WithTimeout(ctx, w.limits.Timeout)
	defer cancel()
	var left atomic.Bool // the head of the request may have reached the platform
	trace := &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { left.Store(false) },
		WroteHeaders: func() { left.Store(true) },
	}
	answer, err := w.transport.RoundTrip(h.request(httptrace.WithClientTrace(ctx, trace)))
	if err != nil {
		return h.lost(err, left.Load())
	}
	defer answer.Body.Close()
	response, err := w.read(answer)
	if err != nil {
		return h.lost(err, true)
	}
	return response
}

func (h *hop) request(ctx context.Context) *http.Request {
	r := &http.Request{
		Method: h.method, URL: h.url, Host: h.url.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if h.header.Get("User-Agent") == "" {
		h.header.Set("User-Agent", userAgent)
	}
	r.Header = h.header
	if !h.safe {
		r.Header = sentOnce(h.header)
	}
	if len(h.body) > 0 {
		r.ContentLength = int64(len(h.body))
		r.Body = h.reader()
		r.GetBody = func() (io.ReadCloser, error) { return h.reader(), nil }
	}
	return r.WithContext(ctx)
}

// replayable are the fields for which net/http repeats a request by itself when
// a connection closes under it, as if every platform knew what they mean.
var replayable = []string{"Idempotency-Key", "X-Idempotency-Key"}

// sentOnce gives the fields of a write such that net/http does not repeat it:
// it knows replayable by one spelling, a platform by any.
func sentOnce(header http.Header) http.Header {
	for _, name := range replayable {
		if values, ok := header[name]; ok {
			header = header.Clone()
			delete(header, name)
			header[strings.ToLower(name)] = values
		}
	}
	return header
}

func (h *hop) reader() io.ReadCloser { return io.NopCloser(bytes.NewReader(h.body)) }

// limitError is an answer that is larger than the connection allows.
type limitError struct{ setting, message string }

func (e *limitError) Error() string {
	return e.message + "; the connection's setting limits." + e.setting + " raises it"
}

func (w *wire) read(answer *http.Response) (*abi.Response, error) {
	headers, err := w.readHeaders(answer.Header)
	if err != nil {
		return nil, err
	}
	body, err := readBody(answer, w.limits.ResponseBytes)
	return &abi.Response{Status: answer.StatusCode, Headers: headers, Body: body}, err
}

// readHeaders lists the fields by name, each with its values in their order.
func (w *wire) readHeaders(fields http.Header) ([]abi.Header, error) {
	headers := make([]abi.Header, 0, len(fields))
	size := 0
	for name, values := range fields {
		for _, value := range values {
			headers = append(headers, abi.Header{Name: name, Value: value})
			size += len(name) + len(value)
		}
	}
	if n := len(headers); n > w.limits.HeaderCount {
		return nil, &limitError{"header_count", fmt.Sprintf("the answer has %d header fields and may have %d", n, w.limits.HeaderCount)}
	}
	if size > w.limits.HeaderBytes {
		return nil, &limitError{"header_bytes", fmt.Sprintf("the answer has %d bytes of header fields and may have %d", size, w.limits.HeaderBytes)}
	}
	slices.SortStableFunc(headers, func(a, b abi.Header) int { return strings.Compare(a.Name, b.Name) })
	return headers, nil
}

func readBody(answer *http.Response, limit int) ([]byte, error) {
	var buf bytes.Buffer
	if n := answer.ContentLength; n > 0 && n <= int64(limit) {
		buf.Grow(int(n) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(io.LimitReader(answer.Body, int64(limit)+1)); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if buf.Len() > limit {
		return nil, &limitError{"response_bytes", fmt.Sprintf("the answer has more than %d bytes", limit)}
	}
	return buf.Bytes(), nil
}

// lost is the response to a request that got no whole answer.
func (h *hop) lost(err error, left bool) *abi.Response {
	if over, ok := errors.AsType[*limitError](err); ok {
		response := failed(abi.Limit, "%s", over)
		response.Err.Code = over.setting
		return response
	}
	where := "request to " + h.url.Host
	switch {
	case errors.Is(err, errPrivate):
		return failed(abi.Blocked, "%s: %s", where, errPrivate)
	case !left:
		return failed(abi.Unavailable, "%s was not sent: %s", where, plain(err))
	case h.safe:
		return failed(abi.Unavailable, "%s got no answer: %s", where, plain(err))
	default:
		return failed(abi.Unknown, "%s got no answer and may have been carried out: %s", where, plain(err))
	}
}

// plain returns an error's text without the address, which may hold a credential.
func plain(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "it took too long"
	}
	if errors.Is(err, context.Canceled) {
		return "the call was cancelled"
	}
	return err.Error()
}
