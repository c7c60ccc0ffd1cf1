package app

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// exit is a connection's way out, which is another one after a secret has changed.
type exit struct{ client atomic.Pointer[egress.Client] }

func newExit(c *egress.Client) *exit {
	e := new(exit)
	e.client.Store(c)
	return e
}

// Do sends one request; see [egress.Client.Do].
func (e *exit) Do(ctx context.Context, request *abi.Request) *abi.Response {
	return e.client.Load().Do(ctx, request)
}

// Learn takes what the plugin has read about the platform's points.
func (e *exit) Learn(allowance abi.Allowance) { e.client.Load().Learn(allowance) }

// Refused takes a plugin's word that the credential of its call was refused.
func (e *exit) Refused(since time.Time) bool { return e.client.Load().Refused(since) }

// Close gives back what the way out has set aside.
func (e *exit) Close(ctx context.Context) error { return e.client.Load().Close(ctx) }

// replace has requests go out through c from now on; those under way go on.
func (e *exit) replace(ctx context.Context, c *egress.Client) error {
	return e.client.Swap(c).Close(ctx)
}

// egress makes a connection's way out; all are the secrets of all connections.
func (a *App) egress(conn *config.Connection, m *abi.Manifest, settings []byte, all map[string]string) (*egress.Client, error) {
	o, err := exitOptions(conn, m, settings, all)
	if err != nil {
		return nil, err
	}
	if o.Route.Proxy != nil {
		if password, given := o.Route.Proxy.User.Password(); given {
			a.redactor.Learn(password)
		}
	}
	o.Tokens, o.Quotas = a.vault.Tokens(), ledger.Quotas{Ledger: a.ledger}
	o.Clock, o.Logger, o.Redactor = a.opts.Now, a.log, a.redactor
	return egress.NewClient(o)
}

// exitOptions are what the configuration and the secrets say of a connection's way out.
func exitOptions(conn *config.Connection, m *abi.Manifest, settings []byte, all map[string]string) (egress.Options, error) {
	route, err := routeOf(conn, all)
	if err != nil {
		return egress.Options{}, err
	}
	secrets := make(map[string]string, len(conn.Secrets))
	for name := range conn.Secrets {
		secrets[name] = all[secretPath(conn.Name, name)]
	}
	return egress.Options{
		Connection: conn.Name, Manifest: m, Settings: settings, Secrets: secrets, Auth: conn.Auth,
		AllowPrivate: conn.AllowPrivate, PrivateNetworks: conn.PrivateNetworks,
		Rate: conn.Limits, Limits: requestLimits(&conn.RequestLimits), Route: route,
	}, nil
}

func requestLimits(l *config.RequestLimits) egress.Limits {
	return egress.Limits{
		Timeout: l.Time, MaxWait: l.RateWait, ResponseBytes: l.ResponseBytes,
		HeaderBytes: l.HeaderBytes, HeaderCount: l.HeaderCount, Redirects: l.Redirects,
	}
}

// routeOf is how the connection's packets leave the machine.
func routeOf(conn *config.Connection, secrets map[string]string) (route egress.Route, err error) {
	route.Source = conn.SourceAddress
	if conn.CAFile != "" {
		if route.Roots, err = authorities(conn.CAFile); err != nil {
			return route, caFault(conn, err)
		}
	}
	route.Proxy, err = proxyOf(conn, secrets)
	return route, err
}

// proxyOf returns the connection's proxy, or nil. What a password stands in is not repeated.
func proxyOf(conn *config.Connection, secrets map[string]string) (*url.URL, error) {
	if conn.Proxy.IsZero() {
		return nil, nil //nolint:nilnil // most connections have none
	}
	text := conn.Proxy.URL
	if text == "" {
		text = secrets[proxyPath(conn.Name)]
	}
	proxy, err := url.Parse(text)
	if err != nil || proxy.Scheme != "http" || proxy.Hostname() == "" {
		return nil, &unfitError{text: abi.Text{
			EN: "proxy: it is not an address such as http://proxy.example.com:3128",
			JA: "proxy: http://proxy.example.com:3128 のようなアドレスではありません",
		}}
	}
	return proxy, nil
}

// caFault says that the connection's certificate authorities are of no use.
func caFault(conn *config.Connection, err error) *vault.Fault {
	at := vault.Reference{Scheme: config.FromFile, Name: conn.CAFile}
	return &vault.Fault{Path: "connections." + conn.Name + ".ca_file", Reference: at, Err: err}
}

// authorities are the machine's certificate authorities and those of the file.
func authorities(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("reading the machine's certificate authorities: %w", err)
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, &unfitError{text: abi.Text{EN: file + " holds no certificate in PEM", JA: file + " にPEM形式の証明書がありません"}}
	}
	return pool, nil
}
