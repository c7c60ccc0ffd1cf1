package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// defaultMaxBody bounds a delivery when the manifest does not.
const defaultMaxBody = 1 << 20

// Hook is one connection that platforms may deliver to.
type Hook struct {
	Connection string
	// Token is the unguessable part of the address.
	Token   string
	Webhook abi.Webhook
	// Settings is the connection's settings, a JSON object with defaults filled in.
	Settings json.RawMessage
	// Secrets holds the values that signatures are keyed with, by name. A value
	// of several lines is several keys, each of them good: a platform goes on
	// with the old one for a while after it was changed.
	Secrets map[string]string
}

// hook is a Hook made ready: nothing is looked up or parsed per delivery.
type hook struct {
	connection string
	maxBody    int
	pings      []abi.Ping
	// token and signatures are replaced as a whole when a secret changes.
	token      atomic.Pointer[[]byte]
	signatures atomic.Pointer[[]*signature]
	// room holds a token per delivery under way.
	room chan struct{}
}

// CheckHook says why a server would not take the hook.
func CheckHook(h Hook) error {
	_, err := newHook(h)
	return err
}

func newHook(h Hook) (*hook, error) {
	settings, err := settingTexts(h.Settings)
	if err != nil {
		return nil, fmt.Errorf("reading the settings of connection %s: %w", h.Connection, err)
	}
	ready := &hook{connection: h.Connection, maxBody: h.Webhook.MaxBody, pings: h.Webhook.Pings}
	if ready.maxBody == 0 {
		ready.maxBody = defaultMaxBody
	}
	signatures, err := newSignatures(&h, settings)
	if err != nil {
		return nil, err
	}
	token := []byte(h.Token)
	ready.token.Store(&token)
	ready.signatures.Store(&signatures)
	return ready, nil
}

func newSignatures(h *Hook, settings map[string]string) (all []*signature, err error) {
	for _, declared := range h.Webhook.Signatures {
		s, err := newSignature(declared, lookup(settings), lookup(h.Secrets))
		if _, given := h.Secrets[declared.Secret]; given && s == nil && err == nil {
			err = fmt.Errorf("checking %s by %s: %w", declared.Header, declared.Secret, errNoSecret)
		}
		if err != nil {
			return nil, &abi.Error{Kind: abi.Config, Message: fmt.Sprintf("webhooks of connection %s: %v", h.Connection, err)}
		}
		if s != nil {
			all = append(all, s)
		}
	}
	return all, nil
}

// SetSecrets has deliveries to the hook's connection checked with the secrets
// of h from now on, and taken only at the address with its token.
func (s *Server) SetSecrets(h Hook) error {
	fresh, err := newHook(h)
	if err != nil {
		return err
	}
	if known := s.hooks[h.Connection]; known != nil {
		known.token.Store(fresh.token.Load())
		known.signatures.Store(fresh.signatures.Load())
	}
	return nil
}

// unsigned says which of the signatures that are configured a delivery does not
// satisfy, and why, empty if it satisfies all. It is for the operator, and holds no secret.
func (h *hook) unsigned(header func(name string) string, body []byte, now time.Time) (reason string) {
	for _, s := range *h.signatures.Load() {
		if !s.holds(header, body, now) {
			return s.fault(header, now)
		}
	}
	return ""
}

// secret says whether the header's value is a secret itself, which neither the
// plugin nor a dead letter may hold: one that the host checks, or a reverse proxy.
func (h *hook) secret(header string) bool {
	if strings.EqualFold(header, fiber.HeaderAuthorization) || strings.EqualFold(header, fiber.HeaderProxyAuthorization) {
		return true
	}
	for _, s := range *h.signatures.Load() {
		if s.exact && strings.EqualFold(s.header, header) {
			return true
		}
	}
	return false
}

// unaddressed returns a header's value without the unguessable part of the
// hook's address, which reverse proxies repeat in headers of their own.
func (h *hook) unaddressed(value string) string {
	return strings.ReplaceAll(value, h.connection+"/"+string(*h.token.Load()), h.connection+"/"+vault.Redacted)
}

// shownPath is a request's path as it may be logged: without a hook's token.
func shownPath(path string) string {
	if rest, hook := strings.CutPrefix(path, hookPrefix); hook {
		connection, _, _ := strings.Cut(rest, "/")
		return hookPrefix + connection
	}
	return path
}

func lookup(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

// settingTexts gives each setting that is a text, number or truth value as text.
func settingTexts(settings json.RawMessage) (map[string]string, error) {
	texts := map[string]string{}
	if len(settings) == 0 {
		return texts, nil
	}
	var values map[string]any
	decoder := json.NewDecoder(bytes.NewReader(settings))
	decoder.UseNumber()
	if err := decoder.Decode(&values); err != nil {
		return nil, err
	}
	for name, value := range values {
		switch value.(type) {
		case string, json.Number, bool:
			texts[name] = fmt.Sprint(value)
		}
	}
	return texts, nil
}
