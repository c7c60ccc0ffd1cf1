package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// The channel.
const (
	channelID     = "2000000001"
	channelSecret = "sim-channel-secret-0123456789abcdef"
	longLived     = "sim-long-lived-token"
	keyID         = "sim-kid-1"
)

const (
	statelessLife = 900 * time.Second
	// maxTokens is how many v2.1 tokens there may be at one time.
	maxTokens    = 30
	maxTokenLife = 2592000
	maxAssertion = 1800 * time.Second
)

// tokens are the channel access tokens: the long-lived one, and those issued.
type tokens struct {
	now func() time.Time

	mu     sync.Mutex
	issued map[string]grant
	count  int
	key    *rsa.PrivateKey // made when somebody asks for it
}

type grant struct {
	expires time.Time
	v21     bool
}

func newTokens(now func() time.Time) *tokens { return &tokens{now: now, issued: map[string]grant{}} }

// good says whether an Authorization header holds a token that works.
func (t *tokens) good(header string) bool {
	token, ok := strings.CutPrefix(header, "Bearer ")
	t.mu.Lock()
	defer t.mu.Unlock()
	g, known := t.issued[token]
	return ok && (token == longLived || (known && t.now().Before(g.expires)))
}

// expireAll ends every issued token.
func (t *tokens) expireAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.issued)
}

// issue makes a token; the 31st v2.1 token is refused.
func (t *tokens) issue(life time.Duration, v21 bool) (token string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	alive := 0
	for _, g := range t.issued {
		if g.v21 && t.now().Before(g.expires) {
			alive++
		}
	}
	if v21 && alive >= maxTokens {
		return "", false
	}
	t.count++
	token = fmt.Sprintf("eyJsim.issued-token-%06d", t.count)
	t.issued[token] = grant{expires: t.now().Add(life), v21: v21}
	return token, true
}

// privateKey is the key whose public half is registered with the channel.
func (t *tokens) privateKey() (*rsa.PrivateKey, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.key == nil {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		t.key = key
	}
	return t.key, nil
}

func (a *account) tokenRoutes() {
	a.mux.HandleFunc("POST /oauth2/v3/token", a.statelessToken)
	a.mux.HandleFunc("POST /oauth2/v2.1/token", a.assertedToken)
	a.mux.HandleFunc("GET /oauth2/v2.1/verify", a.verifyToken)
}

// oauthError is the token endpoints' error body, unlike the Messaging API's.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func refuseToken(w http.ResponseWriter, code, why string) {
	simkit.WriteJSON(w, http.StatusBadRequest, oauthError{code, why})
}

// statelessToken takes the channel's secret or an assertion.
func (a *account) statelessToken(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "client_credentials" {
		refuseToken(w, "unsupported_grant_type", "Invalid 'grant_type'.")
		return
	}
	if r.PostFormValue("client_assertion") != "" {
		if _, ok := a.asserted(w, r); !ok {
			return
		}
	} else if r.PostFormValue("client_id") != channelID || r.PostFormValue("client_secret") != channelSecret {
		refuseToken(w, "invalid_request", "Invalid 'client_credentials'.")
		return
	}
	token, ok := a.tokens.issue(statelessLife, false)
	if !ok { // there is no limit to them
		refuseToken(w, "server_error", "no token")
		return
	}
	simkit.WriteJSON(w, http.StatusOK, map[string]any{"token_type": "Bearer", "access_token": token, "expires_in": int(statelessLife.Seconds())})
}

