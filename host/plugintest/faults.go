package plugintest

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

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
	// later are for the requests after the first one that changed something.
	later []simkit.Fault
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
		s.waivers.runIn(t, "faults", c.Action, f.name, func(t *testing.T) {
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
	if len(aim.later) > 0 && !s.action(t, c.Action).Idempotent {
		s.waivers.runIn(t, "faults", c.Action, "half-done", func(t *testing.T) { s.checkHalfDone(t, c, aim.later) })
	}
	if s.action(t, c.Action).Idempotent && aim.writes {
		s.waivers.runIn(t, "faults", c.Action, "repeat", func(t *testing.T) { s.checkRepeat(t, c, aim) })
	}
	if s.action(t, c.Action).Confirms && aim.writes {
		s.waivers.runIn(t, "faults", c.Action, "confirm-done", func(t *testing.T) { s.checkConfirm(t, c, aim, true) })
		s.waivers.runIn(t, "faults", c.Action, "confirm-not-done", func(t *testing.T) { s.checkConfirm(t, c, aim, false) })
		s.waivers.runIn(t, "faults", c.Action, "confirm-fails", func(t *testing.T) { s.checkConfirmFails(t, c, aim) })
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
		later: afterChange(sent),
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
	began := p.entries(t)
	_, fault := s.fail(t, p, c, aim, f)
	if aim.writes && f.fault.AfterEffect && f.fault.Kind == simkit.FaultReset && !s.action(t, c.Action).Idempotent {
		s.checkSentOnce(t, c, p.since(t, began))
	}
	right := f.read
	if aim.writes {
		right = f.write
	}
	if f.name == "status-500" && s.action(t, c.Action).Idempotent { // done twice, it is done once
		right = doubtful
	}
	switch {
	case fault == nil:
		t.Errorf("succeeded although %s %s failed", aim.match.Method, aim.match.Path)
	case !slices.Contains(right, fault.Kind):
		t.Errorf("failed with %s: %s; want %v", fault.Kind, fault, right)
	case f.fault.Headers["Retry-After"] != "" && fault.RetryAfter() != 7*time.Second:
		t.Errorf("the platform asked to wait %s s, the error says %s", retryAfter, fault.RetryAfter())
	case f.fault.Kind == simkit.FaultHTML && len(fault.Message) > maxMessage:
		t.Errorf("the error carries the whole page: %s", fault)
	}
}

// checkSentOnce finds a connector that sends a change again by itself after its
// answer was lost: every one of them took effect.
func (s *suite) checkSentOnce(t *testing.T, c *actionCase, entries []simkit.Entry) {
	t.Helper()
	times := 0
	for i := range entries {
		if entries[i].Fault == simkit.FaultReset {
			times++
		}
	}
	if times > 1 {
		t.Errorf("%s sent its request %d times after the answer was lost, and the platform carried out each of them. Return the error: the engine "+
			"repeats what may be repeated, and asks Confirm or a person about the rest", c.Action, times)
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
	for {
		connection := s.connect(t, p, o)
		began := p.entries(t)
		rig.Must(t, p.Inject(t.Context(), f.fault))
		_, fault := connection.invoke(t, c.call())
		rig.Must(t, p.ClearFaults(t.Context()))
		if o.patience == 0 || o.patience > callTime/2 || met(p.since(t, began), f.fault.Kind) {
			return connection, fault
		}
		o.patience *= 4 // on a busy machine another request may have run out of time
	}
}

// met says whether a request met the fault.
func met(entries []simkit.Entry, kind simkit.FaultKind) bool {
	return slices.ContainsFunc(entries, func(e simkit.Entry) bool { return e.Fault == kind })
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

// checkConfirmFails loses the answer of a change that was made, and fails the
// platform while the connector looks. "Not done" would have it done again.
func (s *suite) checkConfirmFails(t *testing.T, c *actionCase, aim target) {
	t.Helper()
	p := s.stage(t, c)
	confirm := c.call()
	confirm.Op, confirm.Since = abi.OpConfirm, p.now(t)
	connection, fault := s.fail(t, p, c, aim, failure{fault: simkit.Fault{Kind: simkit.FaultReset, AfterEffect: true}})
	(&errorWant{Kind: abi.Unknown}).check(t, fault)
	for _, f := range []failure{failing("status-500"), failing("html-page-200")} {
		began := p.entries(t)
		f.fault.Times = simkit.Forever
		rig.Must(t, p.Inject(t.Context(), f.fault))
		output, fault := connection.invoke(t, confirm)
		rig.Must(t, p.ClearFaults(t.Context()))
		if fault == nil && met(p.since(t, began), f.fault.Kind) {
			t.Errorf("%s: the platform could not be asked whether %s was carried out, and Confirm answers %s. Taken for not done, it is done "+
				"a second time. Return the error of every request that Confirm makes: the engine then asks again later", f.name, c.Action, output)
		}
	}
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
