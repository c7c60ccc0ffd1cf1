package egress

import (
	"context"
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
	"net/url"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// jwtGrant is one of RFC 7523's two uses of a JWT, signed with RS256: as the
// grant itself, or as what a client proves itself by.
type jwtGrant struct {
	endpoint *endpoint
	key      *rsa.PrivateKey
	header   string // encoded
	claims   map[string]any
	valid    time.Duration
	// field is where the form has the assertion.
	field string
}

// backdated is how long before now an assertion is dated: a platform whose clock
// is behind refuses one from the future. It expires as much earlier, because
// some platforms bound the time between.
const backdated = 10 * time.Second

const (
	jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	jwtClient = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
)

// newJWTGrant also returns what its tokens depend on besides the form.
func newJWTGrant(s *abi.AuthScheme, n names, e *endpoint) (g *jwtGrant, origin string, err error) {
	issuer, err1 := n.fill(s.Issuer)
	audience, err2 := n.fill(s.Audience)
	text, err3 := n.fill(s.PrivateKey)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, "", err
	}
	key, err := parseKey(text)
	if err != nil {
		return nil, "", err
	}
	claims := map[string]any{"iss": issuer}
	for name, value := range map[string]string{"aud": audience, "sub": n.fillOptional(s.Subject), "scope": n.fillOptional(s.Scope)} {
		if value != "" {
			claims[name] = value
		}
	}
	g = &jwtGrant{
		endpoint: e, key: key, claims: claims, field: e.useAssertion(s.Type),
		valid: time.Duration(orDefault(s.AssertionSeconds, defaultAssertionSeconds)) * time.Second,
	}
	if err := g.setHeader(s, n); err != nil {
		return nil, "", err
	}
	g.addClaims(s, n)
	whole, err := json.Marshal(g.claims)
	return g, string(whole), err
}

// useAssertion prepares the form for an assertion and returns the field that takes it.
func (e *endpoint) useAssertion(use abi.AuthType) (field string) {
	if use == abi.AuthJWTClient {
		e.form.Set("grant_type", "client_credentials")
		e.form.Set("client_assertion_type", jwtClient)
		return "client_assertion"
	}
	e.form.Set("grant_type", jwtBearer)
	return "assertion"
}

func (g *jwtGrant) setHeader(s *abi.AuthScheme, n names) error {
	header := map[string]string{"alg": "RS256", "typ": "JWT"}
	if s.KeyID != "" {
		kid, err := n.fill(s.KeyID)
		if err != nil {
			return err
		}
		header["kid"] = kid
	}
	text, err := json.Marshal(header)
	g.header = encodeSegment(text)
	return err
}

// addClaims adds the scheme's own claims. A text whose names have no value is left out.
func (g *jwtGrant) addClaims(s *abi.AuthScheme, n names) {
	for name, claim := range s.Claims {
		text, isText := claim.(string)
		if !isText {
			g.claims[name] = claim
		} else if value := n.fillOptional(text); value != "" {
			g.claims[name] = value
		}
	}
}

// parseKey reads an RSA key: PEM, a JWK, or a JSON document with the PEM as its
// "private_key", as some platforms hand keys out.
func parseKey(text string) (*rsa.PrivateKey, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return parsePEM(text)
	}
	var document struct {
		PrivateKey string `json:"private_key"`
	}
	if json.Unmarshal([]byte(text), &document) == nil && document.PrivateKey != "" {
		return parsePEM(document.PrivateKey)
	}
	return parseJWK(text)
}

// parsePEM reads PEM with PKCS #8 or PKCS #1 inside. Its line ends may be
// written out, as in variables that hold one line.
func parsePEM(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	if block == nil {
		return nil, errors.New("the private key is neither PEM (it begins with -----BEGIN) nor JSON: a JWK, or a key file that has the PEM as \"private_key\"")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the private key is neither PKCS #8 nor PKCS #1, or it is encrypted")
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("the private key is not an RSA key")
	}
	return key, nil
}

func (g *jwtGrant) fetch(ctx context.Context, _ *token) (*token, error) {
	assertion, err := g.assertion(g.endpoint.clock())
	if err != nil {
		return nil, err
	}
	return g.endpoint.ask(ctx, url.Values{g.field: {assertion}})
}

func (g *jwtGrant) assertion(now time.Time) (string, error) {
	issued := now.Add(-min(backdated, g.valid/2))
	claims := map[string]any{"iat": issued.Unix(), "exp": issued.Add(g.valid).Unix()}
	for name, value := range g.claims {
		claims[name] = value
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("writing the assertion: %w", err)
	}
	signed := g.header + "." + encodeSegment(body)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, g.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("signing the assertion: %w", err)
	}
	return signed + "." + encodeSegment(signature), nil
}

func encodeSegment(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
