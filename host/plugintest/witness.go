package plugintest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// witness counts how much was searched for secrets over the whole suite.
type witness struct {
	mu       sync.Mutex
	searched int
}

func newWitness() *witness { return &witness{} }

func (w *witness) count(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.searched += n
}

func (w *witness) total() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.searched
}

// watch keeps all that leaves one connection. It is a log handler, too. The
// search is its own, and not the host's redactor: what that misses must be found.
type watch struct {
	witness *witness
	secrets map[string]string
	mu      sync.Mutex
	texts   []sighting
}

// theLog is where a line of the log is seen.
const theLog = "the log"

type sighting struct{ where, text string }

func (w *witness) watch(secrets map[string]string) *watch {
	return &watch{witness: w, secrets: secrets}
}

func (w *watch) text(where, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, sighting{where, text})
}

// Enabled takes every level.
func (w *watch) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs and WithGroup keep what they add in the same place.
func (w *watch) WithAttrs(attrs []slog.Attr) slog.Handler {
	w.text(theLog, fmt.Sprint(attrs))
	return w
}

// WithGroup keeps nothing: a group's name is a constant.
func (w *watch) WithGroup(string) slog.Handler { return w }

// Handle keeps a line.
func (w *watch) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	w.text(theLog, line)
	return nil
}

// search fails the test for every secret in what left the connection, and in
// what it sent to the platform outside of headers and the token endpoint.
func (w *watch) search(t *testing.T, s *suite, p *platform) {
	t.Helper()
	entries, err := p.Journal(context.Background(), 0)
	rig.Must(t, err)
	for i := range entries {
		w.sent(s, &entries[i])
	}
	secrets := maps.Clone(w.secrets)
	for i, token := range s.tokensIn(entries) {
		secrets[fmt.Sprintf("token %d", i+1)] = token
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, seen := range w.texts {
		for name, value := range secrets {
			if holds(seen.text, value) {
				t.Errorf("the secret %s is visible in %s", name, seen.where)
			}
		}
	}
	w.searchPeople(t)
	w.witness.count(len(w.texts))
}

// address finds e-mail addresses.
var address = regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.]+`)

// searchPeople fails the test for an e-mail address in the log: customers' data
// is the rules' business, and a log is kept and read elsewhere. The caller holds mu.
func (w *watch) searchPeople(t *testing.T) {
	t.Helper()
	for _, seen := range w.texts {
		if found := address.FindString(seen.text); found != "" && seen.where == theLog {
			t.Errorf("the log holds the address %s: %.200s. Log ids, and never what customers are called or reached by", found, seen.text)
		}
	}
}

// sent adds what one request showed the platform. The token endpoint is the
// host's own and must be told the secrets.
func (w *watch) sent(s *suite, e *simkit.Entry) {
	if s.isTokenPath(e.Path) {
		return
	}
	w.text("the body of "+e.Method+" "+e.Path, e.Request)
	if !slices.ContainsFunc(s.manifest.Auth, func(a abi.AuthScheme) bool { return a.Type == abi.AuthQuery }) {
		w.text("the query of "+e.Method+" "+e.Path, e.Query)
	}
}

// minSecret is the length from which a value is a secret that is worth searching.
const minSecret = 6

// holds says whether text holds the value, plain or as it looks inside JSON, a URL or base64.
func holds(text, value string) bool {
	if len(value) < minSecret {
		return false
	}
	quoted, err := json.Marshal(value)
	if err != nil {
		return false
	}
	forms := []string{
		value, strings.Trim(string(quoted), `"`), url.QueryEscape(value), url.PathEscape(value),
		base64.StdEncoding.EncodeToString([]byte(value)),
	}
	return slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(text, form) })
}
