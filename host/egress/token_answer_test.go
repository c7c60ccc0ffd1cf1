package egress_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// TestATokenThatNoRequestCanCarryIsNotTaken: it would be kept, and each of its
// disguises looked for in every answer.
func TestATokenThatNoRequestCanCarryIsNotTaken(t *testing.T) {
	for name, answer := range map[string]map[string]string{
		"endless":            {"access_token": strings.Repeat("+/", 40<<10)},
		"lines":              {"access_token": "orders\ncustomers"},
		"control character":  {"access_token": "access-1\x00"},
		"endless to refresh": {"access_token": "access-1", "refresh_token": strings.Repeat("+/", 40<<10)},
		"lines to refresh":   {"access_token": "access-1", "refresh_token": "orders\ncustomers"},
	} {
		t.Run(name, func(t *testing.T) {
			l, o := newLogin(t)
			saved := &kept{rows: map[string][]byte{}}
			o.Tokens, o.Manifest.Auth = saved, []abi.AuthScheme{refreshToken}
			l.fail = func(w http.ResponseWriter, _ int) bool {
				_ = json.NewEncoder(w).Encode(answer)
				return true
			}
			err := refuses(t, newClient(t, o), get(l.URL), abi.Unavailable, "")
			if !strings.Contains(err.Message, "no request can carry") || len(err.Message) > 200 {
				t.Errorf("the error says %.300s", err.Message)
			}
			if n := l.calls.Load(); n != 0 || len(saved.rows) != 0 {
				t.Errorf("%d requests went out, %d tokens were kept", n, len(saved.rows))
			}
		})
	}
}

// TestATokenEndpointThatEchoesGivesNothingAway: what proves a client can be used
// by others for a while.
func TestATokenEndpointThatEchoesGivesNothingAway(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	basic := clientCredentials
	basic.BasicClient = true
	jwt := abi.AuthScheme{Name: "jwt", Type: abi.AuthJWTBearer, TokenURL: "{base_url}/token", Issuer: "{client_id}", PrivateKey: "{key}"}
	for name, scheme := range map[string]abi.AuthScheme{"assertion": jwt, "basic": basic} {
		t.Run(name, func(t *testing.T) {
			var sent string
			server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
				sent = strings.TrimPrefix(r.Header.Get("Authorization"), "Basic ")
				if sent == "" {
					sent = r.FormValue("assertion")
				}
				w.WriteHeader(http.StatusBadRequest)
				_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant", "error_description": "not good: " + sent})
			})
			o.Manifest.Auth = []abi.AuthScheme{scheme}
			o.Secrets = map[string]string{
				"client_id": "the-client", "client_secret": "p+q/r= s",
				"key": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
			}
			err := refuses(t, newClient(t, o), get(server.URL), abi.Auth, "invalid_grant not good: "+vault.Redacted)
			if strings.Contains(err.Message, sent[len(sent)-8:]) {
				t.Errorf("the error says %s", err.Message)
			}
		})
	}
}
