package egress

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/musubi-run/musubi/sdk/abi"
)

// redirected follows redirects, hop by hop through the rest of the chain. The
// credential stays at the origin that the plugin named. A write that is
// answered with 301 or 302 is not repeated as a read, as browsers do, because
// that would lose it silently: the plugin gets the answer as it is.
type redirected struct {
	next sender
	max  int
}

func (r *redirected) send(ctx context.Context, h *hop) *abi.Response {
	if h.unfollowed {
		return h.located(r.next.send(ctx, h))
	}
	written := false
	for range r.max + 1 {
		response := r.next.send(ctx, h)
		if response.Err != nil && written {
			return unfetched(h.blamed(response).Err)
		}
		if response.Err != nil {
			return h.blamed(response)
		}
		written = written || (response.Status == http.StatusSeeOther && !h.safe)
		location := abi.HeaderValue(response.Headers, "Location")
		if location == "" {
			return response
		}
		next, err := h.redirect(response.Status, location)
		if err != nil {
			return failed(abi.Blocked, "following a redirect: %s", err)
		}
		if next == nil {
			return response
		}
		h = next
	}
	over := failed(abi.Blocked, "the platform redirected more than %d times; the connection's setting limits.redirects raises it", r.max)
	over.Err.Code = "redirects"
	return over
}

// located makes the address absolute that an answer leads to. One that is no
// URL stays as it is.
func (h *hop) located(response *abi.Response) *abi.Response {
	for i := range response.Headers {
		field := &response.Headers[i]
		if target, err := h.url.Parse(field.Value); err == nil && field.Name == "Location" && field.Value != "" {
			field.Value = target.String()
		}
	}
	return response
}

// blamed says of a request that may not go where a redirect leads that it was
// redirected: the plugin named another address.
func (h *hop) blamed(response *abi.Response) *abi.Response {
	if h.moved == "" || response.Err.Kind != abi.Blocked {
		return response
	}
	err := *response.Err
	err.Message = fmt.Sprintf("%s redirected the request: %s. If the platform has moved, the address in the connection's settings must be the new one", h.moved, err.Message)
	return &abi.Response{Err: &err}
}

// unfetched is the response to a write that was carried out, as a 303 says, and
// whose answer cannot be fetched: to send the write again would do it twice.
func unfetched(err *abi.Error) *abi.Response {
	switch err.Kind {
	case abi.Blocked, abi.Limit:
		return &abi.Response{Err: err}
	default:
		return failed(abi.Unknown, "the platform says that the request was carried out and where its answer is, but that cannot be fetched: %s", err.Message)
	}
}

// redirect returns the hop that an answer leads to, nil if it leads nowhere.
func (h *hop) redirect(status int, location string) (*hop, error) {
	method, body := h.method, h.body
	reads := method == http.MethodGet || method == http.MethodHead
	switch status {
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	case http.StatusMovedPermanently, http.StatusFound:
		if !reads {
			return nil, nil //nolint:nilnil // nowhere to go, and nothing wrong
		}
	case http.StatusSeeOther:
		if !reads {
			method, body = http.MethodGet, nil
		}
	default:
		return nil, nil //nolint:nilnil // not a redirect
	}
	target, err := h.url.Parse(location)
	if err != nil {
		return nil, errors.New("its address is not a URL")
	}
	u, err := parseURL(target.String())
	if err != nil {
		return nil, err
	}
	next := *h
	next.method, next.body, next.url, next.moved = method, body, u, origin(h.url)
	next.header = h.header.Clone()
	if body == nil {
		next.header.Del("Content-Type")
	}
	if origin(u) != origin(h.url) {
		next.leave()
	}
	return &next, nil
}

// leave drops what was meant for the origin that a redirect leaves.
func (h *hop) leave() {
	h.bare = true
	h.header.Del("Authorization")
	h.header.Del("Cookie")
}
