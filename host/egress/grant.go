package egress

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// endpoint is a token endpoint with what every request to it carries.
type endpoint struct {
	wire  sender
	clock func() time.Time
	url   *url.URL
	// form is sent with every request; basic, if not empty, is the Authorization header.
	form     url.Values
	basic    string
	lifetime time.Duration // of a token whose answer does not say
	busy     []string      // codes that ask to wait
}

const (
	defaultTokenSeconds     = 3600
	defaultAssertionSeconds = 120
)

// newGrant makes the grant of an OAuth scheme, and a text that changes with
// everything that its tokens depend on.
func newGrant(s *abi.AuthScheme, n names, wire sender, clock func() time.Time) (g grant, origin string, err error) {
	e := &endpoint{wire: wire, clock: clock, form: url.Values{}, busy: append([]string{"slow_down", "rate_limit_exceeded"}, s.BusyCodes...)}
	e.lifetime = time.Duration(orDefault(s.TokenSeconds, defaultTokenSeconds)) * time.Second
	if err := errors.Join(e.fillURL(s, n), e.fillClient(s, n)); err != nil {
		return nil, "", err
	}
	for name, text := range s.Params {
		if value := n.fillOptional(text); value != "" {
			e.form.Set(name, value)
		}
	}
	switch s.Type {
	case abi.AuthClientCredentials:
		e.form.Set("grant_type", "client_credentials")
		e.setOptional("scope", n.fillOptional(s.Scope))
		g = &clientGrant{e}
	case abi.AuthRefreshToken:
		e.form.Set("grant_type", "refresh_token")
		e.setOptional("scope", n.fillOptional(s.Scope))
		seed, err := n.fill(s.RefreshToken)
		if err != nil {
			return nil, "", err
		}
		g, origin = &refreshGrant{e, seed}, seed
	default:
		g, origin, err = newJWTGrant(s, n, e)
	}
	return g, strings.Join([]string{e.url.String(), e.form.Encode(), e.basic, origin}, "\n"), err
}

// fillURL sets the endpoint's address. Plain http needs a setting that says so.
func (e *endpoint) fillURL(s *abi.AuthScheme, n names) error {
	text, err := n.fill(s.TokenURL)
	if err != nil {
		return err
	}
	if e.url, err = parseURL(text); err != nil {
		return fmt.Errorf("the token address: %w", err)
	}
	if e.url.Scheme == "http" && strings.HasPrefix(s.TokenURL, "http:") {
		return errors.New("the token address must be https")
	}
	return nil
}

func (e *endpoint) fillClient(s *abi.AuthScheme, n names) error {
	id, err := n.fill(s.ClientID)
	if err != nil {
		return err
	}
	secret := n.fillOptional(s.ClientSecret)
	if s.Type == abi.AuthClientCredentials && secret == "" {
		_, err := n.fill(s.ClientSecret)
		return err
	}
	if s.BasicClient {
		text := url.QueryEscape(id) + ":" + url.QueryEscape(secret) // RFC 6749, 2.3.1
		e.basic = "Basic " + base64.StdEncoding.EncodeToString([]byte(text))
		return nil
	}
	e.setOptional("client_id", id)
	e.setOptional("client_secret", secret)
	return nil
}

func (e *endpoint) setOptional(name, value string) {
	if value != "" {
		e.form.Set(name, value)
	}
}

// ask sends one token request with extra besides what is always sent.
func (e *endpoint) ask(ctx context.Context, extra url.Values) (*token, error) {
	form := url.Values{}
	for _, values := range []url.Values{e.form, extra} {
		for name := range values {
			form.Set(name, values.Get(name))
		}
	}
	h := &hop{method: http.MethodPost, url: e.url, body: []byte(form.Encode()), safe: true, header: http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"},
		"Accept":       {"application/json"},
	}}
	if e.basic != "" {
		h.header.Set("Authorization", e.basic)
	}
	response := e.wire.send(ctx, h)
	if response.Err != nil {
		return nil, response.Err
	}
	t, err := e.read(response)
	if err != nil {
		return nil, e.cleaned(err, extra)
	}
	return t, nil
}

// cleaned returns the error of a request without what proved the client in it,
// and others could use: an assertion is made anew each time, so nobody else knows it.
func (e *endpoint) cleaned(err error, proof url.Values) error {
	sent := vault.NewRedactor(strings.TrimPrefix(e.basic, "Basic "))
	for name := range proof {
		sent.Learn(proof.Get(name))
	}
	return sent.Error(abi.AsError(err))
}

