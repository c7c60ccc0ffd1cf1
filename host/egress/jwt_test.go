package egress_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

func TestAssertionIsSignedAndShortLived(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"PKCS #1": {Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)},
		"PKCS #8": {Type: "PRIVATE KEY", Bytes: pkcs8},
	} {
		t.Run(name, func(t *testing.T) {
			l, o := newLogin(t)
			now := newClock()
			o.Clock = now.Now
			o.Secrets["key"] = string(pem.EncodeToMemory(block))
			o.Manifest.Auth = []abi.AuthScheme{{
				Name: "jwt", Type: abi.AuthJWTBearer, TokenURL: "{base_url}/token", Issuer: "{client_id}",
				Subject: "hanako@example.com", Audience: "https://login.example.com", PrivateKey: "{key}",
			}}
			answers(t, newClient(t, o), get(l.URL), http.StatusOK)
			claims := verify(t, &key.PublicKey, l.forms[0].Get("assertion"))
			want := map[string]any{
				"iss": "the-client", "sub": "hanako@example.com", "aud": "https://login.example.com",
				"iat": float64(now.Now().Unix()), "exp": float64(now.Now().Unix() + 120),
			}
			if fmt.Sprint(claims) != fmt.Sprint(want) {
				t.Errorf("claims %v", claims)
			}
		})
	}
}

func verify(t *testing.T, key *rsa.PublicKey, assertion string) (claims map[string]any) {
	t.Helper()
	signed, signature, _ := cutLast(assertion, ".")
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(signed))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(signed, ".")
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
