package app

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/sdk/abi"
)

// egress makes a connection's way out.
func (a *App) egress(conn *config.Connection, m *abi.Manifest, settings []byte) (*egress.Client, error) {
	route, err := a.route(conn)
	if err != nil {
		return nil, err
	}
	secrets := make(map[string]string, len(conn.Secrets))
	for name := range conn.Secrets {
		secrets[name] = a.secrets[secretPath(conn.Name, name)]
	}
	return egress.NewClient(egress.Options{
		Connection: conn.Name, Manifest: m, Settings: settings,
		Secrets: secrets, Auth: conn.Auth, Tokens: a.vault.Tokens(), Quotas: ledger.Quotas{Ledger: a.ledger},
		AllowPrivate: conn.AllowPrivate, PrivateNetworks: conn.PrivateNetworks,
		Rate: conn.Limits, Limits: requestLimits(&conn.RequestLimits), Route: route,
		Clock: a.opts.Now, Logger: a.log, Redactor: a.redactor,
	})
}

func requestLimits(l *config.RequestLimits) egress.Limits {
	return egress.Limits{
		Timeout: l.Time, MaxWait: l.RateWait, ResponseBytes: l.ResponseBytes,
		HeaderBytes: l.HeaderBytes, HeaderCount: l.HeaderCount, Redirects: l.Redirects,
	}
}

// route is how the connection's packets leave the machine.
func (a *App) route(conn *config.Connection) (route egress.Route, err error) {
	route.Source = conn.SourceAddress
	if conn.CAFile != "" {
		if route.Roots, err = authorities(conn.CAFile); err != nil {
			return route, fmt.Errorf("ca_file: %w", err)
		}
	}
	route.Proxy, err = a.proxy(conn)
	return route, err
}

// proxy returns the connection's proxy, or nil. What a password stands in is not repeated.
func (a *App) proxy(conn *config.Connection) (*url.URL, error) {
	if conn.Proxy.IsZero() {
		return nil, nil //nolint:nilnil // most connections have none
	}
	text := conn.Proxy.URL
	if text == "" {
		text = a.secrets[proxyPath(conn.Name)]
	}
	proxy, err := url.Parse(text)
	if err != nil || proxy.Scheme != "http" || proxy.Hostname() == "" {
		return nil, errors.New("proxy: it is not an address such as http://proxy.example.com:3128")
	}
	if password, given := proxy.User.Password(); given {
		a.redactor.Learn(password)
	}
	return proxy, nil
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
		return nil, fmt.Errorf("%s holds no certificate in PEM", file)
	}
	return pool, nil
}
