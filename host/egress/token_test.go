package egress_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

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

// Platforms that answer 200 tell only the plugin that a token has expired.
func TestATokenThatThePluginSaysIsRefusedIsReplaced(t *testing.T) {
	l, o := newLogin(t)
	now := newClock()
	o.Clock, o.Manifest.Auth = now.Now, []abi.AuthScheme{clientCredentials}
	o.Manifest.Auth[0].ExpiredStatus = http.StatusTeapot
	c := newClient(t, o)
	if c.Refused(now.Now()) {
		t.Error("there was no token yet")
	}
	answers(t, c, get(l.URL), http.StatusOK)
	if c.Refused(now.Now()) {
		t.Error("a new token is no better than one that was just given")
	}
	now.advance(time.Hour / 2)
	began := now.Now()
	l.revokeAll()
	answers(t, c, get(l.URL), http.StatusUnauthorized)
	if !c.Refused(began) {
		t.Error("the token is kept")
	}
	now.advance(time.Second)
	answers(t, c, get(l.URL), http.StatusOK)
	now.advance(time.Minute)
	if !c.Refused(began) { // another call with the old one
		t.Error("there is another token")
	}
	answers(t, c, get(l.URL), http.StatusOK)
	if l.asked() != 2 {
		t.Errorf("%d token requests", l.asked())
	}
}

