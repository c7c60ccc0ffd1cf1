package plugintest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

const (
	// retryAfter is how long the platform asks to wait, in seconds.
	retryAfter = "7"
	// patience is how long a request waits for an answer that never comes.
	patience = 150 * time.Millisecond
)

// failure is a way for a platform to fail, and the kinds that a connector may
// report it as: one for a request that reads, one for one that changes something.
type failure struct {
	name        string
	fault       simkit.Fault
	read, write kinds
	// silent goes with faults after which the answer may be whole after all: an
	// empty one cannot be cut.
	silent bool
}

// kinds are the ones that are right; how they print is the reason for the type.
type kinds []abi.Kind

// String lists the names.
func (ks kinds) String() string {
	names := make([]string, 0, len(ks))
	for _, k := range ks {
		names = append(names, k.String())
	}
	return strings.Join(names, " or ")
}

var (
	unavailable = kinds{abi.Unavailable}
	// lost is the outcome of a change that was asked for and not answered.
	// Unavailable would say that nothing was done, and have it done twice.
	lost = kinds{abi.Unknown}
	// doubtful is that of a change that was answered by something other than the
	// platform's own code, which may have run before.
	doubtful = kinds{abi.Unavailable, abi.Unknown}
)

// failures of a request before it takes effect.
var failures = []failure{
	{
		name:  "rate-limited",
		fault: simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusTooManyRequests, Headers: map[string]string{"Retry-After": retryAfter}},
		read:  kinds{abi.RateLimited}, write: kinds{abi.RateLimited},
	},
	{name: "status-500", fault: simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusInternalServerError}, read: unavailable, write: doubtful},
	{name: "status-503", fault: simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusServiceUnavailable}, read: unavailable, write: unavailable},
	{name: "html-page", fault: simkit.Fault{Kind: simkit.FaultHTML}, read: unavailable, write: unavailable},
	{name: "html-page-200", fault: simkit.Fault{Kind: simkit.FaultHTML, Status: http.StatusOK}, read: unavailable, write: doubtful},
	{name: "reset-before", fault: simkit.Fault{Kind: simkit.FaultReset}, read: unavailable, write: lost},
	{name: "hang-before", fault: simkit.Fault{Kind: simkit.FaultHang}, read: unavailable, write: lost},
}

// lateFailures take the answer away after the request took effect.
var lateFailures = []failure{
	{name: "cut", fault: simkit.Fault{Kind: simkit.FaultCut}, read: unavailable, write: lost, silent: true},
	{name: "reset-after", fault: simkit.Fault{Kind: simkit.FaultReset, AfterEffect: true}, read: unavailable, write: lost},
	{name: "hang-after", fault: simkit.Fault{Kind: simkit.FaultHang, AfterEffect: true}, read: unavailable, write: lost},
}

// checkFaults takes the first case of every action that succeeds, and has the
// request that matters fail in every way.
func (s *suite) checkFaults(t *testing.T) {
	done := map[string]bool{}
	for _, c := range s.actionCases(t) {
		if c.WantError != nil || len(c.Faults) > 0 || done[c.Action] {
			continue
		}
		done[c.Action] = true
		t.Run(c.Action, func(t *testing.T) {
			t.Parallel()
			s.checkFailures(t, c)
		})
	}
}

// target is the request of a case that faults are aimed at.
type target struct {
	match simkit.Match
	// writes says that it changes something, mute that its answer has no body.
	writes, mute bool
	// late says that another one that is no GET comes before it: what that leaves
	// behind may change the aimed request's address.
	late bool
}

// checkFailures runs one case against every failure. What leaves no trace on
// the platform shares a sim.
func (s *suite) checkFailures(t *testing.T, c *actionCase) {
	t.Helper()
	aim, ok := s.rehearse(t, c)
	if !ok {
		t.Skipf("%s sends no request", c.name)
	}
	shared := s.stage(t, c)
	run := func(f failure, traces bool) {
		s.waivers.run(t, "faults", c.Action+"/"+f.name, func(t *testing.T) {
			p := shared
			if traces {
				p = s.stage(t, c)
			}
			s.checkFailure(t, p, c, aim, f)
		})
	}
	for _, f := range failures {
		run(f, aim.late)
	}
	for _, f := range lateFailures {
		if !f.silent || !aim.mute {
			run(f, aim.writes)
		}
	}
	if s.action(t, c.Action).Confirms && aim.writes {
		s.waivers.run(t, "faults", c.Action+"/confirm-done", func(t *testing.T) { s.checkConfirm(t, c, aim, true) })
		s.waivers.run(t, "faults", c.Action+"/confirm-not-done", func(t *testing.T) { s.checkConfirm(t, c, aim, false) })
	}
}

