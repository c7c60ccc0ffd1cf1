// Package egress is the only way out of a host. A plugin asks for a request;
// egress decides whether it may go there, adds the credential that the plugin
// never sees, keeps to the platform's limits, and says exactly what is known
// about the outcome when no answer comes.
package egress

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Options describe one connection's way out.
type Options struct {
	// Connection is the connection's name, for errors and for its tokens.
	Connection string
	Manifest   *abi.Manifest
	// Settings is the connection's settings, JSON, with defaults filled in.
	Settings []byte
	// Secrets are the connection's secrets by name, already looked up.
	Secrets map[string]string
	// Auth names one of the manifest's ways to authenticate; empty means the first.
	Auth string
	// Tokens keeps OAuth tokens over restarts; nil keeps them in memory.
	Tokens Tokens
	// Quotas keeps how many requests of a day were sent; nil keeps it in memory.
	Quotas Quotas
	// AllowPrivate lets the connection reach loopback and private addresses: all,
	// or those of PrivateNetworks.
	AllowPrivate    bool
	PrivateNetworks []netip.Prefix
	// Rate replaces the manifest's limits where it is not zero.
	Rate   abi.Limits
	Limits Limits
	Route  Route
	// Clock is required; Logger may be nil, and Random, which then is the system's.
	Clock  func() time.Time
	Random io.Reader
	Logger *slog.Logger
	// Redactor learns the connection's secrets and tokens, so that others can
	// clean what they show; nil means a new one.
	Redactor *vault.Redactor
}

// Limits bound one request. Zero fields take their default. The names in the
// tags are those of the connection's settings under "limits".
type Limits struct {
	// Timeout bounds a request from its dial to the end of its answer.
	Timeout time.Duration `json:"request_time,omitempty"`
	// MaxWait is how long a request waits for its turn; one that would have to
	// wait longer is refused with the delay.
	MaxWait time.Duration `json:"rate_wait,omitempty"`
	// ResponseBytes bounds an answer's body, decompressed.
	ResponseBytes int `json:"response_bytes,omitempty"`
	// HeaderBytes and HeaderCount bound an answer's header fields.
	HeaderBytes int `json:"header_bytes,omitempty"`
	HeaderCount int `json:"header_count,omitempty"`
	// Redirects is how many redirects are followed; below 0 none.
	Redirects int `json:"redirects,omitempty"`
}

// DefaultLimits suit a platform that answers in pages of records.
func DefaultLimits() Limits {
	return Limits{
		Timeout:       30 * time.Second,
		MaxWait:       5 * time.Second,
		ResponseBytes: 16 << 20,
		HeaderBytes:   64 << 10,
		HeaderCount:   200,
		Redirects:     5,
	}
}

// WithDefaults sets the limits that are not set.
func (l Limits) WithDefaults() Limits {
	d := DefaultLimits()
	l.Timeout = orDefault(l.Timeout, d.Timeout)
	l.MaxWait = orDefault(l.MaxWait, d.MaxWait)
	l.ResponseBytes = orDefault(l.ResponseBytes, d.ResponseBytes)
	l.HeaderBytes = orDefault(l.HeaderBytes, d.HeaderBytes)
	l.HeaderCount = orDefault(l.HeaderCount, d.HeaderCount)
	if l.Redirects == 0 {
		l.Redirects = d.Redirects
	}
	l.Redirects = max(0, l.Redirects)
	return l
}

func orDefault[T ~int | ~int64](value, standard T) T {
	if value <= 0 {
		return standard
	}
	return value
}

// Route says how a connection's packets leave the machine.
type Route struct {
	// Proxy is an HTTP proxy (http://host:port) that tunnels every request. It
	// resolves names itself, so it is trusted to keep private addresses out.
	Proxy *url.URL
	// Source is the local address to send from, for platforms that admit by address.
	Source netip.Addr
	// Roots are the certificate authorities to trust; nil means the machine's.
	Roots *x509.CertPool
	// Resolver looks names up; nil means the machine's.
	Resolver Resolver
}