// assertedToken is the v2.1 endpoint: an assertion with the life that the token shall have.
func (a *account) assertedToken(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "client_credentials" {
		refuseToken(w, "unsupported_grant_type", "Invalid 'grant_type'.")
		return
	}
	claims, ok := a.asserted(w, r)
	if !ok {
		return
	}
	life, err := claims.TokenLife.Int64()
	if err != nil || life <= 0 || life > maxTokenLife {
		refuseToken(w, "invalid_client", "Invalid token_exp")
		return
	}
	token, ok := a.tokens.issue(time.Duration(life)*time.Second, true)
	if !ok {
		refuseToken(w, "invalid_request", "The number of channel access tokens has reached its limit")
		return
	}
	simkit.WriteJSON(w, http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": life, "key_id": "sim-token-key-" + strconv.Itoa(a.tokens.count)})
}

type claims struct {
	Issuer    string      `json:"iss"`
	Subject   string      `json:"sub"`
	Audience  string      `json:"aud"`
	Expires   int64       `json:"exp"`
	TokenLife json.Number `json:"token_exp"`
}

// asserted checks the client assertion and answers if it is none.
func (a *account) asserted(w http.ResponseWriter, r *http.Request) (c claims, ok bool) {
	if r.PostFormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		refuseToken(w, "invalid_request", "Invalid 'client_assertion_type'.")
		return c, false
	}
	c, kid, err := a.tokens.verify(r.PostFormValue("client_assertion"))
	switch now := a.env.Clock.Now(); {
	case kid != keyID:
		simkit.WriteJSON(w, http.StatusNotFound, map[string]string{"message": "Cannot find channel key that satisfies the conditions"})
	case err != nil:
		refuseToken(w, "invalid_client", err.Error())
	case c.Issuer != channelID || c.Subject != channelID || c.Audience != "https://api.line.me/":
		refuseToken(w, "invalid_client", "Invalid iss, sub or aud")
	case time.Unix(c.Expires, 0).Before(now) || time.Unix(c.Expires, 0).After(now.Add(maxAssertion+time.Minute)):
		refuseToken(w, "invalid_client", "Invalid exp")
	default:
		return c, true
	}
	return c, false
}

var errSignature = errors.New("invalid signature")

// verify checks an assertion's signature and reads it.
func (t *tokens) verify(assertion string) (c claims, kid string, err error) {
	pieces := strings.Split(assertion, ".")
	if len(pieces) != 3 {
		return c, "", errSignature
	}
	var header struct{ Alg, Typ, Kid string }
	if err := segment(pieces[0], &header); err != nil || header.Alg != "RS256" || header.Typ != "JWT" {
		return c, "", errSignature
	}
	signature, err := base64.RawURLEncoding.DecodeString(pieces[2])
	if err != nil {
		return c, header.Kid, errSignature
	}
	key, err := t.privateKey()
	if err != nil {
		return c, header.Kid, err
	}
	sum := sha256.Sum256([]byte(pieces[0] + "." + pieces[1]))
	if rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return c, header.Kid, errSignature
	}
	err = segment(pieces[1], &c)
	return c, header.Kid, err
}

func segment(text string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func (a *account) verifyToken(w http.ResponseWriter, r *http.Request) {
	a.tokens.mu.Lock()
	g, known := a.tokens.issued[r.FormValue("access_token")]
	a.tokens.mu.Unlock()
	left := g.expires.Sub(a.env.Clock.Now())
	if !known || left <= 0 {
		refuseToken(w, "invalid_request", "access token expired")
		return
	}
	simkit.WriteJSON(w, http.StatusOK, map[string]any{"client_id": channelID, "expires_in": int(left.Seconds()), "scope": ""})
}

// keyTable shows the signing key, in both forms, to who must sign with it.
func (t *tokens) keyTable() simkit.Table {
	return simkit.Table{List: func() (any, error) {
		key, err := t.privateKey()
		if err != nil {
			return nil, err
		}
		encode := base64.RawURLEncoding.EncodeToString
		jwk, err := json.Marshal(map[string]string{
			"kty": "RSA", "alg": "RS256", "use": "sig", "n": encode(key.N.Bytes()), "e": "AQAB", "d": encode(key.D.Bytes()),
			"p": encode(key.Primes[0].Bytes()), "q": encode(key.Primes[1].Bytes()),
		})
		block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
		return []map[string]string{{"kid": keyID, "jwk": string(jwk), "private_key": string(pem.EncodeToMemory(block))}}, err
	}}
}