// rehearse runs the case undisturbed and returns the request that matters.
func (s *suite) rehearse(t *testing.T, c *actionCase) (aim target, ok bool) {
	t.Helper()
	p := s.stage(t, c)
	began := p.entries(t)
	if _, fault := s.connect(t, p, options{settings: c.Settings}).invoke(t, c.call()); fault != nil {
		t.Fatalf("%s does not work without faults: %s: %s", c.name, fault.Kind, fault)
	}
	sent := s.requests(t, p, began)
	if len(sent) == 0 {
		return target{}, false
	}
	e, writes := decisive(sent, s.action(t, c.Action).Reads)
	other := slices.IndexFunc(sent, func(e simkit.Entry) bool { return e.Method != http.MethodGet })
	return target{
		match:  simkit.Match{Method: e.Method, Path: e.Path},
		writes: writes, mute: e.Response == "", late: other >= 0 && sent[other].N < e.N,
	}, true
}

// decisive returns the request that changed something, or may: of an action
// that does not only read, the last that is no GET. Otherwise it is the first one.
func decisive(sent []simkit.Entry, reads bool) (e simkit.Entry, writes bool) {
	e = sent[0]
	for i := range sent {
		if sent[i].Effect != "" {
			return sent[i], true
		}
		if !reads && sent[i].Method != http.MethodGet {
			e, writes = sent[i], true
		}
	}
	return e, writes
}

func (s *suite) checkFailure(t *testing.T, p *platform, c *actionCase, aim target, f failure) {
	t.Helper()
	_, fault := s.fail(t, p, c, aim, f)
	right := f.read
	if aim.writes {
		right = f.write
	}
	switch {
	case fault == nil:
		t.Errorf("succeeded although %s %s failed", aim.match.Method, aim.match.Path)
	case !slices.Contains(right, fault.Kind):
		t.Errorf("failed with %s: %s; want %v", fault.Kind, fault, right)
	case f.fault.Status == http.StatusTooManyRequests && fault.RetryAfter() != 7*time.Second:
		t.Errorf("the platform asked to wait %s s, the error says %s", retryAfter, fault.RetryAfter())
	case f.fault.Kind == simkit.FaultHTML && len(fault.Message) > maxMessage:
		t.Errorf("the error carries the whole page: %s", fault)
	}
}

// maxMessage is how long an error about a page that nobody expected may be, in bytes.
const maxMessage = 300

// fail runs the case on a connection of its own while the aimed request fails,
// each time it is sent: a transport may try a read again by itself.
func (s *suite) fail(t *testing.T, p *platform, c *actionCase, aim target, f failure) (*connection, *abi.Error) {
	t.Helper()
	f.fault.Match, f.fault.Times = aim.match, simkit.Forever
	o := options{settings: c.Settings}
	if f.fault.Kind == simkit.FaultHang {
		o.patience = patience
	}
	connection := s.connect(t, p, o)
	rig.Must(t, p.Inject(t.Context(), f.fault))
	_, fault := connection.invoke(t, c.call())
	rig.Must(t, p.ClearFaults(t.Context()))
	return connection, fault
}

// checkConfirm loses the answer, or the request, and asks the connector whether
// the change was made. If it was not, trying again makes it, once.
func (s *suite) checkConfirm(t *testing.T, c *actionCase, aim target, done bool) {
	t.Helper()
	p := s.stage(t, c)
	first := c.call()
	since := p.now(t)
	began := p.entries(t)
	connection, fault := s.fail(t, p, c, aim, failure{fault: simkit.Fault{Kind: simkit.FaultReset, AfterEffect: done}})
	(&errorWant{Kind: abi.Unknown}).check(t, fault)
	confirm := first
	confirm.Op, confirm.Since = abi.OpConfirm, since
	answer := connection.confirm(t, confirm)
	if answer.Done != done {
		t.Fatalf("the connector says done = %t, the platform says %t", answer.Done, done)
	}
	output := []byte(answer.Output)
	if !done {
		if output, fault = connection.invoke(t, first); fault != nil {
			t.Fatalf("trying again: %s: %s", fault.Kind, fault)
		}
	}
	c.checkOutput(t, s.action(t, c.Action), output)
	c.checkEffects(t, s.action(t, c.Action), effects(p.since(t, began)))
}

func (c *connection) confirm(t *testing.T, call abi.Call) abi.Confirmation {
	t.Helper()
	output, fault := c.invoke(t, call)
	if fault != nil {
		t.Fatalf("confirming: %s: %s", fault.Kind, fault)
	}
	var answer abi.Confirmation
	if err := json.Unmarshal(output, &answer); err != nil {
		t.Fatalf("reading the confirmation: %v", err)
	}
	return answer
}