// A secret that is changed while a call is under way is a new way out: the call went by the old one.
func TestACallThatBeganWithAnotherSecretHasABetterOneNow(t *testing.T) {
	_, o := newLogin(t)
	now := newClock()
	o.Clock = now.Now
	o.Manifest.Auth = []abi.AuthScheme{{Name: "token", Type: abi.AuthHeader, Header: "Authorization", Value: "{client_secret}"}}
	began := now.Now()
	now.advance(time.Second)
	if c := newClient(t, o); !c.Refused(began) || c.Refused(now.Now()) {
		t.Error("the call of before is not told from one with this secret")
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

// lostKey holds a token that cannot be opened, until another one is saved.
type lostKey struct {
	*kept
	replaced bool
}

func (l *lostKey) Load(ctx context.Context, key string) ([]byte, error) {
	if !l.replaced {
		return nil, fmt.Errorf("opening %s: %w", key, vault.ErrKey)
	}
	return l.kept.Load(ctx, key)
}

func (l *lostKey) Swap(ctx context.Context, key string, old, next []byte) (bool, error) {
	l.replaced = true
	return l.kept.Swap(ctx, key, old, next)
}

func TestSavedTokenOfALostVaultKeyIsReplaced(t *testing.T) {
	l, o := newLogin(t)
	tokens := &lostKey{kept: &kept{rows: map[string][]byte{}}}
	o.Manifest.Auth, o.Tokens = []abi.AuthScheme{refreshToken}, tokens
	answers(t, newClient(t, o), get(l.URL), http.StatusOK)
	answers(t, newClient(t, o), get(l.URL), http.StatusOK)
	if !tokens.replaced || l.asked() != 1 {
		t.Errorf("replaced: %v, %d token requests", tokens.replaced, l.asked())
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

func TestARefusalSaysWhatThePlatformSaid(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		body, want string
	}{
		"of the API's form":  {400, `{"message":"invalid_grant","detail":"the key was deleted","code":"INVALID_GRANT"}`, "INVALID_GRANT invalid_grant the key was deleted"},
		"of RFC 6749's form": {400, `{"error":"invalid_grant","error_description":"expired"}`, "invalid_grant expired"},
		"an odd description": {400, `{"error":"invalid_grant","error_description":["expired"]}`, "invalid_grant"},
		"a wrong address":    {404, `{}`, "answered 404"},
		"a page":             {403, "<html>", "answered 403"},
	} {
		t.Run(name, func(t *testing.T) {
			l, o := newLogin(t)
			o.Manifest.Auth = []abi.AuthScheme{clientCredentials}
			l.fail = func(w http.ResponseWriter, _ int) bool {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
				return true
			}
			refuses(t, newClient(t, o), get(l.URL), abi.Auth, c.want)
		})
	}
}

func TestARefusalTellsThatTheClocksDiffer(t *testing.T) {
	for off, want := range map[time.Duration]string{7 * time.Minute: "7m0s ahead of", -7 * time.Minute: "7m0s behind", time.Second: ""} {
		l, o := newLogin(t)
		now := newClock()
		o.Clock, o.Manifest.Auth = now.Now, []abi.AuthScheme{clientCredentials}
		l.fail = func(w http.ResponseWriter, _ int) bool {
			w.Header().Set("Date", now.Now().Add(-off).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusBadRequest)
			return true
		}
		response := newClient(t, o).Do(t.Context(), get(l.URL))
		if text := response.Err.Error(); strings.Contains(text, "clock") != (want != "") || !strings.Contains(text, want) {
			t.Errorf("%s: %s", off, text)
		}
	}
}

func TestATokenEndpointThatAsksToWaitIsLeftAlone(t *testing.T) {
	l, o := newLogin(t)
	now := newClock()
	o.Clock, o.Manifest.Auth = now.Now, []abi.AuthScheme{clientCredentials}
	l.fail = func(w http.ResponseWriter, n int) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	c := newClient(t, o)
	for _, want := range []time.Duration{time.Minute, 40 * time.Second, 20 * time.Second} {
		response := c.Do(t.Context(), get(l.URL))
		if response.Err == nil || response.Err.Kind != abi.RateLimited || response.Err.RetryAfter() != want {
			t.Errorf("got %+v, want %s", response.Err, want)
		}
		now.advance(20 * time.Second)
	}
	if l.asked() != 1 {
		t.Errorf("%d token requests within the time that the platform asked for", l.asked())
	}
	answers(t, c, get(l.URL), http.StatusOK)
}

// A token endpoint that is busy and does not say for how long is asked ever less often.
func TestABusyTokenEndpointIsAskedEverLessOften(t *testing.T) {
	l, o := newLogin(t)
	now := newClock()
	o.Clock, o.Manifest.Auth = now.Now, []abi.AuthScheme{clientCredentials}
	var busy atomic.Bool
	busy.Store(true)
	l.fail = func(w http.ResponseWriter, _ int) bool {
		if busy.Load() {
			w.WriteHeader(http.StatusTooManyRequests)
		}
		return busy.Load()
	}
	c := newClient(t, o)
	for range 3600 {
		refuses(t, c, get(l.URL), abi.RateLimited, "asked to wait")
		now.advance(time.Second)
	}
	if asked := l.asked(); asked < 10 || asked > 20 {
		t.Errorf("it was asked %d times in an hour", asked)
	}
	busy.Store(false)
	now.advance(5 * time.Minute)
	answers(t, c, get(l.URL), http.StatusOK)
}

// TestWhatAnotherHostSavedEndsTheWait: the endpoint is left alone, and the token that another host got is used.
func TestWhatAnotherHostSavedEndsTheWait(t *testing.T) {
	l, o := newLogin(t)
	o.Clock, o.Manifest.Auth, o.Tokens = newClock().Now, []abi.AuthScheme{clientCredentials}, &kept{rows: map[string][]byte{}}
	l.fail = func(w http.ResponseWriter, n int) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("Retry-After", "86400")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	one, two := newClient(t, o), newClient(t, o)
	refuses(t, one, get(l.URL), abi.RateLimited, "asked to wait")
	answers(t, two, get(l.URL), http.StatusOK)
	answers(t, one, get(l.URL), http.StatusOK)
	if l.asked() != 2 {
		t.Errorf("%d token requests", l.asked())
	}
}

// TestATokenFromTheFutureIsReplaced: it was saved while the clock was wrong.
func TestATokenFromTheFutureIsReplaced(t *testing.T) {
	l, o := newLogin(t)
	now := newClock()
	o.Clock, o.Manifest.Auth, o.Tokens = now.Now, []abi.AuthScheme{clientCredentials}, &kept{rows: map[string][]byte{}}
	now.advance(24 * time.Hour)
	answers(t, newClient(t, o), get(l.URL), http.StatusOK)
	now.advance(-24 * time.Hour)
	l.revokeAll()
	answers(t, newClient(t, o), get(l.URL), http.StatusOK)
}

// A platform that gives only so many tokens says "later" in its own way. That is
// no refusal of the credential: nobody has to renew it.
func TestATokenEndpointIsBusyInItsOwnWords(t *testing.T) {
	l, o := newLogin(t)
	o.Clock = newClock().Now
	l.fail = func(w http.ResponseWriter, _ int) bool {
		_, _ = w.Write([]byte(`{"error":"Access Denied","error_description":"You have made too many requests continuously.","status":"failure"}`))
		return true
	}
	o.Manifest.Auth = []abi.AuthScheme{{
		Name: "refresh", Type: abi.AuthRefreshToken, TokenURL: "{base_url}/token", ClientID: "{client_id}", ClientSecret: "{client_secret}", RefreshToken: "{refresh}",
	}}
	refuses(t, newClient(t, o), get(l.URL), abi.Auth, "Access Denied You have made too many requests")
	o.Manifest.Auth[0].BusyCodes = []string{"Access Denied"}
	refuses(t, newClient(t, o), get(l.URL), abi.RateLimited, "the token endpoint asked to wait: Access Denied You have made too many requests")
}
