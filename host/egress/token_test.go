package egress_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/sdk/abi"
)

// login is a platform with a token endpoint. It takes any token that it gave
// and that was not revoked.
type login struct {
	mu      sync.Mutex
	forms   []url.Values
	valid   map[string]bool
	refresh map[string]bool // nil: refresh tokens do not rotate
	fail    func(w http.ResponseWriter, n int) bool
	calls   atomic.Int32
	*httptest.Server
}

func newLogin(t *testing.T) (*login, egress.Options) {
	t.Helper()
	l := &login{valid: map[string]bool{}}
	server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			l.token(w, r)
			return
		}
		l.calls.Add(1)
		l.mu.Lock()
		defer l.mu.Unlock()
		if !l.valid[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")] {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	l.Server = server
	o.Secrets = map[string]string{"client_id": "the-client", "client_secret": "the-secret", "refresh": "refresh-0"}
	return l, o
}

func (l *login) token(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = r.ParseForm()
	l.forms = append(l.forms, r.PostForm)
	n := len(l.forms)
	if l.fail != nil && l.fail(w, n) {
		return
	}
	access := fmt.Sprintf("access-%d", n)
	answer := map[string]any{"access_token": access, "expires_in": "3600"}
	if used := r.PostForm.Get("refresh_token"); l.refresh != nil {
		if !l.refresh[used] {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"invalid_grant","error_description":"expired refresh token"}`))
			return
		}
		answer["refresh_token"] = fmt.Sprintf("refresh-%d", n)
		delete(l.refresh, used)
		l.refresh[fmt.Sprintf("refresh-%d", n)] = true
	}
	l.valid[access] = true
	_ = json.NewEncoder(w).Encode(answer)
}

func (l *login) revokeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.valid)
}

func (l *login) asked() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.forms)
}

var clientCredentials = abi.AuthScheme{
	Name: "client_credentials", Type: abi.AuthClientCredentials, TokenURL: "{base_url}/token",
	ClientID: "{client_id}", ClientSecret: "{client_secret}", Scope: "api",
}

var refreshToken = abi.AuthScheme{
	Name: "refresh", Type: abi.AuthRefreshToken, TokenURL: "{base_url}/token", ClientID: "{client_id}", RefreshToken: "{refresh}",
}

// clock is set by tests.
type clock struct{ now atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.now.Store(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC).Unix())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(c.now.Load(), 0) }
func (c *clock) advance(d time.Duration) { c.now.Add(int64(d / time.Second)) }

// kept is a token store that two hosts share.
type kept struct {
	mu   sync.Mutex
	rows map[string][]byte
}

func (k *kept) Load(_ context.Context, key string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.rows[key], nil
}

func (k *kept) Swap(_ context.Context, key string, old, next []byte) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !bytes.Equal(k.rows[key], old) {
		return false, nil
	}
	k.rows[key] = next
	return true, nil
}

func TestOneTokenServesAllRequests(t *testing.T) {
	l, o := newLogin(t)
	o.Manifest.Auth = []abi.AuthScheme{clientCredentials}
	c := newClient(t, o)
	var calls sync.WaitGroup
	for range 20 {
		calls.Go(func() { answers(t, c, get(l.URL), http.StatusOK) })
	}
	calls.Wait()
	if l.asked() != 1 {
		t.Errorf("%d token requests", l.asked())
	}
	want := url.Values{"grant_type": {"client_credentials"}, "client_id": {"the-client"}, "client_secret": {"the-secret"}, "scope": {"api"}}
	if got := l.forms[0].Encode(); got != want.Encode() {
		t.Errorf("the form was %s", got)
	}
}

func TestBasicClientSendsNoSecretInTheForm(t *testing.T) {
	l, o := newLogin(t)
	scheme := clientCredentials
	scheme.BasicClient = true
	o.Manifest.Auth = []abi.AuthScheme{scheme}
	answers(t, newClient(t, o), get(l.URL), http.StatusOK)
	if l.forms[0].Has("client_secret") || l.forms[0].Has("client_id") {
		t.Errorf("the form was %s", l.forms[0].Encode())
	}
}

func TestTokenIsRenewedBeforeItsEnd(t *testing.T) {
	l, o := newLogin(t)
	now := newClock()
	o.Clock, o.Manifest.Auth = now.Now, []abi.AuthScheme{clientCredentials}
	c := newClient(t, o)
	answers(t, c, get(l.URL), http.StatusOK)
	now.advance(59*time.Minute - time.Second)
	answers(t, c, get(l.URL), http.StatusOK)
	if l.asked() != 1 {
		t.Errorf("%d token requests before the end", l.asked())
	}
	now.advance(time.Second)
	answers(t, c, get(l.URL), http.StatusOK)
	if l.asked() != 2 {
		t.Errorf("%d token requests at the end", l.asked())
	}
}

func TestExpiredTokenIsReplacedOnceAndTheRequestRepeated(t *testing.T) {
	l, o := newLogin(t)
	now := newClock()
	o.Clock, o.Manifest.Auth = now.Now, []abi.AuthScheme{clientCredentials}
	c := newClient(t, o)
	answers(t, c, get(l.URL), http.StatusOK)
	l.revokeAll()
	now.advance(time.Minute)
	before := l.calls.Load()
	var calls sync.WaitGroup
	for range 5 {
		calls.Go(func() { answers(t, c, post(l.URL, "{}"), http.StatusOK) })
	}
	calls.Wait()
	if l.asked() != 2 || l.calls.Load()-before > 10 {
		t.Errorf("%d token requests, %d requests", l.asked(), l.calls.Load()-before)
	}
}

func TestPlatformThatRefusesEveryTokenIsNotFlooded(t *testing.T) {
	l, o := newLogin(t)
	o.Clock, o.Manifest.Auth = newClock().Now, []abi.AuthScheme{clientCredentials}
	c := newClient(t, o)
	answers(t, c, get(l.URL), http.StatusOK)
	for range 10 {
		l.revokeAll()
		answers(t, c, get(l.URL), http.StatusUnauthorized)
	}
	if l.asked() != 1 {
		t.Errorf("%d token requests", l.asked())
	}
}

func TestRefusedCredentialIsNotTriedAgainAtOnce(t *testing.T) {
	l, o := newLogin(t)
	now := newClock()
	o.Clock, o.Manifest.Auth = now.Now, []abi.AuthScheme{clientCredentials}
	l.fail = func(w http.ResponseWriter, n int) bool {
		if n > 1 {
			return false
		}
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"invalid_client","error_description":"invalid client credentials the-secret"}`))
		return true
	}
	c := newClient(t, o)
	for range 3 {
		err := refuses(t, c, get(l.URL), abi.Auth, "invalid client credentials")
		if err.Code != "invalid_client" || strings.Contains(err.Message, "the-secret") {
			t.Errorf("got %+v", err)
		}
	}
	if l.asked() != 1 {
		t.Errorf("%d token requests", l.asked())
	}
	now.advance(10 * time.Second)
	answers(t, c, get(l.URL), http.StatusOK)
}

