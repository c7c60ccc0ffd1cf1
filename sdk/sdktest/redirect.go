package sdktest

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/musubi-run/musubi/sdk/abi"
)

// maxRedirects is how many redirects a host follows unless its connection says otherwise.
const maxRedirects = 5

// client sends r, whose address is first, and follows redirects as a host does: every
// address must be allowed, the credential stays at the first one's origin, and
// a write that is answered with 301 or 302 is not sent again as a read.
func (c *Connection) client(r *abi.Request, first *url.URL) *http.Client {
	return &http.Client{
		Transport: authorized{c, r, first},
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			last := via[len(via)-1]
			moved := next.Response.StatusCode == http.StatusMovedPermanently || next.Response.StatusCode == http.StatusFound
			if r.NoRedirect || (moved && last.Method != http.MethodGet && last.Method != http.MethodHead) {
				return http.ErrUseLastResponse
			}
			if len(via) > maxRedirects {
				return &abi.Error{Kind: abi.Blocked, Code: "redirects", Message: fmt.Sprintf("the platform redirected more than %d times", maxRedirects)}
			}
			next.Header.Del("Referer")
			if err := c.blocked(next.URL); err != nil {
				return err
			}
			return nil
		},
	}
}

// authorized adds the credential to what goes to the origin that the connector named.
type authorized struct {
	connection *Connection
	request    *abi.Request
	first      *url.URL
}

// RoundTrip sends the request to the connection's platform.
func (a authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	own := r.Clone(r.Context())
	own.Host = r.URL.Host
	if a.connection.Authorize != nil && !a.request.Anonymous && sameOrigin(r.URL, a.first) {
		a.connection.Authorize(own)
	}
	return a.connection.Transport.RoundTrip(own)
}

func sameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }
