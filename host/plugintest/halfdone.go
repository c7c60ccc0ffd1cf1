package plugintest

import (
	"slices"
	"testing"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// lastAfter returns a fault for the last request of several, if one before it
// changed something.
func lastAfter(sent []simkit.Entry) (f simkit.Fault, ok bool) {
	first := slices.IndexFunc(sent, func(e simkit.Entry) bool { return e.Effect != "" })
	last := len(sent) - 1
	if first < 0 || first == last {
		return simkit.Fault{}, false
	}
	f.Match = simkit.Match{Method: sent[last].Method, Path: sent[last].Path}
	for i := range sent[:last] {
		if sent[i].Method == f.Match.Method && sent[i].Path == f.Match.Path {
			f.Skip++
		}
	}
	return f, true
}

// checkHalfDone refuses the last request of an action that has changed
// something by then. A kind that says that nothing was done has the engine call
// the action again, and the change is made twice.
func (s *suite) checkHalfDone(t *testing.T, c *actionCase, last simkit.Fault) {
	t.Helper()
	for _, f := range []failure{failing("status-503"), failing("rate-limited")} {
		p := s.stage(t, c)
		f.fault.Match, f.fault.Skip, f.fault.Times = last.Match, last.Skip, simkit.Forever
		rig.Must(t, p.Inject(t.Context(), f.fault))
		_, fault := s.connect(t, p, options{settings: c.Settings}).invoke(t, c.call())
		if fault != nil && (fault.Kind == abi.Unavailable || fault.Kind == abi.RateLimited) {
			t.Errorf("%s: something was changed, and when its request %s %s after that was refused, %s says %s: nothing was done. The engine calls it "+
				"again, and the change is made twice. Return such an error as sdk.Errorf(abi.Unknown, \"…: %%w\", err), leave out what is not "+
				"needed, or make two actions of it", f.name, last.Match.Method, last.Match.Path, c.Action, fault.Kind)
		}
	}
}
