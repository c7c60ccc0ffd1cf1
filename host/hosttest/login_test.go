package hosttest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
)

// What becomes of a connection's credential while runs use it.

// login is a host whose clock a test moves, so that tokens grow old.
type login struct {
	*hosttest.Host

	t     *testing.T
	ahead atomic.Int64
}

func newLogin(t *testing.T, f *front, auth string, secrets map[string]string) *login {
	t.Helper()
	l := &login{t: t}
	c := hosttest.Connection{Auth: auth, Secrets: secrets}
	if auth == "jwt_bearer" {
		c.Settings = map[string]any{"username": "integration@example.com"}
	}
	l.Host = f.host(t, c, func(o *hosttest.Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(l.ahead.Load())) }
	})
	return l
}

// asked is how often the platform was asked for a token.
func (l *login) asked() int {
	l.t.Helper()
	entries, err := l.Sims["crm"].Journal(l.t.Context(), 0)
	if err != nil {
		l.t.Fatal(err)
	}
	asked := 0
	for _, e := range entries {
		if strings.HasSuffix(e.Path, "/oauth2/token") {
			asked++
		}
	}
	return asked
}

// expire has every token expire, a while after it was issued.
func (l *login) expire() {
	l.t.Helper()
	l.ahead.Add(int64(10 * time.Second))
	if err := l.Sims["crm"].DeleteRecord(l.t.Context(), "_sessions", "all"); err != nil {
		l.t.Fatal(err)
	}
}

func (l *login) done() int { return len(l.Runs(host.RunFilter{State: host.RunDone, Limit: 500})) }

// many is how many runs a test has call a platform at once.
const many = 60

// A token that expires under many calls is renewed once for all of them, and
// no call is lost or repeated.
func TestTokenExpiresUnderManyCalls(t *testing.T) {
	t.Parallel()
	for auth, secrets := range map[string]map[string]string{
		"client_credentials": nil,
		"refresh_token":      nil,
		"jwt_bearer":         {"private_key": "{sim:_keys.private_key}"},
	} {
		t.Run(auth, func(t *testing.T) {
			l := newLogin(t, newFront(t), auth, secrets)
			announce(t, l.Host, "crm", many)
			l.Await("some runs to be done", func() bool { return l.done() >= many/10 })
			l.expire()
			l.Settled(many)
			wantLeads(t, l.Host, many)
			announce(t, l.Host, "crm", 1)
			l.Settled(many + 1)
			if got := l.asked(); got != 2 || l.done() != many+1 {
				t.Errorf("%d token requests, want 2; %d runs are done", got, l.done())
			}
		})
	}
}

// A platform that hands out a new refresh token each time finds it used the
// next time, also after a restart.
func TestRefreshTokenRotatesOverARestart(t *testing.T) {
	t.Parallel()
	l := newLogin(t, newFront(t), "refresh_token", nil)
	if err := l.Sims["crm"].SetLimits(t.Context(), map[string]any{"rotate_refresh_tokens": true}); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		announce(t, l.Host, "crm", 1)
		l.Settled(n + 1)
		l.Restart()
		l.expire()
	}
	if got := l.asked(); got != 3 || l.done() != 3 {
		t.Errorf("%d token requests and %d runs are done, want 3", got, l.done())
	}
}

// A platform that hands out a refresh token and then does not know it is
// asked with the one before.
func TestOldRefreshTokenIsKeptUntilTheNewOneWorked(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.change = handOutLostToken
	l := newLogin(t, f, "refresh_token", nil)
	for n := range 2 {
		announce(t, l.Host, "crm", 1)
		l.Settled(n + 1)
		l.expire()
	}
	if got := l.asked(); got != 3 || l.done() != 2 { // the second renewal tries the lost one first
		t.Errorf("%d token requests, want 3; %d runs are done", got, l.done())
	}
}

// handOutLostToken adds to token answers a refresh token that nobody knows.
func handOutLostToken(r *http.Response) error {
	if !strings.HasSuffix(r.Request.URL.Path, "/oauth2/token") || r.StatusCode != http.StatusOK {
		return nil
	}
	var answer map[string]any
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		return err
	}
	answer["refresh_token"] = "lost"
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	r.Header.Del("Content-Length")
	return nil
}

// A credential that was revoked parks its connection: the runs wait, each
// unfailed, the platform is left alone, and all goes on once it is mended.
func TestRevokedCredentialParksTheConnection(t *testing.T) {
	t.Parallel()
	l := newLogin(t, newFront(t), "client_credentials", nil)
	announce(t, l.Host, "crm", 1)
	l.Settled(1)
	l.setSecret("another-secret")
	l.expire()
	announce(t, l.Host, "crm", many)
	l.Await("the connection to be parked", func() bool {
		return connectionState(t, l.Host, "crm") == host.ConnectionParked && len(l.Runs(host.RunFilter{State: host.RunWaiting, Limit: 500})) == many
	})
	if failed := l.Runs(host.RunFilter{State: host.RunFailed}); len(failed) != 0 {
		t.Errorf("%d runs failed, the first: %v", len(failed), failed[0].Error)
	}
	if got := l.asked(); got != 2 {
		t.Errorf("%d token requests, want 2: one that was granted, one that was refused", got)
	}
	l.setSecret("sim-client-secret")
	l.ahead.Add(int64(time.Minute)) // a refusal is remembered for a while
	if err := l.Client.Resume(t.Context(), "crm"); err != nil {
		t.Fatal(err)
	}
	for _, run := range l.Settled(many + 1) {
		if run.State != host.RunDone {
			t.Errorf("run %s: %s: %v", run.ID, run.State, run.Error)
		}
	}
	wantLeads(t, l.Host, many+1)
}

func (l *login) setSecret(secret string) {
	l.t.Helper()
	if err := l.Sims["crm"].PutRecord(l.t.Context(), "_clients", "sim-client-id", map[string]any{"secret": secret}); err != nil {
		l.t.Fatal(err)
	}
}
