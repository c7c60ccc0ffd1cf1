package plugintest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// notDone are the kinds after which an action is called again as if it had done nothing.
var notDone = []abi.Kind{abi.Unavailable, abi.RateLimited, abi.Auth}

// afterChange returns a fault for each request that comes after the first one that changed something.
func afterChange(sent []simkit.Entry) (all []simkit.Fault) {
	first := slices.IndexFunc(sent, func(e simkit.Entry) bool { return e.Effect != "" })
	if first < 0 {
		return nil
	}
	for at := first + 1; at < len(sent); at++ {
		f := simkit.Fault{Match: simkit.Match{Method: sent[at].Method, Path: sent[at].Path}, Times: simkit.Forever}
		for _, before := range sent[:at] {
			if before.Method == f.Match.Method && strings.Contains(before.Path, f.Match.Path) { // as a fault is matched
				f.Skip++
			}
		}
		all = append(all, f)
	}
	return all
}

// checkHalfDone refuses the requests of an action that come after its first
// change, one at a time. A kind that says that nothing was done has the engine
// call the action again, and the change is made twice.
func (s *suite) checkHalfDone(t *testing.T, c *actionCase, later []simkit.Fault) {
	t.Helper()
	for _, aim := range later {
		if !s.checkLaterRefused(t, c, aim) {
			return
		}
	}
}

// checkLaterRefused refuses one request and says whether that is told as it is.
func (s *suite) checkLaterRefused(t *testing.T, c *actionCase, aim simkit.Fault) (right bool) {
	t.Helper()
	right = true
	unauthorized := failure{name: "unauthorized", fault: simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusUnauthorized}}
	for _, f := range []failure{failing("status-503"), failing("rate-limited"), unauthorized} {
		p := s.stage(t, c)
		f.fault.Match, f.fault.Skip, f.fault.Times = aim.Match, aim.Skip, aim.Times
		rig.Must(t, p.Inject(t.Context(), f.fault))
		_, fault := s.connect(t, p, options{settings: c.Settings}).invoke(t, c.call())
		if fault != nil && slices.Contains(notDone, fault.Kind) {
			t.Errorf("%s: something was changed, and when its request %s %s after that was refused, %s says %s: nothing was done. The engine calls it "+
				"again, and the change is made twice. Return such an error as sdk.Errorf(abi.Unknown, \"…: %%w\", err), leave out what is not "+
				"needed, or make two actions of it", f.name, aim.Match.Method, aim.Match.Path, c.Action, fault.Kind)
			right = false
		}
	}
	return right
}
