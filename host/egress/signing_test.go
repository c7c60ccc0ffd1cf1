package egress_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/sdk/abi"
)

// signedBy is an authentication by signature, at a time and with a nonce that are known.
func signedBy(t *testing.T, s abi.Signing, keys map[string]string) (*http.Request, string, egress.Options) {
	t.Helper()
	last, server, o := seen(t, abi.AuthScheme{Name: "signature", Type: abi.AuthSignature, Signing: &s}, keys)
	o.Clock = func() time.Time { return time.Date(2026, 4, 1, 9, 0, 0, 5_000_000, time.FixedZone("JST", 9*60*60)) }
	o.Random = bytes.NewReader(bytes.Repeat([]byte{0xab}, 64))
	return last, server.URL, o
}

func TestRequestsAreSignedOverWhatIsSent(t *testing.T) {
	last, address, o := signedBy(t, abi.Signing{
		Key: "{api_secret}", Payload: "{api_key}\n{method}\n{host}\n{path}\n{sorted_query}\n{timestamp}\n{nonce}\n{body}",
		Encoding:  "hex",
		Timestamp: "unix_ms",
		Headers: map[string]string{
			"Authorization": "HMAC {api_key}:{signature}", "X-Time": "{timestamp}", "X-Nonce": "{nonce}", "X-Body": "{body_sha256}",
		},
	}, map[string]string{"api_key": "shop-77", "api_secret": "correct-horse"})
	r := post(address+"/v1/%E5%95%86%E5%93%81?b=2&a=2&a=1&c", `{"数":1}`)
	r.Headers = []abi.Header{{Name: "X-Time", Value: "forged"}}
	answers(t, newClient(t, o), r, http.StatusOK)

	nonce := strings.Repeat("ab", 16)
	payload := "shop-77\nPOST\n" + strings.TrimPrefix(address, "http://") + "\n/v1/%E5%95%86%E5%93%81\na=1&a=2&b=2&c\n1775001600005\n" + nonce + "\n" + `{"数":1}`
	mac := hmac.New(sha256.New, []byte("correct-horse"))
	mac.Write([]byte(payload))
	body := sha256.Sum256([]byte(`{"数":1}`))
	for name, want := range map[string]string{
		"Authorization": "HMAC shop-77:" + hex.EncodeToString(mac.Sum(nil)), "X-Time": "1775001600005", "X-Nonce": nonce,
		"X-Body": hex.EncodeToString(body[:]),
	} {
		if got := last.Header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s %q, want %q", name, got, want)
		}
	}
}

func TestSignaturesMayBeInTheQuery(t *testing.T) {
	last, address, o := signedBy(t, abi.Signing{
		Key: "{api_secret}&", Payload: "{method}{path}?{query}{timestamp}", Algorithm: "sha1", Timestamp: "rfc3339",
		Query: map[string]string{"sign": "{signature}", "at": "{timestamp}"},
	}, map[string]string{"api_secret": "correct-horse"})
	answers(t, newClient(t, o), get(address+"?x=1&sign=forged"), http.StatusOK)
	mac := hmac.New(sha1.New, []byte("correct-horse&"))
	mac.Write([]byte("GET/?x=1&sign=forged2026-04-01T00:00:00Z"))
	q := last.URL.Query()
	if q.Get("x") != "1" || q.Get("at") != "2026-04-01T00:00:00Z" || len(q["sign"]) != 1 || q.Get("sign") != base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		t.Errorf("query %q", last.URL.RawQuery)
	}
}

func TestWrongSigningsAreFoundAtStart(t *testing.T) {
	good := abi.Signing{Key: "{api_secret}", Payload: "{body}", Headers: map[string]string{"X-Sign": "{signature}"}}
	for name, c := range map[string]struct {
		change func(*abi.Signing)
		keys   map[string]string
		text   string
	}{
		"no key":     {func(*abi.Signing) {}, nil, "api_secret is missing"},
		"no payload": {func(s *abi.Signing) { s.Payload = "{partner}{body}" }, map[string]string{"api_secret": "x"}, "partner is missing"},
		"algorithm":  {func(s *abi.Signing) { s.Algorithm = "md5" }, map[string]string{"api_secret": "x"}, `"md5"`},
	} {
		s := good
		c.change(&s)
		_, _, o := signedBy(t, s, c.keys)
		if _, err := egress.NewClient(o); abi.KindOf(err) != abi.Config || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A key that goes out in a header beside the signature does not come back in an echo.
func TestKeysBesideASignatureAreNotGivenAway(t *testing.T) {
	server, o := platform(t, func(w http.ResponseWriter, r *http.Request) { _ = r.Header.Write(w) })
	o.Secrets = map[string]string{"api_key": "shop-key-77777", "api_secret": "correct-horse"}
	o.Manifest.Auth = []abi.AuthScheme{{Type: abi.AuthSignature, Signing: &abi.Signing{
		Key: "{api_secret}", Payload: "{body}", Headers: map[string]string{"X-Key": "{api_key}", "X-Sign": "{signature}"},
	}}}
	if body := answers(t, newClient(t, o), get(server.URL), http.StatusOK); strings.Contains(body, "shop-key") {
		t.Errorf("the plugin sees %s", body)
	}
}
