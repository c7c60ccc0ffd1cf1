package egress_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// seen is a platform that remembers the last request and answers nothing.
func seen(t testing.TB, auth abi.AuthScheme, secrets map[string]string) (*http.Request, *httptest.Server, egress.Options) {
	t.Helper()
	last := &http.Request{}
	server, o := platform(t, func(_ http.ResponseWriter, r *http.Request) { *last = *r })
	o.Manifest.Auth = []abi.AuthScheme{auth}
	o.Secrets = secrets
	return last, server, o
}

var secrets = map[string]string{"token": "tok-123456", "user": "hanako", "pass": "p{token}w: x"}

func TestCredentialGoesWhereTheManifestSays(t *testing.T) {
	for name, c := range map[string]struct {
		auth abi.AuthScheme
		want string
	}{
		"header":      {abi.AuthScheme{Type: abi.AuthHeader, Header: "authorization", Value: `Token token="{token}"`}, `Token token="tok-123456"`},
		"basic":       {abi.AuthScheme{Type: abi.AuthBasic, Username: "{user}", Password: "{pass}"}, "Basic " + base64.StdEncoding.EncodeToString([]byte("hanako:p{token}w: x"))},
		"basic, own":  {abi.AuthScheme{Type: abi.AuthBasic, Username: "{user}", Password: "{token}", Value: "ESA {credentials}"}, "ESA " + base64.StdEncoding.EncodeToString([]byte("hanako:tok-123456"))},
		"query":       {abi.AuthScheme{Type: abi.AuthQuery, Header: "api key", Value: "{token}"}, ""},
		"none at all": {abi.AuthScheme{Type: abi.AuthNone}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			last, server, o := seen(t, c.auth, secrets)
			answers(t, newClient(t, o), get(server.URL+"/?a=1"), http.StatusOK)
			if got := last.Header.Get("Authorization"); got != c.want {
				t.Errorf("Authorization %q, want %q", got, c.want)
			}
			if got := last.URL.Query().Get("api key"); (got == "tok-123456") != (c.auth.Type == abi.AuthQuery) {
				t.Errorf("query %q", last.URL.RawQuery)
			}
		})
	}
}

func TestCredentialIsTheEndOfThePath(t *testing.T) {
	last, server, o := seen(t, abi.AuthScheme{Type: abi.AuthPath, Value: "{token}"}, map[string]string{"token": "T0/B0/xyz-123456"})
	answers(t, newClient(t, o), get(server.URL+"/services/?a=1"), http.StatusOK)
	if got := last.URL.RequestURI(); got != "/services/T0/B0/xyz-123456?a=1" {
		t.Errorf("sent to %s", got)
	}
}

func TestSettingNamesTheHeader(t *testing.T) {
	last, server, o := seen(t, abi.AuthScheme{Type: abi.AuthHeader, Header: "{auth_header}", Value: "{token}"}, secrets)
	o.Settings = []byte(`{"base_url":"` + server.URL + `","auth_header":"x-api-key"}`)
	answers(t, newClient(t, o), get(server.URL), http.StatusOK)
	if got := last.Header.Get("X-Api-Key"); got != "tok-123456" {
		t.Errorf("X-Api-Key %q", got)
	}
}

func TestPluginCannotSetTheCredential(t *testing.T) {
	last, server, o := seen(t, abi.AuthScheme{Type: abi.AuthHeader, Header: "X-Key", Value: "{token}"}, secrets)
	r := get(server.URL)
	r.Headers = []abi.Header{{Name: "x-key", Value: "mine"}}
	answers(t, newClient(t, o), r, http.StatusOK)
	if got := last.Header["X-Key"]; len(got) != 1 || got[0] != "tok-123456" {
		t.Errorf("X-Key %q", got)
	}
	last, server, o = seen(t, abi.AuthScheme{Type: abi.AuthQuery, Header: "key", Value: "{token}"}, secrets)
	answers(t, newClient(t, o), get(server.URL+"/?key=mine&b=2&%6bey=other"), http.StatusOK)
	if got := last.URL.RawQuery; got != "b=2&key=tok-123456" {
		t.Errorf("query %q", got)
	}
}

