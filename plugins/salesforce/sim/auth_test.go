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
	"net/url"
	"testing"
	"time"
)

func TestClientCredentials(t *testing.T) {
	c := start(t)
	token := func(id, secret string) reply {
		return c.form("/services/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}})
	}
	answer := token(defaultClient, defaultSecret)
	answer.want(t, 200, map[string]string{"instance_url": c.sim.URL, "token_type": "Bearer", "expires_in": "<nil>", "refresh_token": "<nil>"})
	token("nobody", "x").want(t, 400, map[string]string{"error": "invalid_client_id"})
	token(defaultClient, "x").want(t, 400, map[string]string{"error": "invalid_client"})
	c.control("PUT", "records/_clients/"+defaultClient, `{"run_as":""}`)
	token(defaultClient, defaultSecret).want(t, 400, map[string]string{"error": "invalid_grant", "error_description": "no client credentials user enabled"})
	c.form("/services/oauth2/token", url.Values{"grant_type": {"magic"}}).want(t, 400, map[string]string{"error": "unsupported_grant_type"})
}

func TestSessionsExpire(t *testing.T) {
	c := start(t)
	gone := map[string]string{"0.errorCode": "INVALID_SESSION_ID", "0.message": "Session expired or invalid"}
	c.do("GET", "/limits", "").want(t, 200, nil)
	c.control("POST", "clock/advance", `{"by":"90m"}`)
	c.do("GET", "/limits", "").want(t, 200, nil)
	c.control("POST", "clock/advance", `{"by":"90m"}`) // extended by use
	c.do("GET", "/limits", "").want(t, 200, nil)
	c.control("POST", "clock/advance", `{"by":"121m"}`)
	c.do("GET", "/limits", "").want(t, 401, gone)
	c.login()
	c.do("GET", "/limits", "").want(t, 200, nil)
	c.control("DELETE", "records/_sessions/all", "")
	c.do("GET", "/limits", "").want(t, 401, gone)
	c.token = ""
	c.do("GET", "/limits", "").want(t, 401, gone)
}

func TestRefreshTokens(t *testing.T) {
	c := start(t)
	refresh := func(token string) reply {
		return c.form("/services/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "client_id": {defaultClient}, "refresh_token": {token}})
	}
	refresh(defaultRefresh).want(t, 200, map[string]string{"refresh_token": "<nil>"})
	c.control("PUT", "limits", `{"rotate_refresh_tokens":true}`)
	next := refresh(defaultRefresh).text("refresh_token")
	refresh(defaultRefresh).want(t, 400, map[string]string{"error": "invalid_grant"})
	refresh(next).want(t, 200, nil)
}

func TestIntrospectAndRevoke(t *testing.T) {
	c := start(t)
	form := url.Values{"token": {c.token}, "client_id": {defaultClient}, "client_secret": {defaultSecret}}
	c.form("/services/oauth2/introspect", form).want(t, 200, map[string]string{"active": "true", "username": defaultUser})
	c.send("GET", "/services/oauth2/userinfo", "").want(t, 200, map[string]string{"organization_id": "00Dxx0000000001EAA"})
	c.form("/services/oauth2/revoke", url.Values{"token": {c.token}}).want(t, 200, nil)
	c.form("/services/oauth2/introspect", form).want(t, 200, map[string]string{"active": "false"})
	c.do("GET", "/limits", "").want(t, 401, nil)
}

// sign makes a JWT.
func sign(t *testing.T, key *rsa.PrivateKey, claims map[string]any) string {
	t.Helper()
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256"}`)) + "." + base64.RawURLEncoding.EncodeToString(body)
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestJWTBearer(t *testing.T) {
	c := start(t)
	block, _ := pem.Decode([]byte(c.control("GET", "records/_keys", "").text("records", 0, "private_key")))
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, _ := parsed.(*rsa.PrivateKey)
	other, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // a wrong key may be weak
	if err != nil {
		t.Fatal(err)
	}
	good := func() map[string]any {
		return map[string]any{"iss": defaultClient, "sub": defaultUser, "aud": "https://login.salesforce.com", "exp": time.Now().Add(2 * time.Minute).Unix()}
	}
	with := func(name string, value any) map[string]any {
		claims := good()
		claims[name] = value
		return claims
	}
	for name, tc := range map[string]struct {
		assertion string
		want      string
	}{
		"good":             {sign(t, key, good()), "<nil>"},
		"own address":      {sign(t, key, with("aud", c.sim.URL)), "<nil>"},
		"wrong key":        {sign(t, other, good()), "invalid_grant"},
		"wrong audience":   {sign(t, key, with("aud", "https://example.com")), "invalid_grant"},
		"expired":          {sign(t, key, with("exp", time.Now().Add(-time.Minute).Unix())), "invalid_grant"},
		"too far ahead":    {sign(t, key, with("exp", time.Now().Add(time.Hour).Unix())), "invalid_grant"},
		"user not allowed": {sign(t, key, with("sub", "somebody@example.com")), "invalid_grant"},
		"unknown app":      {sign(t, key, with("iss", "nobody")), "invalid_client_id"},
		"no JWT":           {"a.b", "invalid_client_id"},
	} {
		answer := c.form("/services/oauth2/token", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {tc.assertion}})
		if got := answer.text("error"); got != tc.want {
			t.Errorf("%s: %s, want error %s", name, answer.body, tc.want)
		}
	}
}
