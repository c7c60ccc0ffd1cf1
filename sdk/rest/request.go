package rest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/codec"
)

// Request is one request under construction. Its methods return it, so that
// they chain; the first mistake is kept and returned when it is sent. It is
// sent once.
type Request struct {
	client *Client
	wire   abi.Request
	err    error
}

// Query adds a query parameter; strings, numbers and booleans are taken as they are.
func (r *Request) Query(name string, value any) *Request {
	text, err := textOf(value)
	r.note(err)
	separator := byte('?')
	if strings.IndexByte(r.wire.URL, '?') >= 0 {
		separator = '&'
	}
	b := append([]byte(r.wire.URL), separator)
	b = append(appendEscaped(b, name), '=')
	r.wire.URL = string(appendEscaped(b, text))
	return r
}

// Header adds a header field. The credential is not among them: the host adds it.
func (r *Request) Header(name, value string) *Request {
	r.wire.Headers = append(r.wire.Headers, abi.Header{Name: name, Value: value})
	return r
}

// JSON makes v, encoded, the body.
func (r *Request) JSON(v any) *Request {
	body, err := codec.Marshal(v)
	if err != nil {
		r.note(fmt.Errorf("encoding the request body: %w", err))
	}
	return r.Body("application/json", body)
}

// Form makes values the body, the way a web form does: sorted by name. A
// url.Values will do.
func (r *Request) Form(values map[string][]string) *Request {
	var body []byte
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			if len(body) > 0 {
				body = append(body, '&')
			}
			body = append(appendEscaped(body, name), '=')
			body = appendEscaped(body, value)
		}
	}
	return r.Body("application/x-www-form-urlencoded", body)
}

// Body sets the body and its Content-Type.
func (r *Request) Body(contentType string, body []byte) *Request {
	r.wire.Body = body
	return r.Header("Content-Type", contentType)
}

// Anonymous has the request sent without the connection's credential.
func (r *Request) Anonymous() *Request {
	r.wire.Anonymous = true
	return r
}

// NoRedirect has a redirect answered instead of followed; [Response.Location] is
// then where it leads. It is for files that lie at a place which takes no
// credential, or another one: the connector fetches them by a request of its
// own, [Request.Anonymous] for one. That place must be among the connector's hosts, too.
func (r *Request) NoRedirect() *Request {
	r.wire.NoRedirect = true
	return r
}

// Safe says that sending the request twice does no harm although its method
// writes, as with a search by POST: an answer that never came is then
// Unavailable, not Unknown.
func (r *Request) Safe() *Request {
	r.wire.Safe = true
	return r
}

// Cost says how many points the request takes out of the connection's bucket;
// see abi.Limits.Points. Without it a request costs 1.
func (r *Request) Cost(points int64) *Request {
	r.wire.Cost = points
	return r
}

// Raw sends the request and returns whatever came back, of any status. The
// error says why nothing did.
func (r *Request) Raw() (*Response, error) {
	if r.err != nil {
		return nil, r.err
	}
	answer := r.client.Send(&r.wire)
	if answer.Err != nil {
		return nil, answer.Err
	}
	return &Response{Status: answer.Status, Headers: answer.Headers, Body: answer.Body, wrote: !r.wire.Repeatable()}, nil
}

// Send sends the request. An answer other than 2xx is an error, made by the
// connector's ReadError; so is a redirect, unless [Request.NoRedirect] asked for it.
func (r *Request) Send() (*Response, error) {
	answer, err := r.Raw()
	if err != nil {
		return nil, err
	}
	if answer.OK() || (r.wire.NoRedirect && answer.Location() != "") {
		return answer, nil
	}
	if r.client.ReadError != nil {
		if err := r.client.ReadError(answer); err != nil {
			return nil, err
		}
	}
	return nil, StatusError(answer)
}

// Into sends the request and decodes the answer into v, a pointer; see [Response.JSON].
func (r *Request) Into(v any) error {
	answer, err := r.Send()
	if err != nil {
		return err
	}
	return answer.JSON(v)
}

// note keeps the first mistake.
func (r *Request) note(err error) {
	if r.err == nil {
		r.err = err
	}
}

// textOf returns a scalar as text. Anything else is the connector's mistake:
// how a time or a list is written differs from platform to platform.
func textOf(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case fmt.Stringer:
		return v.String(), nil
	}
	return scalarText(value)
}
