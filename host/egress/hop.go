package egress

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"github.com/musubi-run/musubi/sdk/abi"
)

// hop is one request on its way: what the plugin asked for, or what a redirect
// turned it into.
type hop struct {
	method string
	url    *url.URL
	header http.Header
	body   []byte
	// bare hops get no credential: the plugin asked for none, or a redirect
	// left the origin that it was meant for.
	bare bool
	// moved is the origin that redirected here, empty if none did.
	moved string
	// safe hops may be repeated without harm.
	safe bool
	// cost is in the platform's points.
	cost int64
	// unfollowed hops end at a redirect.
	unfollowed bool
}

func newHop(r *abi.Request) (*hop, error) {
	method := strings.ToUpper(r.Method)
	if !validToken(method) || method == http.MethodConnect || method == http.MethodTrace {
		return nil, fmt.Errorf("a plugin cannot send the method %.20q", r.Method)
	}
	u, err := parseURL(r.URL)
	if err != nil {
		return nil, err
	}
	h := &hop{method: method, url: u, body: r.Body, bare: r.Anonymous, cost: r.Cost, safe: r.Repeatable(), unfollowed: r.NoRedirect, header: make(http.Header, len(r.Headers)+2)}
	for _, field := range r.Headers {
		name := http.CanonicalHeaderKey(field.Name)
		h.header[name] = append(h.header[name], field.Value)
	}
	return h, nil
}

// parseURL reads an address that a plugin or a redirect gave. The result is
// what is checked and also what is dialled, so no two readings can differ.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("the address is not a URL") // the parser's error repeats it, secrets and all
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("a plugin cannot reach addresses of the scheme %.20q", u.Scheme)
	}
	if u.User != nil {
		return nil, errors.New("the address holds a user name or password")
	}
	if u.Opaque != "" || u.Hostname() == "" {
		return nil, errors.New("the address has no host")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, normalise(u)
}

// normalise gives host and port their one spelling: lower case, ASCII, no default port.
func normalise(u *url.URL) error {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if !strings.Contains(host, ":") {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return errors.New("the address has an invalid host name")
		}
		host = ascii
	} else {
		host = "[" + host + "]"
	}
	if port == defaultPort(u.Scheme) {
		port = ""
	}
	u.Host = host
	if port != "" {
		u.Host += ":" + port
	}
	return nil
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// origin is what the allow-list compares: scheme, host and port.
func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

func validToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// failed is a response that carries an error.
func failed(kind abi.Kind, format string, args ...any) *abi.Response {
	return &abi.Response{Err: &abi.Error{Kind: kind, Message: fmt.Sprintf(format, args...)}}
}
