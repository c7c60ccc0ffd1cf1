package sdktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// host answers what the connector asks for.
type host struct {
	connection *Connection
	requests   []abi.Request
	state      map[string][]byte
	learned    []abi.Allowance
	lines      []string
}

// HTTP sends a request to the connection's platform, if the manifest allows its address.
func (h *host) HTTP(r *abi.Request) *abi.Response {
	h.requests = append(h.requests, *r)
	request, err := http.NewRequest(r.Method, r.URL, bytes.NewReader(r.Body)) //nolint:noctx // a test's platform needs none
	if err != nil {
		return failed(abi.Invalid, fmt.Sprintf("building the request: %v", err))
	}
	if err := h.connection.blocked(request.URL); err != nil {
		return &abi.Response{Err: err}
	}
	for _, header := range r.Headers {
		request.Header.Add(header.Name, header.Value)
	}
	return h.send(request, r)
}

func (h *host) send(request *http.Request, r *abi.Request) *abi.Response {
	answer, err := h.connection.client(r, request.URL).Do(request)
	if fault, blocked := errors.AsType[*abi.Error](err); blocked {
		return &abi.Response{Err: fault}
	}
	if plain, ok := errors.AsType[*url.Error](err); ok { // it has the address, which may be the credential
		return failed(lost(r), fmt.Sprintf("sending: %v", plain.Err))
	}
	body, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return failed(lost(r), fmt.Sprintf("reading the answer: %v", err))
	}
	if to, err := answer.Location(); err == nil && r.NoRedirect {
		answer.Header.Set("Location", to.String())
	}
	response := &abi.Response{Status: answer.StatusCode, Body: body}
	for name, values := range answer.Header {
		for _, value := range values {
			response.Headers = append(response.Headers, abi.Header{Name: name, Value: value})
		}
	}
	return framed(response)
}

// lost returns the kind of a request whose answer never came.
func lost(r *abi.Request) abi.Kind {
	if r.Repeatable() {
		return abi.Unavailable
	}
	return abi.Unknown
}

func failed(kind abi.Kind, message string) *abi.Response {
	return &abi.Response{Err: &abi.Error{Kind: kind, Message: message}}
}

// framed sends the response through its frame, as the sandbox does.
func framed(r *abi.Response) *abi.Response {
	parsed, err := abi.ParseResponse(r.Append(nil))
	if err != nil {
		return failed(abi.Internal, fmt.Sprintf("framing the answer: %v", err))
	}
	return &parsed
}

// StateGet returns what is kept under key.
func (h *host) StateGet(key string) ([]byte, bool, error) {
	value, ok := h.state[key]
	return bytes.Clone(value), ok, nil
}

// StateSet keeps value under key.
func (h *host) StateSet(key string, value []byte) error {
	h.state[key] = bytes.Clone(value)
	return nil
}

// Learn keeps what the connector has learned.
func (h *host) Learn(allowance abi.Allowance) { h.learned = append(h.learned, allowance) }

// Log keeps the line.
func (h *host) Log(level abi.Level, line string) {
	h.lines = append(h.lines, level.String()+" "+line)
}

func (h *host) lastLine() string {
	if len(h.lines) == 0 {
		return ""
	}
	return h.lines[len(h.lines)-1]
}

// blocked is why the connection may not reach the address, nil if it may: the
// manifest's hosts, with the settings filled in, do not name it.
func (c *Connection) blocked(address *url.URL) *abi.Error {
	var settings map[string]any
	if err := json.Unmarshal(c.effective(), &settings); err != nil {
		c.t.Fatalf("settings: %v", err)
	}
	for _, host := range c.manifest.Hosts {
		for _, text := range origins(host, settings) {
			if origin, err := url.Parse(text); err == nil && sameOrigin(origin, address) {
				return nil
			}
		}
	}
	return &abi.Error{Kind: abi.Blocked, Message: fmt.Sprintf("%s://%s is not among the hosts of the manifest: name it in Hosts of the connector", address.Scheme, address.Host)}
}

// origins are those that a host of the manifest stands for: several if it is a setting that lists them.
func origins(host string, settings map[string]any) []string {
	if list, ok := settings[strings.Trim(host, "{}")].([]any); ok {
		return strings.Fields(strings.Trim(fmt.Sprint(list), "[]"))
	}
	for _, name := range abi.Placeholders(host) {
		host = strings.ReplaceAll(host, "{"+name+"}", fmt.Sprint(settings[name]))
	}
	return []string{host}
}

// handlerTransport is a platform in the same process.
type handlerTransport struct{ handler http.Handler }

// RoundTrip has the handler answer.
func (t handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	t.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}
