package egress_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// TestAUserNameThatIsTheCredentialIsCleaned: platforms take a key as the user
// name, with no password or any, and name it where they refuse it.
func TestAUserNameThatIsTheCredentialIsCleaned(t *testing.T) {
	server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		_, _ = io.WriteString(w, "wrong key "+user)
	})
	o.Manifest.Auth = []abi.AuthScheme{{Type: abi.AuthBasic, Username: "{key}", Password: "x"}}
	o.Secrets = map[string]string{"key": "live-123456"}
	if got := answers(t, newClient(t, o), get(server.URL), 200); got != "wrong key "+vault.Redacted {
		t.Errorf("the plugin sees %q", got)
	}
}

// TestASecretBesideATokenIsCleaned: some platforms want an application's key next to the token.
func TestASecretBesideATokenIsCleaned(t *testing.T) {
	server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			_, _ = io.WriteString(w, `{"access_token":"access-1"}`)
			return
		}
		_, _ = io.WriteString(w, r.Header.Get("Authorization"))
	})
	scheme := clientCredentials
	scheme.Value = "Key {app_key},{access_token}"
	o.Manifest.Auth = []abi.AuthScheme{scheme}
	o.Secrets = map[string]string{"client_id": "the-client", "client_secret": "the-secret", "app_key": "app-123456"}
	if got := answers(t, newClient(t, o), get(server.URL), 200); got != "Key "+vault.Redacted+","+vault.Redacted {
		t.Errorf("the plugin sees %q", got)
	}
}
