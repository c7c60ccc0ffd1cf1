// Package client asks a running host over its admin API. Its methods are those
// of web.Operator, so a person's command works the same against a running host
// and against its store.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host/web/api"
)

// ErrUnreachable is returned when nothing answers at the address: the host does not run.
var ErrUnreachable = errors.New("client: the host does not answer")

const (
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 64 << 20
	// patience is how long an answer may take: a replay may have to compile a plugin first.
	patience = time.Minute
)

// Client asks one host. It may be used by many goroutines.
type Client struct {
	base, token, actor string
	http               *http.Client
}

// New makes a client for the host at an address such as "http://127.0.0.1:8080".
func New(address, token string, transport http.RoundTripper) *Client {
	return &Client{
		base: strings.TrimSuffix(address, "/") + api.Prefix, token: token,
		http: &http.Client{Transport: transport, Timeout: patience, CheckRedirect: refuseRedirects},
	}
}

// As returns a client that acts in the name of a person, for the audit log.
func (c *Client) As(name string) *Client {
	named := *c
	named.actor = url.QueryEscape(name)
	return &named
}

// refuseRedirects keeps the token from going anywhere else.
func refuseRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (c *Client) get(ctx context.Context, path string, query url.Values, into any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.do(ctx, http.MethodGet, path, nil, into)
}

// do sends body as JSON, unless it is nil, and reads the answer into into,
// unless that is nil. The host's refusal is an [api.Problem].
func (c *Client) do(ctx context.Context, method, path string, body, into any) error {
	request, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return unreachable(ctx, err)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("reading the host's answer: %w", err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return refusal(response.StatusCode, text)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("reading the host's answer to %s: %w", path, err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("writing the request: %w", err)
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, reader)
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/json")
	if c.actor != "" {
		request.Header.Set(api.ActorHeader, c.actor)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// unreachable tells a host that is not there from a caller who gave up.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

func refusal(status int, text []byte) error {
	var p api.Problem
	if err := json.Unmarshal(text, &p); err != nil || p.Status == 0 {
		return fmt.Errorf("the address answers %d, but not as a Musubi host does: check the address", status)
	}
	return &p
}
