package web

import (
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// sent is when the deliveries below were signed.
var sent = time.Unix(1_793_500_000, 0)

// scheme is a way of signing with a delivery that carries a right signature.
// The sums were made with openssl, or are the platforms' own examples.
type scheme struct {
	name     string
	declared abi.Signature
	settings map[string]string
	secret   string
	headers  map[string]string
	body     string
}

func schemes() []scheme {
	const body = `{"id":1}`
	return []scheme{
		{
			name:     "sha256 in base64",
			declared: abi.Signature{Type: abi.SignatureHMAC, Header: "X-Hmac", Secret: "key"},
			secret:   "musubi-secret", body: body,
			headers: map[string]string{"X-Hmac": "/8CGnrvio+Ttb3E0vNOYsvU/OOf8t5L1fVTbz1DbU3o="},
		},
		{
			name:     "another key",
			declared: abi.Signature{Type: abi.SignatureHMAC, Header: "X-Hmac", Secret: "key"},
			secret:   "shpss_example", body: body,
			headers: map[string]string{"X-Hmac": "QvBzlTPo5RYh0lGvEXvN6nLJRmU2XrsL6x7vnfUCHCs="},
		},
		{
			name:     "old key of two",
			declared: abi.Signature{Type: abi.SignatureHMAC, Header: "X-Hmac", Secret: "key"},
			secret:   "new-secret\nmusubi-secret\n", body: body,
			headers: map[string]string{"X-Hmac": "/8CGnrvio+Ttb3E0vNOYsvU/OOf8t5L1fVTbz1DbU3o="},
		},
		{
			name:     "sha1 in hex with a prefix",
			declared: abi.Signature{Type: abi.SignatureHMAC, Header: "X-Hub", Secret: "key", Algorithm: "sha1", Encoding: "hex", Prefix: "sha1="},
			secret:   "musubi-secret", body: body,
			headers: map[string]string{"X-Hub": "sha1=b54e64e1a8c84502d5299767a4433ae5765c1e5c"},
		},
		{
			name:     "all of it from settings",
			declared: abi.Signature{Type: abi.SignatureHMAC, Header: "{sig_header}", Secret: "key", Algorithm: "{sig_algorithm}", Encoding: "{sig_encoding}", Optional: true},
			settings: map[string]string{"sig_header": "X-Shop-Sign", "sig_algorithm": "sha512", "sig_encoding": "hex"},
			secret:   "musubi-secret", body: body,
			headers: map[string]string{"X-Shop-Sign": "721e7140ca472be48fda392594f040ca53269abe8709635b4c4dadade1c309454a6e2229a1ff9265fd7e36221b24502de81750270693c750257ef5e4526ce5fa"},
		},
		{
			name: "time stamp within the payload",
			declared: abi.Signature{
				Type: abi.SignatureHMAC, Header: "X-Sign", Secret: "key", Encoding: "hex", Prefix: "v0=",
				Payload: "v0:{timestamp}:{body}", TimestampHeader: "X-Time", ToleranceSeconds: 300,
			},
			secret: "musubi-secret", body: body,
			headers: map[string]string{"X-Sign": "v0=5671772d6e455989e10eb545242b1d73f24836bddea1aabdb62d69a94899b9c6", "X-Time": "1793500000"},
		},
		{
			name:     "static header",
			declared: abi.Signature{Type: abi.SignatureHeader, Header: "X-Token", Secret: "key"},
			secret:   "musubi-secret", body: body,
			headers: map[string]string{"X-Token": "musubi-secret"},
		},
	}
}

func TestARightSignatureHolds(t *testing.T) {
	for _, s := range schemes() {
		t.Run(s.name, func(t *testing.T) {
			if !s.check(t).holds(lookup(s.headers), []byte(s.body), sent.Add(time.Minute)) {
				t.Error("refused")
			}
		})
	}
}

func TestAChangedDeliveryDoesNotHold(t *testing.T) {
	for _, s := range schemes() {
		t.Run(s.name, func(t *testing.T) {
			check := s.check(t)
			if !check.exact && check.holds(lookup(s.headers), []byte(`{"id":2}`), sent) {
				t.Error("another body was taken")
			}
			for name, value := range s.headers {
				changed := map[string]string{name: value + "0"}
				if check.holds(lookup(changed), []byte(s.body), sent) {
					t.Errorf("%s was taken with another value", name)
				}
			}
			if check.holds(lookup(nil), []byte(s.body), sent) {
				t.Error("a delivery without headers was taken")
			}
		})
	}
}

func TestAStaleOrFutureTimestampDoesNotHold(t *testing.T) {
	for _, s := range schemes() {
		if s.declared.TimestampHeader == "" {
			continue
		}
		for _, off := range []time.Duration{301 * time.Second, -301 * time.Second, 1 << 62} {
			if s.check(t).holds(lookup(s.headers), []byte(s.body), sent.Add(off)) {
				t.Errorf("taken %v later", off)
			}
		}
	}
}

func TestASignatureWithoutItsSecret(t *testing.T) {
	declared := abi.Signature{Type: abi.SignatureHMAC, Header: "X-Hmac", Secret: "key"}
	if _, err := newSignature(declared, lookup(nil), lookup(nil)); err == nil {
		t.Error("a demanded signature was left out")
	}
	declared.Optional = true
	if s, err := newSignature(declared, lookup(nil), lookup(nil)); s != nil || err != nil {
		t.Errorf("an optional signature gave %v, %v", s, err)
	}
}

func TestASignatureThatCannotBeCheckedIsRefused(t *testing.T) {
	secret := lookup(map[string]string{"key": "x"})
	for name, declared := range map[string]abi.Signature{
		"no header":         {Header: "{unset}", Secret: "key", Optional: true},
		"unknown algorithm": {Header: "X", Secret: "key", Algorithm: "md5"},
		"unknown encoding":  {Header: "X", Secret: "key", Encoding: "base32"},
	} {
		if _, err := newSignature(declared, lookup(nil), secret); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func (s scheme) check(t *testing.T) *signature {
	t.Helper()
	check, err := newSignature(s.declared, lookup(s.settings), lookup(map[string]string{"key": s.secret}))
	if err != nil || check == nil {
		t.Fatalf("making the check: %v", err)
	}
	return check
}
