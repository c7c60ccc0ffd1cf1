package egress_test

import (
	"bytes"
	"context"
	"encoding/json"
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
