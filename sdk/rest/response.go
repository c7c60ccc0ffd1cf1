package rest

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/codec"
)

// Response is what the platform answered.
type Response struct {
	Status  int
	Headers []abi.Header
	Body    []byte
	// wrote says that the request may have changed something.
	wrote bool
}

// OK says whether the status is 2xx.
func (r *Response) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Header returns the first value of the named field, compared without case.
func (r *Response) Header(name string) string { return abi.HeaderValue(r.Headers, name) }

// Location returns where a redirect leads, an absolute address if
// [Request.NoRedirect] asked for it; empty for any other answer.
func (r *Response) Location() string {
	switch r.Status {
	case 301, 302, 303, 307, 308:
		return r.Header("Location")
	default:
		return ""
	}
}

// JSON decodes the body into v, a pointer; fields that v lacks are ignored. A
// body that is no JSON at all is the page of something in front of the
// platform: Unavailable, or Unknown for a request that writes. JSON of another
// shape is Internal.
func (r *Response) JSON(v any) error {
	err := codec.Unmarshal(r.Body, v)
	if err == nil {
		return nil
	}
	if !r.looksLikeJSON() {
		kind := abi.Unavailable
		if r.wrote {
			kind = abi.Unknown
		}
		return &abi.Error{
			Kind: kind, Status: r.Status,
			Message: fmt.Sprintf("the platform answered %d with a page instead of data%s", r.Status, r.title()),
		}
	}
	return &abi.Error{
		Kind: abi.Internal, Status: r.Status,
		Message: fmt.Sprintf("reading the platform's answer: %v", err),
	}
}

func (r *Response) looksLikeJSON() bool {
	body := strings.TrimLeft(string(r.Body[:min(len(r.Body), 64)]), " \t\r\n\ufeff")
	return body != "" && strings.ContainsAny(body[:1], `{["0123456789-tfn`)
}

// title returns the title of an HTML page, quoted, or nothing: never more of a
// page that nobody expected.
func (r *Response) title() string {
	page := string(r.Body[:min(len(r.Body), 4096)])
	_, after, ok := strings.Cut(page, "<title>")
	if !ok {
		return ""
	}
	title, _, ok := strings.Cut(after, "</title>")
	if !ok {
		return ""
	}
	return fmt.Sprintf(": %q", clip(strings.TrimSpace(title), 80))
}

// clip shortens text to limit runes.
func clip(text string, limit int) string {
	n := 0
	for i := range text {
		if n == limit {
			return text[:i] + "…"
		}
		n++
	}
	return text
}
