package egress

import (
	"context"
	"net/http"

	"golang.org/x/net/http/httpguts"

	"github.com/musubi-run/musubi/sdk/abi"
)

// clean refuses header fields that are not the plugin's to set, and drops
// those that the host sets itself.
type clean struct {
	next       sender
	credential *credential
}

// forbiddenFields frame the message or name the host: setting one is
// how a request is smuggled past its checks.
var forbiddenFields = map[string]bool{
	"Host": true, "Connection": true, "Keep-Alive": true, "Proxy-Connection": true,
	"Proxy-Authorization": true, "Te": true, "Trailer": true, "Transfer-Encoding": true,
	"Upgrade": true, "Content-Length": true, "Expect": true,
}

const maxRequestFields = 100

func (c *clean) send(ctx context.Context, h *hop) *abi.Response {
	if n := fieldCount(h.header); n > maxRequestFields {
		return failed(abi.Blocked, "a request has %d header fields and may have %d", n, maxRequestFields)
	}
	for name, values := range h.header {
		if !httpguts.ValidHeaderFieldName(name) {
			return failed(abi.Blocked, "a request has an invalid header name")
		}
		if forbiddenFields[name] {
			return failed(abi.Blocked, "a plugin cannot set the header %s", name)
		}
		for _, value := range values {
			if !httpguts.ValidHeaderFieldValue(value) {
				return failed(abi.Blocked, "the header %s has an invalid value", name)
			}
		}
	}
	h.header.Del("Accept-Encoding") // compression is the host's business
	if name := c.credential.header; name != "" && !h.bare {
		h.header.Del(name)
	}
	return c.next.send(ctx, h)
}

// fieldCount counts a header's fields, those of one name too.
func fieldCount(header http.Header) (n int) {
	for _, values := range header {
		n += len(values)
	}
	return n
}