// Resolver looks names up, as net.Resolver does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Client sends the requests of one connection. It is safe for concurrent use.
type Client struct {
	first     sender
	limited   *limited
	tokens    *tokenSource // nil if the credential has none
	made      time.Time
	transport *http.Transport
}

// sender is one link of the chain. It always answers: an error is a response with Err.
type sender interface {
	send(ctx context.Context, h *hop) *abi.Response
}

// NewClient returns the way out of one connection. An error says which setting
// or secret is wrong, all of them at once, and is of kind Config.
//
// The chain, outermost first:
//
//	redacted    no secret leaves in errors, or comes back in an echo
//	redirected  follows redirects; every hop passes all that follows
//	allowed     only the manifest's origins
//	clean       only header fields that are the plugin's to set
//	portioned   per endpoint
//	limited     per second, at once, per day, points; waits out Retry-After
//	signed      adds the credential; renews it once when it has expired
//	wire        dials checked addresses, bounds the answer, tells what is known
func NewClient(o Options) (*Client, error) {
	o = o.withDefaults()
	names, err := fillNames(o.Settings, o.Secrets)
	if err != nil {
		return nil, err
	}
	origins, err := allowedOrigins(o.Manifest, names)
	if err != nil {
		return nil, err
	}
	transport := newTransport(&o)
	wire := &wire{transport: transport, limits: o.Limits}
	credential, err := newCredential(&o, names, wire)
	if err != nil {
		return nil, err
	}
	o.Redactor.Learn(values(o.Secrets)...)
	var chain sender = wire
	chain = &signed{next: chain, credential: credential}
	limited, err := newLimited(chain, &o)
	if err != nil {
		return nil, err
	}
	chain = limited
	chain = newPortioned(chain, &o, names)
	chain = &clean{next: chain, credential: credential}
	chain = &allowed{next: chain, origins: origins}
	chain = &redirected{next: chain, max: o.Limits.Redirects}
	chain = &redacted{next: chain, all: o.Redactor, credential: credential}
	return &Client{first: chain, limited: limited, tokens: credential.tokens, made: o.Clock(), transport: transport}, nil
}

func (o Options) withDefaults() Options {
	o.Limits = o.Limits.WithDefaults()
	o.Rate = MergeRate(o.Manifest.Limits, o.Rate)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Redactor == nil {
		o.Redactor = vault.NewRedactor()
	}
	if o.Tokens == nil {
		o.Tokens = newMemoryTokens()
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Quotas == nil {
		o.Quotas = newMemoryQuotas()
	}
	if o.Route.Resolver == nil {
		o.Route.Resolver = net.DefaultResolver
	}
	return o
}

func values(m map[string]string) []string {
	all := make([]string, 0, len(m))
	for _, v := range m {
		all = append(all, parts(v)...)
	}
	return all
}

// Do sends one request and always answers. The response's error is of kind
// Blocked (it may not go there), Invalid (it is no request), RateLimited,
// Auth and Config (the credential), Unavailable (nothing was done), Unknown
// (it may have been carried out) or Limit. The request must not change
// afterwards: a connection that is given up may still read it.
func (c *Client) Do(ctx context.Context, request *abi.Request) *abi.Response {
	h, err := newHop(request)
	if err != nil {
		return failed(abi.Blocked, "%s", err)
	}
	return c.first.send(ctx, h)
}

// Learn takes what the plugin has read in an answer about the platform's points.
func (c *Client) Learn(allowance abi.Allowance) { c.limited.allow(allowance) }

// Refused takes a plugin's word that the credential of its call, which began at
// since, was refused: platforms tell in their own ways that a token has expired.
// It returns true if another one is used from now on: another token, or, if the
// client was made meanwhile, another secret.
func (c *Client) Refused(since time.Time) bool {
	return c.made.After(since) || c.tokens != nil && c.tokens.refuse(since)
}

// Close drops idle connections and gives back what was set aside of the day's
// requests. Requests under way go on.
func (c *Client) Close(ctx context.Context) error {
	c.transport.CloseIdleConnections()
	return c.limited.close(ctx)
}
