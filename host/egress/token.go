package egress

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Tokens keeps OAuth tokens, sealed, over restarts and between hosts.
type Tokens interface {
	// Load returns what was saved under key, nil if nothing was. It is
	// [vault.ErrKey] if that cannot be opened any more.
	Load(ctx context.Context, key string) ([]byte, error)
	// Swap saves next if old is what is saved now (nil: nothing that can be
	// opened). It returns false if something else is: another host was faster.
	Swap(ctx context.Context, key string, old, next []byte) (bool, error)
}

// token is what a platform gave us, as it is saved.
type token struct {
	Access  string    `json:"access"`
	Fetched time.Time `json:"fetched"`
	Expires time.Time `json:"expires"`
	// Refresh is the refresh token to use next. Previous is the one that it
	// replaced, kept until Refresh itself was used: should the platform not
	// know the new one after all, the old one may still work.
	Refresh  string `json:"refresh,omitempty"`
	Previous string `json:"previous,omitempty"`
	// Origin is a hash of the configuration that it belongs to. A token of
	// another client or from another refresh token is not used.
	Origin string `json:"origin"`
}

const (
	// renewPause is the least time between two token requests, so that a
	// platform that refuses every token is not asked for one per request.
	renewPause = 5 * time.Second
	// refusalPause is how long a refused credential is not tried again: many
	// platforms lock an account after a few wrong tries.
	refusalPause = 10 * time.Second
	// busyPause is how long a busy endpoint that does not say for how long is left
	// alone at the most: from renewPause on, twice as long each time.
	busyPause = 5 * time.Minute
	// maxSkew is how long before its end a token is renewed.
	maxSkew      = time.Minute
	fetchTimeout = 20 * time.Second
)

func (t *token) valid(now time.Time) bool {
	if t == nil || t.Access == "" {
		return false
	}
	skew := min(maxSkew, t.Expires.Sub(t.Fetched)/10)
	return now.Before(t.Expires.Add(-skew))
}

// fresh says that t was given a moment ago. One from the future, saved while the
// clock was wrong, is not: it would be kept, refused, until that time has come.
func (t *token) fresh(now time.Time) bool {
	age := now.Sub(t.Fetched)
	return age >= 0 && age < renewPause
}

// tokenSource keeps one connection's token valid. At most one token request is
// under way at any time; everybody else waits for its result.
type tokenSource struct {
	key     string
	origin  string
	grant   grant
	store   Tokens
	clock   func() time.Time
	log     *slog.Logger
	learned []*vault.Redactor

	cached atomic.Pointer[token]
	// spent is the access token that a plugin says was refused.
	spent atomic.Pointer[string]
	turn  chan struct{} // holds one token: whoever took it may fetch
	// What follows belongs to the holder of turn.
	saved   []byte
	refusal error
	until   time.Time     // until then refusal is the answer
	busy    time.Duration // for how long a busy endpoint was left alone last
}

func newTokenSource(s *abi.AuthScheme, o *Options, n names, wire sender, sent *vault.Redactor) (*tokenSource, error) {
	grant, origin, err := newGrant(s, n, wire, o.Clock)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(origin))
	return &tokenSource{
		key:     "oauth/" + o.Connection + "/" + s.Name,
		origin:  hex.EncodeToString(sum[:]),
		grant:   grant,
		store:   o.Tokens,
		clock:   o.Clock,
		log:     o.Logger,
		learned: []*vault.Redactor{o.Redactor, sent},
		turn:    make(chan struct{}, 1),
	}, nil
}

// current returns a valid access token.
func (s *tokenSource) current(ctx context.Context) (string, error) {
	refused := ""
	if spent := s.spent.Load(); spent != nil {
		refused = *spent
	}
	if t := s.cached.Load(); t.valid(s.clock()) && t.Access != refused {
		return t.Access, nil
	}
	t, err := s.obtain(ctx, refused)
	if err != nil {
		return "", err
	}
	return t.Access, nil
}

// refuse has the token replaced that was used since a time. It returns false if
// there was none, or if it is so new that another one would be refused too.
func (s *tokenSource) refuse(since time.Time) bool {
	t := s.cached.Load()
	switch {
	case t == nil || t.fresh(s.clock()) && !t.Fetched.After(since):
		return false
	case !t.Fetched.After(since):
		s.spent.Store(&t.Access)
	}
	return true
}

// renew replaces the token used, which the platform refused. It returns false
// if the token is so new that another one would be refused too.
func (s *tokenSource) renew(ctx context.Context, used string) (bool, error) {
	t, err := s.obtain(ctx, used)
	if err != nil {
		return false, err
	}
	return t.Access != used, nil
}

// obtain returns a valid token that is not the refused one: the cached one, one
// that another host saved, or a new one.
func (s *tokenSource) obtain(ctx context.Context, refused string) (*token, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, &abi.Error{Kind: abi.Unavailable, Message: "the call ended while it waited for a token"}
	}
	now := s.clock()
	if t := s.cached.Load(); t.valid(now) && (t.Access != refused || t.fresh(now)) {
		return t, nil
	}
	// A token request that was begun is ended, whoever stopped waiting: the
	// platform may have spent the refresh token already.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	defer cancel()
	t, err := s.fetch(ctx, refused)
	if err != nil {
		return nil, err
	}
	s.use(t)
	return t, nil
}

