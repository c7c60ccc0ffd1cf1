package egress

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// credential is one connection's way to authenticate. The zero credential adds nothing.
type credential struct {
	header, query string // where it goes: one of them, or neither
	path          bool   // it goes to the end of the path
	value         string // what goes there, perhaps with accessToken in it
	tokens        *tokenSource
	signing       *signing
	expired       int // the status that means that the token has expired
	// sent knows what goes out with requests, and so could come back.
	sent *vault.Redactor
}

// What only the host can put into a scheme's value.
const (
	accessToken = "{access_token}"
	credentials = "{credentials}" // base64 of username:password
)

// newCredential makes the credential of the chosen scheme.
func newCredential(o *Options, n names, wire sender) (*credential, error) {
	scheme, err := chooseScheme(o.Manifest.Auth, o.Auth)
	if err != nil {
		return nil, err
	}
	c := &credential{sent: vault.NewRedactor()}
	if scheme == nil || scheme.Type == abi.AuthNone {
		return c, nil
	}
	if err := c.configure(scheme, o, n, wire); err != nil {
		return nil, &abi.Error{Kind: abi.Config, Message: fmt.Sprintf("authenticating by %q: %s", scheme.Name, err)}
	}
	return c, nil
}

func chooseScheme(schemes []abi.AuthScheme, name string) (*abi.AuthScheme, error) {
	if name == "" && len(schemes) == 0 {
		return nil, nil //nolint:nilnil // a platform without authentication
	}
	for i := range schemes {
		if name == "" || schemes[i].Name == name {
			return &schemes[i], nil
		}
	}
	return nil, configError(fmt.Errorf("the connector has no way to authenticate named %q", name))
}

func (c *credential) configure(s *abi.AuthScheme, o *Options, n names, wire sender) (err error) {
	if c.header, err = n.fill(s.Header); err != nil {
		return err
	}
	switch s.Type {
	case abi.AuthHeader:
		c.value, err = n.fill(s.Value)
	case abi.AuthQuery:
		c.header, c.query = "", c.header
		c.value, err = n.fill(s.Value)
	case abi.AuthPath:
		c.header, c.path = "", true
		c.value, err = n.fill(s.Value)
	case abi.AuthBasic:
		err = c.configureBasic(s, n)
	case abi.AuthClientCredentials, abi.AuthRefreshToken, abi.AuthJWTBearer, abi.AuthJWTClient:
		err = c.configureTokens(s, o, n, wire)
	case abi.AuthSignature:
		err = c.configureSigning(s, o, n)
	default:
		err = fmt.Errorf("this host does not know the type %q", s.Type)
	}
	if err != nil {
		return err
	}
	c.header = http.CanonicalHeaderKey(c.header)
	if c.header != "" && !httpguts.ValidHeaderFieldValue(c.value) {
		return errors.New("a secret holds a line break or another control character")
	}
	c.learn(s, o.Secrets)
	return nil
}

// learn remembers what requests will carry. Settings and the name of who has a
// password are not among it: they would be blotted out of every record that names them.
func (c *credential) learn(s *abi.AuthScheme, secrets map[string]string) {
	guarded := c.learnAll(s.Password, secrets)
	if !guarded {
		c.learnAll(s.Username, secrets) // a key in the place of a name
	}
	c.learnAll(s.Value, secrets)
	if c.tokens != nil {
		return // its tokens are learned as they come
	}
	_, value, found := strings.Cut(c.value, " ")
	if !found {
		value = c.value
	}
	c.sent.Learn(value)
}

// learnAll remembers the secrets that text names, and says whether there are any.
func (c *credential) learnAll(text string, secrets map[string]string) (found bool) {
	for _, name := range abi.Placeholders(text) {
		if secret := secrets[name]; secret != "" {
			c.sent.Learn(parts(secret)...)
			found = true
		}
	}
	return found
}

// shortestToken is how long each token of a list is at the least. What is shorter
// is a password with a comma in it, whose parts may be words that answers are made of.
const shortestToken = 12

