package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"
)

const (
	dialTimeout      = 10 * time.Second
	tlsTimeout       = 10 * time.Second
	idleTimeout      = 30 * time.Second
	maxIdleConns     = 256
	keepAlivePeriod  = 15 * time.Second
	readBufferBytes  = 8 << 10
	writeBufferBytes = 8 << 10
)

// errPrivate is returned for a name or address that leads inside.
var errPrivate = errors.New("the address is private: the connection's setting allow_private permits that")

// newTransport returns the connection's own transport: connections, like
// instances, are not shared between connections.
func newTransport(o *Options) *http.Transport {
	d := &dialer{resolver: o.Route.Resolver, private: o.mayReach}
	d.net.Timeout = dialTimeout
	d.net.KeepAlive = keepAlivePeriod
	if o.Route.Source.IsValid() {
		d.net.LocalAddr = &net.TCPAddr{IP: o.Route.Source.AsSlice()}
	}
	t := &http.Transport{
		DialContext:            d.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Route.Roots},
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  o.Limits.Timeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           maxIdleConns,
		MaxIdleConnsPerHost:    maxIdleConns,
		MaxResponseHeaderBytes: 2 * int64(o.Limits.HeaderBytes), // a hard stop behind the limit that has a name
		ReadBufferSize:         readBufferBytes,
		WriteBufferSize:        writeBufferBytes,
		ForceAttemptHTTP2:      true,
	}
	if o.Route.Proxy != nil {
		t.Proxy = http.ProxyURL(o.Route.Proxy)
		d.proxy = proxyAddress(o.Route.Proxy)
	}
	return t
}

// mayReach says whether the connection may reach the private address a.
func (o *Options) mayReach(a netip.Addr) bool {
	return o.AllowPrivate || slices.ContainsFunc(o.PrivateNetworks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// dialer looks names up itself and dials the very addresses that it checked,
// so a name cannot mean one thing to the check and another to the dial.
type dialer struct {
	net      net.Dialer
	resolver Resolver
	private  func(netip.Addr) bool // says which private addresses may be reached
	proxy    string                // host:port, trusted; empty without one
}

func proxyAddress(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), defaultPort(u.Scheme))
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address == d.proxy {
		return d.net.DialContext(ctx, network, address)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("reading the address: %w", err)
	}
	addrs, err := d.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	var last error
	for _, a := range addrs {
		conn, err := d.net.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		last = err
	}
	return nil, last
}

// lookup returns the addresses of host that may be reached.
func (d *dialer) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	all, err := d.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var good []netip.Addr
	for _, a := range all {
		if reachable(a, d.private(inner(a))) {
			good = append(good, a.Unmap())
		}
	}
	if len(good) == 0 {
		return nil, errPrivate
	}
	return good, nil
}

func (d *dialer) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	addrs, err := d.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("looking up %s: %w", host, err)
	}
	return addrs, nil
}