// remember keeps a refusal for a while, and a wish to wait for as long as it
// asks: the endpoint is not asked by every request meanwhile.
func (s *tokenSource) remember(err error, now time.Time) {
	k := abi.KindOf(err)
	if k == abi.Auth || k == abi.Config {
		s.refusal, s.until = err, now.Add(refusalPause)
	}
	if k == abi.RateLimited {
		s.busy = min(max(2*s.busy, renewPause), busyPause)
		pause := cmp.Or(abi.AsError(err).RetryAfter(), s.busy)
		s.refusal, s.until = err, now.Add(max(pause, renewPause))
	}
}

// refused is the remembered refusal, with what is left of the wait.
func (s *tokenSource) refused(now time.Time) error {
	if abi.KindOf(s.refusal) != abi.RateLimited {
		return s.refusal
	}
	left := *abi.AsError(s.refusal)
	left.RetryAfterMS = s.until.Sub(now).Milliseconds()
	return &left
}

func (s *tokenSource) use(t *token) {
	s.teach(t)
	s.cached.Store(t) // first, or the spent one would be found once more
	s.spent.Store(nil)
}

// fetch takes a token that another host saved, or asks the platform for one.
func (s *tokenSource) fetch(ctx context.Context, refused string) (*token, error) {
	last, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	if last.valid(s.clock()) && last.Access != refused {
		return last, nil
	}
	now := s.clock()
	if now.Before(s.until) {
		return nil, s.refused(now)
	}
	fresh, err := s.grant.fetch(ctx, last)
	if err != nil {
		err = fmt.Errorf("getting a token: %w", err)
		s.remember(err, now)
		return nil, err
	}
	s.busy = 0
	fresh.Origin = s.origin
	return s.save(ctx, fresh), nil
}

// load returns the saved token, or an empty one if there is none for this configuration.
func (s *tokenSource) load(ctx context.Context) (*token, error) {
	saved, err := s.store.Load(ctx, s.key)
	if errors.Is(err, vault.ErrKey) {
		s.log.Warn("the saved token was sealed with another vault key and is not used", slog.String("key", s.key))
		saved, err = nil, nil
	}
	if err != nil {
		return nil, &abi.Error{Kind: abi.Unavailable, Message: "reading the saved token: " + err.Error()}
	}
	s.saved = saved
	t := s.read(saved)
	s.teach(t)
	return t, nil
}

// teach lets the redactors know a token before anything can show it.
func (s *tokenSource) teach(t *token) {
	for _, r := range s.learned {
		r.Renew(s.key, t.Access, t.Refresh, t.Previous)
	}
}

// read decodes a saved token. One that cannot be read, or belongs to another
// configuration, is as good as none.
func (s *tokenSource) read(saved []byte) *token {
	t := &token{}
	if err := json.Unmarshal(saved, t); err != nil || t.Origin != s.origin {
		return &token{}
	}
	return t
}

// save keeps a token before it is used, and returns the one to use: another
// host's if that was faster. A token that cannot be saved still works now.
func (s *tokenSource) save(ctx context.Context, t *token) *token {
	text, err := json.Marshal(t)
	if err != nil { // strings and times only: cannot happen
		return t
	}
	won, err := s.store.Swap(ctx, s.key, s.saved, text)
	if err != nil {
		s.log.Error("token was not saved and will be lost at a restart", slog.String("key", s.key), slog.String("error", err.Error()))
		return t
	}
	if won {
		return t
	}
	if other, err := s.load(ctx); err == nil && other.valid(s.clock()) {
		return other
	}
	return t
}

// grant asks a platform for a token. last is what it gave before, never nil.
type grant interface {
	fetch(ctx context.Context, last *token) (*token, error)
}

// refused says that the platform will not give a token for these values, however often it is asked.
func refused(response *abi.Response, code, words string, now time.Time) error {
	message := strings.TrimSpace(code + " " + words)
	switch {
	case message != "":
	case response.Status < http.StatusMultipleChoices:
		message = "the answer holds no token"
	default:
		message = fmt.Sprintf("the token endpoint answered %d and says no reason", response.Status)
	}
	return &abi.Error{
		Kind: abi.Auth, Code: code, Status: response.Status,
		Message: "the platform refuses the credential: " + message + clockHint(response.Headers, now),
	}
}

// noticeable is a difference of clocks that a platform may refuse an assertion for.
const noticeable = 30 * time.Second

// clockHint says how far this machine's clock is from the platform's, if that
// is far: a good credential is then refused, and its error says anything but that.
func clockHint(headers []abi.Header, now time.Time) string {
	theirs, err := http.ParseTime(abi.HeaderValue(headers, "Date"))
	if err != nil {
		return ""
	}
	switch off := now.Sub(theirs).Round(time.Second); {
	case off >= noticeable:
		return fmt.Sprintf("; this machine's clock is %s ahead of the platform's", off)
	case off <= -noticeable:
		return fmt.Sprintf("; this machine's clock is %s behind the platform's", -off)
	default:
		return ""
	}
}
