//go:build !wasip1

package abi_test

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

// faults validates a manifest that was right before the change.
func faults(t *testing.T, change func(*abi.Manifest)) string {
	t.Helper()
	m := manifest()
	m.Secrets = []abi.Secret{{Name: "api_secret", Doc: abi.Text{EN: "API secret"}}}
	change(m)
	if err := m.Validate(); err != nil {
		return err.Error()
	}
	return ""
}

func TestLimitsAreValidated(t *testing.T) {
	for want, limits := range map[string]abi.Limits{
		"":                                    {PerSecond: 2, PerDay: 10, DayStart: "09:00+09:00", Points: abi.Points{Capacity: 10, PerSecond: 1}, Gauges: []abi.Gauge{{Header: "X", Shows: abi.GaugeRemaining}}},
		"per_second is negative":              {PerSecond: -1},
		"capacity is negative":                {Points: abi.Points{Capacity: -1}},
		`"noon" is not the start of a day`:    {DayStart: "noon"},
		"points need both":                    {Points: abi.Points{Capacity: 10}},
		"gauge 1: header is missing":          {Gauges: []abi.Gauge{{Shows: abi.GaugeRemaining}}},
		`it shows "left"`:                     {Gauges: []abi.Gauge{{Header: "X", Shows: "left"}}},
		"needs the field of the limit":        {Gauges: []abi.Gauge{{Header: "X", Shows: abi.GaugeUsed}}},
		"points, and the limits declare none": {Gauges: []abi.Gauge{{Header: "X", Shows: abi.GaugeUsedOfLimit, Points: true}}},
		"pause_seconds or reserve":            {Gauges: []abi.Gauge{{Header: "X", Shows: abi.GaugeRemaining, Reserve: -1}}},
		`endpoint 1: match "/a" is not`:       {Endpoints: []abi.EndpointLimit{{Match: "/a", Requests: 1, Seconds: 1}}},
		`match "get /a" is not`:               {Endpoints: []abi.EndpointLimit{{Match: "get /a", Requests: 1, Seconds: 1}}},
		"{...} stands at the end":             {Endpoints: []abi.EndpointLimit{{Match: "GET /a/{...}/b", Requests: 1, Seconds: 1}}},
		"needs requests and seconds":          {Endpoints: []abi.EndpointLimit{{Match: "* /a/{id}/{...}", Requests: 1}}},
	} {
		got := faults(t, func(m *abi.Manifest) { m.Limits = limits })
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%+v: %q, want %q", limits, got, want)
		}
	}
}

func TestSigningsAreValidated(t *testing.T) {
	good := abi.Signing{Key: "{api_secret}", Payload: "{timestamp}{method}{body}", Headers: map[string]string{"X-Sign": "{signature}"}}
	for want, change := range map[string]func(*abi.Signing){
		"":                             func(*abi.Signing) {},
		"needs a key":                  func(s *abi.Signing) { s.Key = "" },
		"headers or query":             func(s *abi.Signing) { s.Headers = nil },
		`"md5", not one of`:            func(s *abi.Signing) { s.Algorithm = "md5" },
		`"hexadecimal", not one of`:    func(s *abi.Signing) { s.Encoding = "hexadecimal" },
		`"iso", not one of`:            func(s *abi.Signing) { s.Timestamp = "iso" },
		"payload: {partner} is not":    func(s *abi.Signing) { s.Payload = "{partner}" },
		"key: {body} is not declared":  func(s *abi.Signing) { s.Key = "{body}" },
		"X-Body: {body} is not declar": func(s *abi.Signing) { s.Headers = map[string]string{"X-Body": "{body}"} },
	} {
		s := good
		change(&s)
		got := faults(t, func(m *abi.Manifest) {
			m.Auth = []abi.AuthScheme{{Name: "signature", Type: abi.AuthSignature, Signing: &s}}
		})
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := faults(t, func(m *abi.Manifest) { m.Auth = []abi.AuthScheme{{Name: "x", Type: abi.AuthSignature}} }); !strings.Contains(got, "signing is missing") {
		t.Errorf("without a signing: %q", got)
	}
}

func TestAJWTNeedsNoAudience(t *testing.T) {
	for _, use := range []abi.AuthType{abi.AuthJWTBearer, abi.AuthJWTClient} {
		scheme := abi.AuthScheme{Name: "jwt", Type: use, TokenURL: "https://auth.example.com/token", Issuer: "{api_secret}", PrivateKey: "{api_secret}"}
		if got := faults(t, func(m *abi.Manifest) { m.Auth = []abi.AuthScheme{scheme} }); got != "" {
			t.Errorf("%s: %s", use, got)
		}
	}
}

func TestDaysBeginAnywhere(t *testing.T) {
	for text, want := range map[string]string{
		"": "0s", "00:00Z": "0s", "00:00+09:00": "9h0m0s", "09:00+09:00": "0s", "17:30-08:00": "-25h30m0s",
		"24:00Z": "", "09:00": "", "09:00+0900": "",
	} {
		shift, err := abi.ParseDayStart(text)
		if (err == nil) != (want != "") || err == nil && shift.String() != want {
			t.Errorf("%q: %s, %v", text, shift, err)
		}
	}
}

// The identity is shown to who decides about a plugin, before that is accepted.
func TestWhatSteersATerminalIsNoIdentity(t *testing.T) {
	for text, want := range map[string]bool{
		"1.0.0": true, "1.0.0-rc.1+linux": true, "1.0.0\x1b[8m": false, "1.0.0\n": false, "1.0.0\u202e": false, "1.0.0\u009b8m": false,
	} {
		for where, change := range map[string]func(*abi.Manifest){
			"version": func(m *abi.Manifest) { m.Version = text },
			"title":   func(m *abi.Manifest) { m.Title = abi.Text{EN: "Shop", JA: text} },
		} {
			if got := faults(t, change); (got == "") != want {
				t.Errorf("%s %q: %q", where, text, got)
			}
		}
	}
	if got := faults(t, func(m *abi.Manifest) { m.Title.JA = "楽楽　販売" }); got != "" {
		t.Errorf("a wide space: %s", got)
	}
}

// Addresses stand in logs and in errors.
func TestNoHostHasASecretInIt(t *testing.T) {
	settings := &abi.Schema{Type: abi.TypeObject, Properties: map[string]*abi.Schema{"shop": {Type: abi.TypeString}}}
	for host, want := range map[string]string{
		"https://{shop}.example.com": "", "{shop}": "",
		"https://{api_secret}.example.com": "{api_secret} is a secret", "{api_secret}": "{api_secret} is a secret",
		"https://{area}.example.com": "{area} is not declared",
	} {
		got := faults(t, func(m *abi.Manifest) { m.Settings, m.Hosts = settings, []string{host} })
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}