// tokenAnswer is RFC 6749's answer, good or bad. Some platforms send errors
// with status 200, some send the lifetime as a string.
type tokenAnswer struct {
	AccessToken  string          `json:"access_token"`
	RefreshToken string          `json:"refresh_token"`
	ExpiresIn    json.RawMessage `json:"expires_in"`
	Error        any             `json:"error"`
	Description  any             `json:"error_description"`
	// Some platforms answer errors in the form of the rest of their API.
	Code    any `json:"code"`
	Message any `json:"message"`
	Detail  any `json:"detail"`
}

// code is the error's code; a few platforms send a number or an object, which says nothing here.
func (a *tokenAnswer) code() string { return cmp.Or(textOf(a.Error), textOf(a.Code)) }

// words are the platform's own, besides the code.
func (a *tokenAnswer) words() string {
	if text := textOf(a.Description); text != "" {
		return text
	}
	return strings.TrimSpace(textOf(a.Message) + " " + textOf(a.Detail))
}

func textOf(value any) string {
	text, _ := value.(string) //nolint:errcheck // anything else says nothing
	return text
}

func (e *endpoint) read(response *abi.Response) (*token, error) {
	var answer tokenAnswer
	unreadable := json.Unmarshal(response.Body, &answer) != nil
	code := answer.code()
	switch {
	case response.Status == http.StatusTooManyRequests, answer.AccessToken == "" && slices.Contains(e.busy, code):
		wait := askedToWait(response.Headers, e.clock())
		message := strings.TrimSuffix(strings.TrimSpace("the token endpoint asked to wait: "+code+" "+answer.words()), ":")
		return nil, &abi.Error{Kind: abi.RateLimited, Message: message, Status: response.Status, RetryAfterMS: wait.Milliseconds()}
	case response.Status >= http.StatusInternalServerError, code == "server_error", code == "temporarily_unavailable":
		return nil, &abi.Error{Kind: abi.Unavailable, Message: fmt.Sprintf("the token endpoint answered %d", response.Status), Status: response.Status}
	case answer.AccessToken == "" && unreadable && response.Status < http.StatusBadRequest:
		return nil, &abi.Error{Kind: abi.Unavailable, Message: "the token endpoint answered no JSON", Status: response.Status}
	case answer.AccessToken == "" || response.Status >= http.StatusMultipleChoices:
		return nil, refused(response, code, answer.words(), e.clock())
	case !carried(answer.AccessToken) || !carried(answer.RefreshToken):
		return nil, &abi.Error{Kind: abi.Unavailable, Message: "the token endpoint gave a token that no request can carry", Status: response.Status}
	}
	now := e.clock()
	return &token{
		Access: answer.AccessToken, Refresh: answer.RefreshToken,
		Fetched: now, Expires: now.Add(e.expiresIn(answer.ExpiresIn)),
	}, nil
}

// maxToken is how long a token may be, in bytes. Servers take no longer head.
const maxToken = 16 << 10

// carried says whether a request can carry the token: one that is endless, or
// of lines, would be kept and looked for in all answers.
func carried(token string) bool {
	return len(token) <= maxToken && httpguts.ValidHeaderFieldValue(token)
}

func (e *endpoint) expiresIn(text json.RawMessage) time.Duration {
	seconds, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	if err != nil || seconds <= 0 {
		return e.lifetime
	}
	const most = 10 * 365 * 24 * time.Hour
	return time.Duration(min(seconds, most.Seconds()) * float64(time.Second))
}

// clientGrant is RFC 6749's client credentials grant.
type clientGrant struct{ endpoint *endpoint }

func (g *clientGrant) fetch(ctx context.Context, _ *token) (*token, error) {
	return g.endpoint.ask(ctx, nil)
}

// refreshGrant is the refresh token grant, with rotation.
type refreshGrant struct {
	endpoint *endpoint
	seed     string // from the configuration
}

// fetch tries the newest refresh token first, then the one that it replaced,
// then the configured one.
func (g *refreshGrant) fetch(ctx context.Context, last *token) (*token, error) {
	var err error
	tried := map[string]bool{"": true}
	for _, refresh := range []string{last.Refresh, last.Previous, g.seed} {
		if tried[refresh] {
			continue
		}
		tried[refresh] = true
		var fresh *token
		fresh, err = g.endpoint.ask(ctx, url.Values{"refresh_token": {refresh}})
		if err == nil {
			return fresh.follow(refresh), nil
		}
		if abi.KindOf(err) != abi.Auth {
			return nil, err
		}
	}
	return nil, fmt.Errorf("no refresh token works any more, authorise the connection again: %w", err)
}

// follow completes the answer to a request that used the given refresh token.
func (t *token) follow(used string) *token {
	if t.Refresh == "" {
		t.Refresh = used
	}
	if t.Refresh != used {
		t.Previous = used
	}
	return t
}
