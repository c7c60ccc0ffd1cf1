package simkit

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// maxBody is the largest request that a sim takes, in bytes.
const maxBody = 64 << 20

const faultPage = `<!DOCTYPE html>
<html><head><title>503 Service Temporarily Unavailable</title></head>
<body><h1>Service Temporarily Unavailable</h1><p>Reference #18.5f2d1602</p></body></html>
`

// exchange is one request and its answer, which stays in memory until the
// handler is done: so a fault can take it away, and the journal can keep it.
// Exchanges are pooled.
type exchange struct {
	writer  http.ResponseWriter
	request []byte
	body    bytes.Buffer // of the request
	reader  bytes.Reader
	status  int
	answer  bytes.Buffer
	effect  string
}

func (x *exchange) open(w http.ResponseWriter, r *http.Request) error {
	x.writer, x.status, x.effect = w, 0, ""
	x.body.Reset()
	x.answer.Reset()
	if r.ContentLength != 0 {
		if _, err := x.body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
			return err
		}
	}
	x.request = x.body.Bytes()
	x.reader.Reset(x.request)
	r.Body = io.NopCloser(&x.reader)
	return nil
}

// Header returns the answer's header.
func (x *exchange) Header() http.Header { return x.writer.Header() }

// WriteHeader sets the status; the first call wins.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status = status
	}
}

// Write adds to the answer's body. It never fails.
func (x *exchange) Write(p []byte) (int, error) {
	x.WriteHeader(http.StatusOK)
	return x.answer.Write(p)
}

func (x *exchange) noteEffect(what string) {
	if x.effect != "" {
		x.effect += "; "
	}
	x.effect += what
}

// replace puts the fault's answer in the place of the platform's.
func (x *exchange) replace(f *Fault) {
	header := x.writer.Header()
	clear(header)
	x.answer.Reset()
	x.status = f.Status
	if f.Kind == FaultHTML {
		header.Set("Content-Type", "text/html; charset=utf-8")
		x.answer.WriteString(faultPage)
		if x.status == 0 {
			x.status = http.StatusServiceUnavailable
		}
	}
	if f.Body != "" {
		x.answer.Reset()
		x.answer.WriteString(f.Body)
	}
	for name, value := range f.Headers {
		header.Set(name, value)
	}
}

// send writes the answer out. half stops it in the middle of the body.
func (x *exchange) send(half bool) error {
	body := x.answer.Bytes()
	status := max(x.status, http.StatusOK)
	if status != http.StatusNoContent && status != http.StatusNotModified {
		x.writer.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.writer.WriteHeader(status)
	if half {
		body = body[:len(body)/2]
	}
	_, err := x.writer.Write(body)
	if errors.Is(err, http.ErrBodyNotAllowed) {
		return nil
	}
	return err
}

// reset resets the connection, so that the client sees ECONNRESET and no tidy end.
func (x *exchange) reset() {
	conn, _, err := http.NewResponseController(x.writer).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) //nolint:errcheck // without it the client sees EOF, which is a broken connection too
	}
	_ = conn.Close() //nolint:errcheck // the point is to break it
}

// pause waits for d or until the client is gone, and says whether it is still there.
func pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
