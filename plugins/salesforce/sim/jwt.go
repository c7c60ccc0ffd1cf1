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
	"slices"
	"strings"
	"time"
)

// assertionMost is how far ahead an assertion may expire. Documents say three
// minutes, clients that send five are accepted.
const assertionMost = 5 * time.Minute

type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Expires  int64    `json:"exp"`
}

// audience is one string or a list of them.
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

// jwtBearer checks a signed assertion. The caller holds the lock.
func (a *authority) jwtBearer(assertion string) (grant, *refused) {
	c, signed, signature, claimed := a.openAssertion(assertion)
	if c == nil || c.Key == nil {
		return grant{}, &refused{"invalid_client_id", "client identifier invalid"}
	}
	digest := sha256.Sum256([]byte(signed))
	if rsa.VerifyPKCS1v15(c.Key, crypto.SHA256, digest[:], signature) != nil {
		return grant{}, &refused{"invalid_grant", "invalid assertion"}
	}
	if no := a.checkClaims(c, claimed); no != nil {
		return grant{}, no
	}
	return grant{client: c}, nil
}

func (a *authority) checkClaims(c *client, claimed claims) *refused {
	expires, now := time.Unix(claimed.Expires, 0), a.now()
	known := []string{orgLogin, "https://test.salesforce.com", a.url}
	switch {
	case !slices.ContainsFunc(claimed.Audience, func(aud string) bool { return slices.Contains(known, strings.TrimSuffix(aud, "/")) }):
		return &refused{"invalid_grant", "audience is invalid"}
	case now.After(expires) || expires.Sub(now) > assertionMost:
		return &refused{"invalid_grant", "expired authorization code"}
	case !c.approved(claimed.Subject):
		return &refused{"invalid_grant", "user hasn't approved this consumer"}
	}
	return nil
}

// openAssertion takes a JWT apart. The client is nil if it is no RS256 JWT of a known one.
func (a *authority) openAssertion(assertion string) (c *client, signed string, signature []byte, claimed claims) {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return nil, "", nil, claimed
	}
	var header struct {
		Algorithm string `json:"alg"`
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	err = errors.Join(err, decodePart(parts[0], &header), decodePart(parts[1], &claimed))
	if err != nil || header.Algorithm != "RS256" {
		return nil, "", nil, claimed
	}
	return a.clients[claimed.Issuer], parts[0] + "." + parts[1], signature, claimed
}

func decodePart(part string, v any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

const keyBits = 2048

// generate makes a key pair on first use, uploads its public half to the
// default app, and returns the private one as PEM.
func (a *authority) generate() (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.private == nil {
		key, err := rsa.GenerateKey(rand.Reader, keyBits)
		if err != nil {
			return "", err
		}
		a.private = key
		a.clients[defaultClient].Key = &key.PublicKey
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(a.private)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})), nil
}

var errKey = errors.New("public_key: a PEM certificate or public key of RSA is expected")

// parseKey reads the public key of a PEM certificate or public key.
func parseKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errKey
	}
	var key any
	if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
		key = certificate.PublicKey
	} else if key, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
		return nil, errors.Join(errKey, err)
	}
	public, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, errKey
	}
	return public, nil
}
