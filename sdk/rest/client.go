// Package rest is how a connector talks HTTP: requests built field by field,
// sent by the host, which checks the address and adds the credential.
package rest

import (
	"github.com/musubi-run/musubi/sdk/abi"
)

// Client sends requests to one platform. A connector gets requests from its
// sdk.Call and never makes a Client itself.
type Client struct {
	// BaseURL is what paths are joined to.
	BaseURL string
	// Send carries one request out; it is the host.
	Send func(*abi.Request) *abi.Response
	// ReadError turns an answer other than 2xx into an error; nil means [StatusError].
	ReadError func(*Response) error
}

// Path begins a request to BaseURL joined with path. Each %s, %d or %v of path
// is replaced by the next of args, escaped so that it stays one segment or one
// value. An empty argument, "." and ".." are refused: they would address
// another resource than the one meant.
func (c *Client) Path(method, path string, args ...any) *Request {
	filled, err := fill(path, args)
	r := c.URL(method, filled)
	if r.err == nil {
		r.err = err
	}
	return r
}

// URL begins a request to url as it is: absolute, or a path under BaseURL that
// needs no escaping any more, such as a "next page" link.
func (c *Client) URL(method, url string) *Request {
	r := &Request{client: c, wire: abi.Request{Method: method, URL: url}}
	if isAbsolute(url) {
		return r
	}
	if c.BaseURL == "" {
		r.err = &abi.Error{Kind: abi.Config, Message: "a path needs the setting base_url, to which it is joined: it is empty, or the connector does not declare it"}
		return r
	}
	r.wire.URL = join(c.BaseURL, url)
	return r
}
