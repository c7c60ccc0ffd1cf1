package rest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// StatusError returns the error for an answer other than 2xx by its status
// alone. A connector's ReadError begins with it and adds what the body says.
//
// A 5xx answer to a request that writes is Unknown, not Unavailable: a server
// that fails, or a proxy that loses its server, may have carried it out before.
// 503 is the exception, it refuses to begin. A redirect, which the host does not
// follow for a write, says that an address of the settings is wrong.
func StatusError(r *Response) *abi.Error {
	if to := r.movedTo(); to != "" {
		return &abi.Error{Kind: abi.Config, Status: r.Status, Message: fmt.Sprintf("the platform answered %d: it moved to %s. The address in the "+
			"connection's settings (base_url) is not the one that takes this request", r.Status, to)}
	}
	kind := StatusKind(r.Status)
	if r.wrote && r.Status >= 500 && r.Status != 503 {
		kind = abi.Unknown
	}
	return &abi.Error{
		Kind:         kind,
		Status:       r.Status,
		Message:      fmt.Sprintf("the platform answered %d%s", r.Status, r.title()),
		RetryAfterMS: r.RetryAfter(time.Time{}).Milliseconds(),
	}
}

// movedTo is where a redirect leads, without its query, which may hold what is
// secret; empty for any other answer.
func (r *Response) movedTo() string {
	switch r.Status {
	case 301, 302, 307, 308:
		to, _, _ := strings.Cut(r.Header("Location"), "?")
		return clip(to, 200)
	default:
		return ""
	}
}

// StatusKind returns the kind of error that an HTTP status means by itself, for a request that only reads.
func StatusKind(status int) abi.Kind {
	switch status {
	case 401:
		return abi.Auth
	case 403:
		return abi.Denied
	case 404, 410:
		return abi.NotFound
	case 409:
		return abi.Conflict
	case 429:
		return abi.RateLimited
	case 408, 425:
		return abi.Unavailable
	}
	switch {
	case status >= 500:
		return abi.Unavailable
	case status >= 400:
		return abi.Invalid
	default: // a redirect that the host did not follow, or nonsense
		return abi.Internal
	}
}

// RetryAfter returns how long the platform asks to wait, 0 if it does not say.
// The header's date form counts from the answer's Date, or from now without one.
func (r *Response) RetryAfter(now time.Time) time.Duration {
	value := strings.TrimSpace(r.Header("Retry-After"))
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if seconds > 0 { // not for NaN
			return time.Duration(min(seconds, 1e9) * float64(time.Second))
		}
		return 0
	}
	until, err := time.Parse(time.RFC1123, value)
	if err != nil {
		return 0
	}
	if date, err := time.Parse(time.RFC1123, r.Header("Date")); err == nil {
		now = date
	}
	if now.IsZero() {
		return 0
	}
	return max(0, until.Sub(now))
}