func TestTokenErrorsHaveTheirKind(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   abi.Kind
	}{
		"down":          {503, "", abi.Unavailable},
		"error in 400":  {400, `{"error":"server_error"}`, abi.Unavailable},
		"rate":          {429, "", abi.RateLimited},
		"error in 200":  {200, `{"error":"invalid_code"}`, abi.Auth},
		"html":          {200, "<html>", abi.Unavailable},
		"empty":         {200, "{}", abi.Auth},
		"refused":       {403, "", abi.Auth},
		"numeric error": {400, `{"error":7}`, abi.Auth},
	} {
		t.Run(name, func(t *testing.T) {
			l, o := newLogin(t)
			o.Manifest.Auth = []abi.AuthScheme{clientCredentials}
			l.fail = func(w http.ResponseWriter, _ int) bool {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
				return true
			}
			refuses(t, newClient(t, o), post(l.URL, "{}"), c.kind, "")
			if l.calls.Load() != 0 {
				t.Error("the request went out without a token")
			}
		})
	}
}

func TestRefreshTokenRotatesAndSurvivesARestart(t *testing.T) {
	l, o := newLogin(t)
	l.refresh = map[string]bool{"refresh-0": true}
	now := newClock()
	o.Clock, o.Manifest.Auth, o.Tokens = now.Now, []abi.AuthScheme{refreshToken}, &kept{rows: map[string][]byte{}}
	for range 3 {
		answers(t, newClient(t, o), get(l.URL), http.StatusOK)
		now.advance(2 * time.Hour)
	}
	var used []string
	for _, form := range l.forms {
		used = append(used, form.Get("refresh_token"))
	}
	if got := strings.Join(used, " "); got != "refresh-0 refresh-1 refresh-2" {
		t.Errorf("used %s", got)
	}
}

