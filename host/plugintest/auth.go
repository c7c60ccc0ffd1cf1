package plugintest

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// tokenAge is how old a token must be for the host to believe that it has expired.
const tokenAge = time.Minute

// checkAuth checks every way to authenticate of the manifest: a good
// credential works, a wrong one is told as such, an expired token is renewed.
func (s *suite) checkAuth(t *testing.T) {
	probe := s.probe(t)
	schemes := s.schemes()
	for i := range s.manifest.Auth {
		auth := &s.manifest.Auth[i]
		at := slices.IndexFunc(schemes, func(scheme rig.Scheme) bool { return scheme.Auth == auth.Name })
		if at < 0 {
			s.waivers.run(t, "auth", "coverage/"+auth.Name, func(t *testing.T) {
				t.Errorf(`nothing under "schemes" in conformance.json uses the way to authenticate %q`, auth.Name)
			})
			continue
		}
		s.checkScheme(t, probe, auth, schemes[at])
	}
}

// schemes are all ways to authenticate that the fixture knows, its main one first.
func (s *suite) schemes() []rig.Scheme {
	main := rig.Scheme{Auth: s.fixture.Auth}
	if main.Auth == "" && len(s.manifest.Auth) > 0 {
		main.Auth = s.manifest.Auth[0].Name
	}
	return append([]rig.Scheme{main}, s.fixture.Schemes...)
}

func (s *suite) checkScheme(t *testing.T, probe *actionCase, auth *abi.AuthScheme, scheme rig.Scheme) {
	t.Helper()
	o := options{auth: scheme.Auth, settings: scheme.Settings, secrets: scheme.Secrets}
	s.waivers.run(t, "auth", auth.Name+"/good", func(t *testing.T) {
		if _, fault := s.connect(t, s.stage(t, probe), o).invoke(t, probe.call()); fault != nil {
			t.Errorf("refused with a good credential: %s: %s", fault.Kind, fault)
		}
	})
	for _, name := range s.credentials(auth, auth.Username) {
		s.waivers.run(t, "auth", auth.Name+"/wrong-"+name, func(t *testing.T) {
			wrong := o
			wrong.secrets = maps.Clone(o.secrets)
			if wrong.secrets == nil {
				wrong.secrets = map[string]string{}
			}
			wrong.secrets[name] = wrongSecret(t, auth, name)
			s.checkRefused(t, probe, wrong)
		})
	}
	if auth.TokenURL != "" {
		s.waivers.run(t, "auth", auth.Name+"/renewed-once", func(t *testing.T) { s.checkRenewed(t, probe, auth, o) })
		s.waivers.run(t, "auth", auth.Name+"/refused-for-good", func(t *testing.T) { s.checkRefusedForGood(t, probe, auth, o) })
	}
}

// credentials names the secrets that a scheme sends, and those of further texts.
func (s *suite) credentials(auth *abi.AuthScheme, more ...string) []string {
	var names []string
	texts := slices.Concat(more, []string{auth.Value, auth.Password, auth.ClientSecret, auth.RefreshToken, auth.PrivateKey})
	if auth.Signing != nil {
		texts = append(texts, auth.Signing.Key)
	}
	for _, text := range texts {
		names = append(names, abi.Placeholders(text)...)
	}
	names = slices.DeleteFunc(names, func(name string) bool { // a setting, or what only the host puts in
		return !slices.ContainsFunc(s.manifest.Secrets, func(secret abi.Secret) bool { return secret.Name == name })
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// wrongSecret returns a value that is well formed but nobody's.
func wrongSecret(t *testing.T, auth *abi.AuthScheme, name string) string {
	t.Helper()
	if !slices.Contains(abi.Placeholders(auth.PrivateKey), name) {
		return "wrong-" + name + "-0123456789"
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func (s *suite) checkRefused(t *testing.T, probe *actionCase, o options) {
	t.Helper()
	_, fault := s.connect(t, s.stage(t, probe), o).invoke(t, probe.call())
	(&errorWant{Kind: abi.Auth}).check(t, fault)
}

// checkRenewed lets the token expire between two calls: the second works, with
// one more token request, and the third needs none.
func (s *suite) checkRenewed(t *testing.T, probe *actionCase, auth *abi.AuthScheme, o options) {
	t.Helper()
	p := s.stage(t, probe)
	c := s.connect(t, p, o)
	for i, want := range []int{1, 2, 2} {
		if i == 1 {
			c.clock.advance(tokenAge)
			s.expire(t, p, probe, auth)
		}
		if _, fault := c.invoke(t, probe.call()); fault != nil {
			t.Fatalf("call %d: %s: %s", i+1, fault.Kind, fault)
		}
		if got := s.tokenRequests(t, p); got != want {
			t.Errorf("after call %d: %d token requests, want %d", i+1, got, want)
		}
	}
}

// expire lets every token expire, the platform's own way or, where the fixture
// knows none, by one answer with the status for that.
func (s *suite) expire(t *testing.T, p *platform, probe *actionCase, auth *abi.AuthScheme) {
	t.Helper()
	if record := s.fixture.Expire; record != nil {
		rig.Must(t, p.DeleteRecord(t.Context(), record.Collection, record.ID))
		return
	}
	rig.Must(t, p.Inject(t.Context(), s.expired(t, p, 1, probe, auth)))
}

// checkRefusedForGood has the platform refuse every token: the host asks for
// one more, not for one per request.
func (s *suite) checkRefusedForGood(t *testing.T, probe *actionCase, auth *abi.AuthScheme, o options) {
	t.Helper()
	p := s.stage(t, probe)
	c := s.connect(t, p, o)
	if _, fault := c.invoke(t, probe.call()); fault != nil {
		t.Fatalf("%s: %s", fault.Kind, fault)
	}
	rig.Must(t, p.Inject(t.Context(), s.expired(t, p, simkit.Forever, probe, auth)))
	c.clock.advance(tokenAge)
	for range 3 {
		_, fault := c.invoke(t, probe.call())
		(&errorWant{Kind: abi.Auth}).check(t, fault)
	}
	if got := s.tokenRequests(t, p); got > 2 {
		t.Errorf("%d token requests, want 2", got)
	}
}

// expired is a fault that answers the requests that the probe sent by the
// status that means an expired token.
func (s *suite) expired(t *testing.T, p *platform, times int, probe *actionCase, auth *abi.AuthScheme) simkit.Fault {
	t.Helper()
	sent := s.requests(t, p, 0)
	if len(sent) == 0 {
		t.Fatalf("the case %s sends no request", probe.name)
	}
	return simkit.Fault{
		Match: simkit.Match{Method: sent[0].Method, Path: sent[0].Path},
		Kind:  simkit.FaultStatus, Status: cmp.Or(auth.ExpiredStatus, http.StatusUnauthorized), Times: times,
	}
}

// requests are the entries above since that the plugin caused, without those for tokens.
func (s *suite) requests(t *testing.T, p *platform, since int64) []simkit.Entry {
	t.Helper()
	return slices.DeleteFunc(p.since(t, since), func(e simkit.Entry) bool { return s.isTokenPath(e.Path) })
}

func (s *suite) tokenRequests(t *testing.T, p *platform) int {
	t.Helper()
	return len(p.since(t, 0)) - len(s.requests(t, p, 0))
}