// parts are a secret and, of one that lists several tokens as one header takes
// them, each of these: a platform's error names one.
func parts(secret string) []string {
	all := []string{secret}
	for part := range strings.SplitSeq(secret, ",") {
		part = strings.TrimSpace(part)
		switch {
		case part == "": // a comma too many
		case len(part) < shortestToken || strings.ContainsAny(part, " \t\r\n\"{}"): // a password, a key or a document
			return all[:1]
		default:
			all = append(all, part)
		}
	}
	return all
}

func (c *credential) configureBasic(s *abi.AuthScheme, n names) (err error) {
	username, userErr := n.fill(s.Username)
	password, passErr := n.fill(s.Password)
	if err := errors.Join(userErr, passErr); err != nil {
		return err
	}
	if c.header == "" {
		c.header = "Authorization"
	}
	if c.value, err = n.fillAround(cmp.Or(s.Value, "Basic "+credentials), credentials); err != nil {
		return err
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(username + ":" + password))
	c.value = strings.ReplaceAll(c.value, credentials, encoded)
	c.sent.Learn(encoded)
	return nil
}

// configureSigning also learns the secrets that it uses: headers may hold them.
func (c *credential) configureSigning(s *abi.AuthScheme, o *Options, n names) (err error) {
	c.header = ""
	if c.signing, err = newSigning(s.Signing, n, o); err != nil {
		return err
	}
	for _, text := range s.Signing.Texts() {
		for _, name := range abi.Placeholders(text) {
			c.sent.Learn(parts(o.Secrets[name])...)
		}
	}
	return nil
}

func (c *credential) configureTokens(s *abi.AuthScheme, o *Options, n names, wire sender) (err error) {
	if c.header == "" {
		c.header = "Authorization"
	}
	if c.value, err = n.fillAround(cmp.Or(s.Value, "Bearer "+accessToken), accessToken); err != nil {
		return err
	}
	c.expired = orDefault(s.ExpiredStatus, http.StatusUnauthorized)
	c.tokens, err = newTokenSource(s, o, n, wire, c.sent)
	return err
}

// attach adds the credential to h, which is the caller's own. It returns the
// token that was used, for renew, or why there is none.
func (c *credential) attach(ctx context.Context, h *hop) (token string, err error) {
	if c.signing != nil {
		return "", c.signing.sign(h)
	}
	value := c.value
	if c.tokens != nil {
		if token, err = c.tokens.current(ctx); err != nil {
			return "", err
		}
		value = strings.ReplaceAll(value, accessToken, token)
	}
	if c.header != "" {
		h.header.Set(c.header, value)
	}
	if c.query != "" {
		h.url = withQuery(h.url, c.query, value)
	}
	if c.path {
		h.url = h.url.JoinPath(value)
	}
	return token, nil
}

// withQuery returns u with the parameter name, and no other of that name.
func withQuery(u *url.URL, name, value string) *url.URL {
	kept := make([]string, 0, 4)
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(key); pair != "" && (err != nil || plain != name) {
			kept = append(kept, pair)
		}
	}
	with := *u
	with.RawQuery = strings.Join(append(kept, url.QueryEscape(name)+"="+url.QueryEscape(value)), "&")
	return &with
}

// signed adds the credential. When the platform says that the token has
// expired it gets a new one, once, and repeats the request, once.
type signed struct {
	next       sender
	credential *credential
}

func (s *signed) send(ctx context.Context, h *hop) *abi.Response {
	if h.bare {
		return s.next.send(ctx, h.own())
	}
	response, token := s.attempt(ctx, h)
	if token == "" || response.Err != nil || response.Status != s.credential.expired {
		return response
	}
	renewed, err := s.credential.tokens.renew(ctx, token)
	if err != nil {
		return &abi.Response{Err: abi.AsError(err)}
	}
	if !renewed {
		return response
	}
	response, _ = s.attempt(ctx, h)
	return response
}

func (s *signed) attempt(ctx context.Context, h *hop) (response *abi.Response, token string) {
	own := h.own()
	token, err := s.credential.attach(ctx, own)
	if err != nil {
		return &abi.Response{Err: abi.AsError(err)}, ""
	}
	return s.next.send(ctx, own), token
}

// own returns a copy that may be changed: what was sent once may still be read
// by the transport, and a redirect starts from what the plugin asked for.
func (h *hop) own() *hop {
	c := *h
	c.header = h.header.Clone()
	return &c
}