func TestPreviousRefreshTokenIsTriedWhenTheNewOneFails(t *testing.T) {
	l, o := newLogin(t)
	l.refresh = map[string]bool{"refresh-0": true}
	now := newClock()
	o.Clock, o.Manifest.Auth = now.Now, []abi.AuthScheme{refreshToken}
	c := newClient(t, o)
	answers(t, c, get(l.URL), http.StatusOK)
	l.refresh = map[string]bool{"refresh-0": true} // the platform forgot that it rotated
	now.advance(2 * time.Hour)
	answers(t, c, get(l.URL), http.StatusOK)
	l.refresh = map[string]bool{}
	now.advance(2 * time.Hour)
	refuses(t, c, get(l.URL), abi.Auth, "authorise the connection again")
}

func TestSavedTokenOfAnotherConfigurationIsNotUsed(t *testing.T) {
	l, o := newLogin(t)
	o.Manifest.Auth, o.Tokens = []abi.AuthScheme{clientCredentials}, &kept{rows: map[string][]byte{}}
	answers(t, newClient(t, o), get(l.URL), http.StatusOK)
	answers(t, newClient(t, o), get(l.URL), http.StatusOK)
	if l.asked() != 1 {
		t.Errorf("%d token requests with a saved token", l.asked())
	}
	o.Secrets = map[string]string{"client_id": "another-client", "client_secret": "the-secret"}
	answers(t, newClient(t, o), get(l.URL), http.StatusOK)
	if l.asked() != 2 {
		t.Errorf("%d token requests after the client changed", l.asked())
	}
}

func TestTwoHostsShareOneToken(t *testing.T) {
	l, o := newLogin(t)
	now := newClock()
	o.Clock, o.Manifest.Auth, o.Tokens = now.Now, []abi.AuthScheme{clientCredentials}, &kept{rows: map[string][]byte{}}
	one, two := newClient(t, o), newClient(t, o)
	answers(t, one, get(l.URL), http.StatusOK)
	answers(t, two, get(l.URL), http.StatusOK)
	l.revokeAll()
	now.advance(time.Minute)
	answers(t, one, get(l.URL), http.StatusOK)
	answers(t, two, get(l.URL), http.StatusOK)
	if l.asked() != 2 {
		t.Errorf("%d token requests", l.asked())
	}
}

func TestAssertionIsSignedAndShortLived(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"PKCS #1": {Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)},
		"PKCS #8": {Type: "PRIVATE KEY", Bytes: pkcs8},
	} {
		t.Run(name, func(t *testing.T) {
			l, o := newLogin(t)
			now := newClock()
			o.Clock = now.Now
			o.Secrets["key"] = string(pem.EncodeToMemory(block))
			o.Manifest.Auth = []abi.AuthScheme{{
				Name: "jwt", Type: abi.AuthJWTBearer, TokenURL: "{base_url}/token", Issuer: "{client_id}",
				Subject: "hanako@example.com", Audience: "https://login.example.com", PrivateKey: "{key}",
			}}
			answers(t, newClient(t, o), get(l.URL), http.StatusOK)
			claims := verify(t, &key.PublicKey, l.forms[0].Get("assertion"))
			want := map[string]any{
				"iss": "the-client", "sub": "hanako@example.com", "aud": "https://login.example.com",
				"iat": float64(now.Now().Unix()), "exp": float64(now.Now().Unix() + 120),
			}
			if fmt.Sprint(claims) != fmt.Sprint(want) {
				t.Errorf("claims %v", claims)
			}
		})
	}
}

func verify(t *testing.T, key *rsa.PublicKey, assertion string) (claims map[string]any) {
	t.Helper()
	signed, signature, _ := cutLast(assertion, ".")
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(signed))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(signed, ".")
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
