package plugintest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// checkSecrets has the platform say every secret aloud, as careless error
// messages do. Every connection of the suite, these too, fails its test for a
// secret that it finds in an output, an error, a log or a body sent.
func (s *suite) checkSecrets(t *testing.T) {
	probe := s.probe(t)
	for name := range s.fixture.Secrets {
		s.waivers.run(t, "secrets", "echo-"+name, func(t *testing.T) { s.checkEcho(t, probe, name) })
	}
	t.Logf("searched %d outputs, errors, log lines and requests", s.seen.total())
}

// checkEcho answers with a secret in every form of error that the platform has.
func (s *suite) checkEcho(t *testing.T, probe *actionCase, name string) {
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
	said := p.FillText(t, s.fixture.Secrets[name])
	for _, status := range []int{http.StatusBadRequest, http.StatusForbidden, http.StatusInternalServerError} {
		rig.Must(t, p.Inject(t.Context(), simkit.Fault{
			Match: simkit.Match{Method: sent[0].Method, Path: sent[0].Path}, Kind: simkit.FaultStatus, Status: status,
			Headers: map[string]string{"Content-Type": "application/json"}, Body: echo(said),
		}))
		if _, fault := c.invoke(t, probe.call()); fault == nil {
			t.Errorf("succeeded although the platform answered %d", status)
		}
	}
}

// echo makes error bodies of common forms that hold the secret.
func echo(said string) string {
	quoted := strings.Trim(fmt.Sprintf("%q", "invalid credential "+said), `"`)
	return `{"message":"` + quoted + `","error":"` + quoted + `","errors":[{"code":"` + quoted + `","message":"` + quoted + `"}]}`
}