// A setting beside the secret is in many records: it is no secret.
func TestASettingWithinTheCredentialIsNotBlottedOut(t *testing.T) {
	server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "shop 10020030 "+r.Header.Get("X-Key"))
	})
	o.Settings = []byte(`{"base_url":"` + server.URL + `","shop":"10020030"}`)
	o.Manifest.Auth = []abi.AuthScheme{{Type: abi.AuthHeader, Header: "X-Key", Value: "{shop}:{token}"}}
	o.Secrets = map[string]string{"token": "tok-123456"}
	if got := answers(t, newClient(t, o), get(server.URL), http.StatusOK); got != "shop 10020030 [redacted]" {
		t.Errorf("got %q", got)
	}
}

// TestAnEchoOfTheCredentialIsCleaned has a platform say what it was sent, in its language's escapes.
func TestAnEchoOfTheCredentialIsCleaned(t *testing.T) {
	const token = "AbCd/efGh+ijKl/mnOp="
	for name, escapes := range map[string]*strings.Replacer{
		"plain":      strings.NewReplacer(),
		"PHP":        strings.NewReplacer("/", `\/`),
		".NET":       strings.NewReplacer("+", `\u002B`),
		"Gson":       strings.NewReplacer("=", `\u003d`),
		"percent":    strings.NewReplacer("/", "%2f", "+", "%2b", "=", "%3d"),
		"HTML":       strings.NewReplacer("+", "&#43;"),
		"HTML, more": strings.NewReplacer("/", "&#x2F;", "=", "&#x3D;"),
	} {
		t.Run(name, func(t *testing.T) {
			server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
				echo := escapes.Replace(r.Header.Get("Authorization"))
				w.Header().Set("X-Echo", echo)
				_, _ = io.WriteString(w, "<"+echo+">")
			})
			o.Manifest.Auth = []abi.AuthScheme{{Type: abi.AuthHeader, Header: "Authorization", Value: "Bearer {token}"}}
			o.Secrets = map[string]string{"token": token}
			response := newClient(t, o).Do(t.Context(), get(server.URL))
			if response.Err != nil {
				t.Fatal(response.Err)
			}
			if got := string(response.Body); got != "<Bearer "+vault.Redacted+">" {
				t.Errorf("the body is %q", got)
			}
			if got := abi.HeaderValue(response.Headers, "X-Echo"); got != "Bearer "+vault.Redacted {
				t.Errorf("the field is %q", got)
			}
		})
	}
}

func TestAnonymousRequestsCarryNoCredential(t *testing.T) {
	last, server, o := seen(t, abi.AuthScheme{Type: abi.AuthHeader, Header: "Authorization", Value: "Bearer {token}"}, secrets)
	r := get(server.URL)
	r.Anonymous = true
	r.Headers = []abi.Header{{Name: "Authorization", Value: "Bearer of-its-own"}}
	answers(t, newClient(t, o), r, http.StatusOK)
	if got := last.Header.Get("Authorization"); got != "Bearer of-its-own" {
		t.Errorf("Authorization %q", got)
	}
}

func TestWrongCredentialsAreFoundAtStart(t *testing.T) {
	header := abi.AuthScheme{Name: "header", Type: abi.AuthHeader, Header: "X-Key", Value: "{token}"}
	for name, c := range map[string]struct {
		auth    string
		scheme  abi.AuthScheme
		secrets map[string]string
		text    string
	}{
		"missing":      {"", header, nil, "token is missing"},
		"line break":   {"", header, map[string]string{"token": "a\nb"}, "control character"},
		"no such way":  {"oauth", header, secrets, `no way to authenticate named "oauth"`},
		"unknown type": {"", abi.AuthScheme{Name: "x", Type: "magic"}, secrets, "magic"},
		"no key": {"", abi.AuthScheme{
			Name: "jwt", Type: abi.AuthJWTBearer, TokenURL: "{base_url}/t", Issuer: "i", Audience: "a", PrivateKey: "{token}",
		}, secrets, "neither PEM (it begins with -----BEGIN) nor JSON"},
		"http token": {"", abi.AuthScheme{
			Name: "cc", Type: abi.AuthClientCredentials, TokenURL: "http://login.example.com/t", ClientID: "{user}", ClientSecret: "{pass}",
		}, secrets, "must be https"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, o := seen(t, c.scheme, c.secrets)
			o.Auth = c.auth
			_, err := egress.NewClient(o)
			if abi.KindOf(err) != abi.Config || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v", err)
			}
			for _, value := range c.secrets {
				if err != nil && strings.Contains(err.Error(), value) {
					t.Errorf("the error holds a secret: %v", err)
				}
			}
		})
	}
}

