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
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// jwtGrant is RFC 7523's JWT bearer grant, signed with RS256.
type jwtGrant struct {
	endpoint *endpoint
	key      *rsa.PrivateKey
	claims   map[string]any
	valid    time.Duration
}

const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

func newJWTGrant(s *abi.AuthScheme, n names, e *endpoint) (*jwtGrant, error) {
	issuer, err1 := n.fill(s.Issuer)
	audience, err2 := n.fill(s.Audience)
	text, err3 := n.fill(s.PrivateKey)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	key, err := parseKey(text)
	if err != nil {
		return nil, err
	}
	e.form.Set("grant_type", jwtBearer)
	claims := map[string]any{"iss": issuer, "aud": audience}
	for name, value := range map[string]string{"sub": n.fillOptional(s.Subject), "scope": n.fillOptional(s.Scope)} {
		if value != "" {
			claims[name] = value
		}
	}
	valid := time.Duration(orDefault(s.AssertionSeconds, defaultAssertionSeconds)) * time.Second
	return &jwtGrant{endpoint: e, key: key, claims: claims, valid: valid}, nil
}

// parseKey reads an RSA key in PEM: PKCS #8 or PKCS #1.
func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the private key is not PEM")
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
	return g.endpoint.ask(ctx, url.Values{"assertion": {assertion}})
}

func (g *jwtGrant) assertion(now time.Time) (string, error) {
	claims := map[string]any{"iat": now.Unix(), "exp": now.Add(g.valid).Unix()}
	for name, value := range g.claims {
		claims[name] = value
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("writing the assertion: %w", err)
	}
	signed := encodeSegment([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encodeSegment(body)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, g.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("signing the assertion: %w", err)
	}
	return signed + "." + encodeSegment(signature), nil
}

func encodeSegment(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
