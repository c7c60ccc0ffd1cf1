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

	"github.com/musubi-run/musubi/host/egress"
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
				"iat": float64(now.Now().Unix() - 10), "exp": float64(now.Now().Unix() + 110), // platforms' clocks may be behind
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

// TestClientProvesItselfByJWT: the assertion stands in for the client's secret,
// with a key id and claims of the platform's own.
func TestClientProvesItselfByJWT(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	l, o := newLogin(t)
	o.Clock = newClock().Now
	o.Secrets["key"] = jwkOf(t, key)
	o.Manifest.Auth = []abi.AuthScheme{{
		Name: "jwt", Type: abi.AuthJWTClient, TokenURL: "{base_url}/token", Issuer: "{client_id}", Subject: "{client_id}",
		Audience: "https://api.example.com/", PrivateKey: "{key}", KeyID: "kid-of-{client_id}",
		Claims: map[string]any{"token_exp": 86400, "tenant": "{client_id}", "team": "{nobody}"},
	}}
	answers(t, newClient(t, o), get(l.URL), http.StatusOK)
	form := l.forms[0]
	if form.Get("grant_type") != "client_credentials" || form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		t.Errorf("form %v", form)
	}
	assertion := form.Get("client_assertion")
	claims := verify(t, &key.PublicKey, assertion)
	if claims["token_exp"] != 86400.0 || claims["tenant"] != "the-client" || claims["team"] != nil || claims["sub"] != "the-client" {
		t.Errorf("claims %v", claims)
	}
	header, _, _ := strings.Cut(assertion, ".")
	if text, err := base64.RawURLEncoding.DecodeString(header); err != nil || string(text) != `{"alg":"RS256","kid":"kid-of-the-client","typ":"JWT"}` {
		t.Errorf("header %s, %v", text, err)
	}
}

// TestAnAssertionMayBeForNobody: some platforms know no audience.
func TestAnAssertionMayBeForNobody(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	l, o := newLogin(t)
	o.Clock = newClock().Now
	o.Secrets["key"] = jwkOf(t, key)
	o.Manifest.Auth = []abi.AuthScheme{{Name: "jwt", Type: abi.AuthJWTBearer, TokenURL: "{base_url}/token", Issuer: "{client_id}", PrivateKey: "{key}"}}
	answers(t, newClient(t, o), get(l.URL), http.StatusOK)
	if aud, there := verify(t, &key.PublicKey, l.forms[0].Get("assertion"))["aud"]; there {
		t.Errorf("the audience is %q", aud)
	}
}

func jwkOf(t *testing.T, key *rsa.PrivateKey) string {
	t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	text, err := json.Marshal(map[string]string{
		"kty": "RSA", "alg": "RS256", "use": "sig", "n": encode(key.N.Bytes()), "e": "AQAB", "d": encode(key.D.Bytes()),
		"p": encode(key.Primes[0].Bytes()), "q": encode(key.Primes[1].Bytes()),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestKeysAsPlatformsHandThemOut: a file of JSON with the key in it, as for
// service accounts, and PEM on one line, as variables hold it.
func TestKeysAsPlatformsHandThemOut(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	plain := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	document, err := json.Marshal(map[string]string{"type": "account", "private_key": plain, "private_key_id": "7"})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"JSON": string(document), "one line": strings.ReplaceAll(plain, "\n", `\n`), "other line ends": strings.ReplaceAll(plain, "\n", "\r\n"),
	} {
		l, o := newLogin(t)
		o.Secrets["key"] = text
		o.Manifest.Auth = []abi.AuthScheme{{Name: "jwt", Type: abi.AuthJWTBearer, TokenURL: "{base_url}/token", Issuer: "i", PrivateKey: "{key}"}}
		client, err := egress.NewClient(o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		answers(t, client, get(l.URL), http.StatusOK)
		verify(t, &key.PublicKey, l.forms[0].Get("assertion"))
		if err := client.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestKeysThatAreNone(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	whole := jwkOf(t, key)
	for name, text := range map[string]string{
		"nothing of the kind": "secret-of-mine", "half a JWK": whole[:100], "another type": `{"kty":"EC","d":"secret-of-mine"}`,
		"JSON with another key": `{"private_key":"secret-of-mine"}`, "JSON of something else": `{"client_email":"secret-of-mine"}`,
		"no prime": strings.Replace(whole, `"q":"`, `"x":"`, 1), "wrong prime": strings.Replace(whole, `"q":"`, `"q":"AQ`, 1),
	} {
		_, o := newLogin(t)
		o.Secrets["key"] = text
		o.Manifest.Auth = []abi.AuthScheme{{
			Name: "jwt", Type: abi.AuthJWTClient, TokenURL: "{base_url}/token", Issuer: "i", Audience: "a", PrivateKey: "{key}",
		}}
		_, err := egress.NewClient(o)
		if abi.KindOf(err) != abi.Config || strings.Contains(err.Error(), "secret-of-mine") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