// TestPlatformThatEchoesGivesNothingAway lets the platform send back all that it got.
func TestPlatformThatEchoesGivesNothingAway(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("Authorization")+r.URL.RawQuery)
		_ = r.Header.Write(w)
		_, _ = io.WriteString(w, r.URL.String()+" "+url.QueryEscape(r.Header.Get("Authorization")))
		_, _ = fmt.Fprintf(w, " %q %x", r.Header.Get("Authorization"), r.Header.Get("Authorization"))
		_, password, _ := r.BasicAuth()
		_, _ = io.WriteString(w, " "+password+" hanako")
	}
	for name, auth := range map[string]abi.AuthScheme{
		"header": {Type: abi.AuthHeader, Header: "Authorization", Value: "Bearer {token}"},
		"query":  {Type: abi.AuthQuery, Header: "key", Value: "{token}"},
		"basic":  {Type: abi.AuthBasic, Username: "{user}", Password: "{token}"},
	} {
		t.Run(name, func(t *testing.T) {
			server, o := platform(t, echo)
			o.Manifest.Auth, o.Secrets = []abi.AuthScheme{auth}, secrets
			response := newClient(t, o).Do(t.Context(), get(server.URL))
			all := string(response.Body) + abi.HeaderValue(response.Headers, "X-Echo")
			for _, form := range []string{"tok-123456", "746f6b2d313233343536", "dG9rLTEyMzQ1N", base64.StdEncoding.EncodeToString([]byte("hanako:tok-123456"))} {
				if strings.Contains(all, form) {
					t.Errorf("the plugin sees %s in %s", form, all)
				}
			}
			if !strings.Contains(all, "hanako") {
				t.Error("a user name was blotted out")
			}
		})
	}
}

// TestEachTokenOfAListIsCleaned: one secret may hold several tokens, as one header takes them, and the platform names one.
func TestEachTokenOfAListIsCleaned(t *testing.T) {
	server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
		_, second, _ := strings.Cut(r.Header.Get("X-Api-Token"), ",")
		_, _ = io.WriteString(w, "wrong token "+strings.TrimSpace(second))
	})
	o.Manifest.Auth = []abi.AuthScheme{{Type: abi.AuthHeader, Header: "X-Api-Token", Value: "{tokens}"}}
	for _, list := range []string{"first-token-1,second-token-2", "first-token-1,second-token-2,", "first-token-1, second-token-2, "} {
		o.Secrets, o.Redactor = map[string]string{"tokens": list}, vault.NewRedactor()
		if got := answers(t, newClient(t, o), get(server.URL), 200); strings.TrimRight(got, ",") != "wrong token "+vault.Redacted {
			t.Errorf("of %q the plugin sees %q", list, got)
		}
		if got := o.Redactor.Text("refused first-token-1"); got != "refused "+vault.Redacted {
			t.Errorf("of %q the log says %q", list, got)
		}
	}
}

// TestPasswordWithACommaIsNoList: its parts may be words that answers are made of.
func TestPasswordWithACommaIsNoList(t *testing.T) {
	const answer = `{"orders":[{"city":"Sapporo"}]}`
	server, o := platform(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) })
	o.Manifest.Auth = []abi.AuthScheme{{Type: abi.AuthHeader, Header: "X-Api-Token", Value: "{password}"}}
	o.Secrets = map[string]string{"password": "orders,Sapporo,2024"}
	if got := answers(t, newClient(t, o), get(server.URL), 200); got != answer {
		t.Errorf("the plugin sees %q", got)
	}
}

func TestErrorsHoldNoSecret(t *testing.T) {
	server, o := platform(t, redirector(302, func() string { return "https://evil.example.com/?t=tok-123456" }))
	o.Manifest.Auth = []abi.AuthScheme{{Type: abi.AuthQuery, Header: "key", Value: "{token}"}}
	o.Secrets = secrets
	err := refuses(t, newClient(t, o), get(server.URL+"/go"), abi.Blocked, "")
	if strings.Contains(err.Message, "tok-123456") {
		t.Errorf("the error says %s", err)
	}
	server.Close()
	err = refuses(t, newClient(t, o), get(server.URL+"/go"), abi.Unavailable, "")
	if strings.Contains(err.Message, "tok-123456") {
		t.Errorf("the error says %s", err)
	}
}
