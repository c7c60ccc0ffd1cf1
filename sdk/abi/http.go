package abi

import (
	"strings"

	"github.com/musubi-run/musubi/sdk/internal/codec"
)

// Request is an HTTP request that a plugin asks the host to send. The host
// checks the address against the manifest and adds the credential.
type Request struct {
	Method  string
	URL     string // absolute
	Headers []Header
	Body    []byte
	// Anonymous asks the host to add no credential.
	Anonymous bool
	// Safe says that sending it twice does no harm although the method is not
	// a safe one (a search by POST): no answer is then Unavailable, not Unknown.
	Safe bool
	// Cost is what the request takes out of the connection's bucket of points
	// (Limits.Points); 0 means 1.
	Cost int64
	// NoRedirect asks for a redirect as it is, instead of what it leads to, with
	// the Location made absolute: the place takes no credential, or another one.
	NoRedirect bool
}

// Repeatable says whether sending it twice does no harm: it only reads, or says that it is Safe.
func (r *Request) Repeatable() bool {
	switch strings.ToUpper(r.Method) {
	case "GET", "HEAD", "OPTIONS": // net/http, which names them, is too big for a plugin
		return true
	default:
		return r.Safe
	}
}

const (
	reqMethod byte = iota + 1
	reqURL
	reqHeader
	reqBody
	reqAnonymous
	reqSafe
	reqCost
	reqNoRedirect
)

// Append appends the request's frame to buf.
func (r *Request) Append(buf []byte) []byte {
	buf = appendSection(buf, reqMethod, r.Method)
	buf = appendSection(buf, reqURL, r.URL)
	buf = appendHeaders(buf, reqHeader, r.Headers)
	if r.Anonymous {
		buf = appendSection(buf, reqAnonymous, "")
	}
	if r.Safe {
		buf = appendSection(buf, reqSafe, "")
	}
	if r.Cost != 0 {
		buf = appendInt(buf, reqCost, r.Cost)
	}
	if r.NoRedirect {
		buf = appendSection(buf, reqNoRedirect, "")
	}
	return appendSection(buf, reqBody, r.Body)
}

// ParseRequest reads a request's frame. Body aliases frame.
func ParseRequest(frame []byte) (Request, error) {
	var r Request
	err := eachSection(frame, func(tag byte, body []byte) (err error) {
		switch tag {
		case reqMethod:
			r.Method = string(body)
		case reqURL:
			r.URL = string(body)
		case reqHeader:
			var h Header
			h, err = parseHeader(body)
			r.Headers = append(r.Headers, h)
		case reqBody:
			r.Body = body
		case reqAnonymous:
			r.Anonymous = true
		case reqSafe:
			r.Safe = true
		case reqCost:
			r.Cost, err = sectionInt(body)
		case reqNoRedirect:
			r.NoRedirect = true
		}
		return err
	})
	return r, err
}

// Response is what came back, or why nothing did.
type Response struct {
	Status  int
	Headers []Header
	Body    []byte
	// Err is set when there is no response: Blocked, Unavailable, Unknown, Auth, Limit.
	Err *Error
}

const (
	respStatus byte = iota + 1
	respHeader
	respBody
	respError
)

// Append appends the response's frame to buf.
func (r *Response) Append(buf []byte) []byte {
	if r.Err != nil {
		text, err := codec.Marshal(r.Err)
		if err != nil { // strings and integers only: cannot happen
			text = []byte(`{"kind":"internal","message":"unprintable error"}`)
		}
		return appendSection(buf, respError, text)
	}
	buf = appendInt(buf, respStatus, int64(r.Status))
	buf = appendHeaders(buf, respHeader, r.Headers)
	return appendSection(buf, respBody, r.Body)
}

// ParseResponse reads a response's frame. Body aliases frame. With Err nothing else is set.
func ParseResponse(frame []byte) (Response, error) {
	var r Response
	err := eachSection(frame, func(tag byte, body []byte) (err error) {
		switch tag {
		case respStatus:
			var status int64
			status, err = sectionInt(body)
			r.Status = int(status)
		case respHeader:
			var h Header
			h, err = parseHeader(body)
			r.Headers = append(r.Headers, h)
		case respBody:
			r.Body = body
		case respError:
			r.Err = new(Error)
			err = codec.Unmarshal(body, r.Err)
		}
		return err
	})
	if r.Err != nil {
		r = Response{Err: r.Err}
	}
	return r, err
}
