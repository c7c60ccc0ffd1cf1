package plugintest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// checkSecrets has the platform say aloud what it was sent, as careless error
// messages do. Every connection of the suite, these too, fails its test for a
// secret that it finds in an output, an error, a log or a body sent.
func (s *suite) checkSecrets(t *testing.T) {
	probe := s.probe(t)
	s.waivers.run(t, "secrets", "echo", func(t *testing.T) { s.checkEcho(t, probe) })
	if auth := s.auth(); auth != nil && auth.TokenURL != "" {
		s.waivers.run(t, "secrets", "echo-of-token-request", func(t *testing.T) { s.checkTokenEcho(t, probe, auth) })
	}
	t.Logf("searched %d outputs, errors, log lines and requests", s.seen.total())
}

// auth is the way to authenticate that the fixture chose, nil if there is none.
func (s *suite) auth() *abi.AuthScheme {
	name := s.schemes()[0].Auth
	at := slices.IndexFunc(s.manifest.Auth, func(a abi.AuthScheme) bool { return a.Name == name })
	if at < 0 {
		return nil
	}
	return &s.manifest.Auth[at]
}

// checkEcho answers a request with the credential that it came with, in every
// form of error that platforms have, and in an answer without an error.
func (s *suite) checkEcho(t *testing.T, probe *actionCase) {
	t.Helper()
	p := s.stage(t, probe)
	c := s.connect(t, p, options{})
	if _, fault := c.invoke(t, probe.call()); fault != nil {
		t.Fatalf("%s: %s", fault.Kind, fault)
	}
	sent := s.requests(t, p, 0)
	if len(sent) == 0 {
		t.Skipf("%s sends no request", probe.name)
	}
	said := strings.Join(s.sentSecrets(t, p), " ")
	for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusForbidden, http.StatusInternalServerError} {
		for _, body := range echoes(t, said) {
			s.say(t, p, sent[0].Path, status, body)
			if _, fault := c.try(t, probe.call()); fault == nil && status != http.StatusOK {
				t.Errorf("succeeded although the platform answered %d", status)
			}
			rig.Must(t, p.ClearFaults(t.Context()))
		}
	}
}

// checkTokenEcho answers token requests with the secrets that they came with.
func (s *suite) checkTokenEcho(t *testing.T, probe *actionCase, auth *abi.AuthScheme) {
	t.Helper()
	var secrets []string
	for _, name := range s.credentials(auth) {
		secrets = append(secrets, s.fixture.Secrets[name])
	}
	for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusInternalServerError} {
		for _, body := range echoes(t, strings.Join(secrets, " ")) {
			p := s.stage(t, probe)
			s.say(t, p, s.tokenPath(auth), status, body)
			if _, fault := s.connect(t, p, options{}).invoke(t, probe.call()); fault == nil {
				t.Errorf("got a token although the platform answered %d %s", status, body)
			}
		}
	}
}

func (s *suite) say(t *testing.T, p *platform, path string, status int, body string) {
	t.Helper()
	rig.Must(t, p.Inject(t.Context(), simkit.Fault{
		Match: simkit.Match{Path: path}, Kind: simkit.FaultStatus, Status: status, Times: simkit.Forever,
		Headers: map[string]string{"Content-Type": "application/json"}, Body: body,
	}))
}

// sentSecrets are the secrets that came with the requests: tokens, or the credential itself.
func (s *suite) sentSecrets(t *testing.T, p *platform) []string {
	t.Helper()
	auth := s.auth()
	if auth == nil {
		return nil
	}
	if auth.TokenURL == "" {
		var values []string
		for _, name := range s.credentials(auth) {
			values = append(values, p.FillText(t, s.fixture.Secrets[name]))
		}
		return values
	}
	return s.tokensIn(p.since(t, 0))
}

// tokensIn are the tokens that the platform gave.
func (s *suite) tokensIn(entries []simkit.Entry) []string {
	var tokens []string
	for i := range entries {
		var answer struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
		}
		if s.isTokenPath(entries[i].Path) && json.Unmarshal([]byte(entries[i].Response), &answer) == nil {
			tokens = append(tokens, answer.Access, answer.Refresh)
		}
	}
	return slices.DeleteFunc(tokens, func(token string) bool { return token == "" })
}

// isTokenPath says whether the host itself sends credentials there.
func (s *suite) isTokenPath(path string) bool {
	return slices.ContainsFunc(s.manifest.Auth, func(a abi.AuthScheme) bool { return a.TokenURL != "" && s.tokenPath(&a) == path })
}

// tokenPath is the path of a scheme's token endpoint, whatever host it is on. It
// may begin with the path of a setting.
func (s *suite) tokenPath(auth *abi.AuthScheme) string {
	text := auth.TokenURL
	for _, name := range abi.Placeholders(text) {
		text = strings.ReplaceAll(text, "{"+name+"}", s.address(auth, name))
	}
	if _, rest, found := strings.Cut(text, "://"); found {
		text = rest
	}
	_, path, _ := strings.Cut(text, "/")
	return "/" + path
}

// address is what the fixture, or the setting's default, says of an address.
func (s *suite) address(auth *abi.AuthScheme, name string) string {
	for _, scheme := range s.fixture.Schemes {
		if text, is := scheme.Settings[name].(string); is && scheme.Auth == auth.Name {
			return text
		}
	}
	if text, is := s.fixture.Settings[name].(string); is {
		return text
	}
	var text string
	if setting := s.manifest.Settings.Properties[name]; setting != nil && json.Unmarshal(setting.Default, &text) != nil {
		return ""
	}
	return text
}

// echoes are the forms in which platforms report an error, each with the secret in it.
func echoes(t *testing.T, said string) []string {
	t.Helper()
	text := "invalid credential " + said
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return []string{
		text,
		fmt.Sprintf(`{"message":%[1]s,"error":%[1]s,"error_description":%[1]s}`, quoted),
		fmt.Sprintf(`{"errors":[{"code":%[1]s,"message":%[1]s,"detail":%[1]s}]}`, quoted),
		fmt.Sprintf(`[{"errorCode":%[1]s,"message":%[1]s,"fields":[%[1]s]}]`, quoted),
		fmt.Sprintf(`{"error":{"code":%[1]s,"message":%[1]s}}`, quoted),
	}
}
