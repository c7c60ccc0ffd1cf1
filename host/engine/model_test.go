package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// record makes a record of every event and links it. A record's mail tells
// events apart, so an effect that nobody heard of can be found.
const record = `language: 1
flow: record
on: {connection: shop, event: customer.updated}
on_failure: %s
steps:
  - id: customer
    call: shop.customer.get
    with: {id: "${event.data.id}"}
  - id: made
    call: crm.record.create
    with: {object: Account, fields: {Mail: "${string(event.data.n)}", N: "${string(event.data.n)}"}}
  - link: {kind: change, from: {connection: shop, id: "${string(event.data.n)}"}, to: {connection: crm, id: "${made.id}"}}
`

// operation is one thing that happens to a host. Which run it is about, and
// how much of it there is, n tells.
type operation struct {
	what string
	n    int
}

func (o operation) String() string { return o.what + "(" + strconv.Itoa(o.n) + ")" }

// operations are drawn before anything happens, so that a failing sequence shrinks.
func operations() *rapid.Generator[[]operation] {
	kinds := []string{"deliver", "deliver", "deliver", "repeat", "pass", "refuse", "down", "lose", "cancel", "rerun", "resume", "restart", "crash"}
	one := rapid.Custom(func(t *rapid.T) operation {
		return operation{rapid.SampledFrom(kinds).Draw(t, "what"), rapid.IntRange(0, 20).Draw(t, "n")}
	})
	return rapid.SliceOfN(one, 1, 60)
}

// Whatever happens, in whatever order: every event has one run that ends, its
// effect is there once, the order per key holds, and nothing is linked twice.
func TestEngineKeepsItsPromisesUnderAnySequence(t *testing.T) {
	for _, policy := range []string{"block", "skip"} {
		t.Run(policy, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				ops := operations().Draw(r, "operations")
				var faults []string
				synctest.Test(t, func(t *testing.T) { faults = live(t, fmt.Sprintf(record, policy), ops) })
				if len(faults) > 0 {
					r.Fatalf("%s", strings.Join(faults, "\n"))
				}
			})
		})
	}
}

// life is a host over its restarts, with the model of what it has promised.
type life struct {
	*rig

	flow string
	// sent are the accepted events: the key of each number.
	sent []int
	// faults of calls to come, each for one call.
	refuse, down, lose int
	cancelled          map[string]bool
}

// live carries out the operations, mends everything and returns which promises were broken.
func live(t *testing.T, flow string, ops []operation) []string {
	l, restart := begin(t, func() string { return flow })
	l.carryOut(ops, restart)
	defer l.stop()
	return l.broken()
}

// begin starts a host, and returns how to start it again with the flow of then.
func begin(t *testing.T, flow func() string) (l *life, start func()) {
	disk, p := memory(t), newPlatform()
	p.delay = 50 * time.Millisecond
	l = &life{cancelled: map[string]bool{}}
	p.fault, p.after = l.before, l.after
	start = func() {
		l.flow = flow()
		l.rig = boot(t, disk, p, l.flow)
	}
	start()
	return l, start
}

// carryOut has the operations happen and mends everything.
func (l *life) carryOut(ops []operation, start func()) {
	for _, o := range ops {
		switch o.what {
		case "restart":
			l.stop()
			start()
		case "crash":
			abandon(l.rig)
			start()
		default:
			l.do(o)
		}
	}
	l.mend()
}

func (l *life) do(o operation) {
	switch o.what {
	case "deliver":
		l.deliver(fmt.Sprint(o.n%3), len(l.sent))
		l.sent = append(l.sent, o.n%3)
	case "repeat":
		if len(l.sent) > 0 {
			n := o.n % len(l.sent)
			l.deliver(fmt.Sprint(l.sent[n]), n)
		}
	case "pass":
		time.Sleep(time.Duration(o.n*o.n) * 20 * time.Millisecond)
	case "refuse":
		l.add(&l.refuse, o.n%3)
	case "down":
		l.add(&l.down, o.n)
	case "lose":
		l.add(&l.lose, o.n%3)
	case "resume":
		l.Resume("crm")
	case "cancel", "rerun":
		l.steer(o)
	}
}

func (l *life) add(to *int, n int) {
	l.platform.mu.Lock()
	defer l.platform.mu.Unlock()
	*to += n
}

// before fails calls before they take effect.
func (l *life) before(in host.Invocation) error {
	switch {
	case in.Connection != "crm" || in.Op != abi.OpAction:
		return nil
	case l.down > 0:
		l.down--
		return &abi.Error{Kind: abi.Unavailable, Message: "down"}
	case l.refuse > 0:
		l.refuse--
		return &abi.Error{Kind: abi.Invalid, Message: "refused"}
	}
	return nil
}

// after loses the answers of calls that took effect.
func (l *life) after(in host.Invocation) error {
	if in.Op != abi.OpAction || in.Name != "record.create" || l.lose == 0 {
		return nil
	}
	l.lose--
	return &abi.Error{Kind: abi.Unknown, Message: "the answer was lost"}
}

// steer cancels a run, or runs one that failed again; who is refused meets kind Conflict.
func (l *life) steer(o operation) {
	runs := l.runs(host.RunFilter{})
	if len(runs) == 0 {
		return
	}
	run := runs[o.n%len(runs)]
	var err error
	if o.what == "cancel" {
		if err = l.Cancel(l.t.Context(), run.ID); err == nil {
			l.cancelled[run.ID] = true
		}
	} else if run.State == host.RunFailed {
		err = l.Rerun(l.t.Context(), run.ID, host.Rerun{How: host.RestartStep})
	}
	if err != nil && abi.KindOf(err) != abi.Conflict {
		l.t.Errorf("%s: %v", o, err)
	}
}

// mend lets everything work again, and runs again what failed, until nothing moves.
func (l *life) mend() {
	l.platform.mu.Lock()
	l.refuse, l.down, l.lose = 0, 0, 0
	l.platform.mu.Unlock()
	for range len(l.sent) + 1 {
		time.Sleep(12 * time.Hour)
		failed := l.runs(host.RunFilter{State: host.RunFailed})
		if len(failed) == 0 {
			return
		}
		for _, run := range failed {
			if err := l.Rerun(l.t.Context(), run.ID, host.Rerun{How: host.RestartStep}); err != nil {
				l.t.Error(err)
			}
		}
	}
}

func (l *life) broken() []string {
	return slices.Concat(l.brokenRuns(), l.brokenEffects(), l.brokenJournals(), l.brokenLinks())
}

// brokenRuns: each event has one run, which is done unless a person cancelled it.
func (l *life) brokenRuns() (faults []string) {
	runs := l.runs(host.RunFilter{})
	if len(runs) != len(l.sent) {
		faults = append(faults, fmt.Sprintf("%d runs of %d events", len(runs), len(l.sent)))
	}
	for _, run := range runs {
		want := host.RunDone
		if l.cancelled[run.ID] {
			want = host.RunCancelled
		}
		if run.State != want {
			faults = append(faults, fmt.Sprintf("run %s is %s, want %s: %v", run.ID, run.State, want, run.Error))
		}
	}
	return faults
}

// brokenEffects: no change was written twice, and those of one key in order.
func (l *life) brokenEffects() (faults []string) {
	last := map[int]int{}
	for _, written := range l.platform.order {
		n, err := strconv.Atoi(written)
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		key := l.sent[n]
		if before, ok := last[key]; ok && before >= n && !strings.Contains(l.flow, "skip") {
			faults = append(faults, fmt.Sprintf("of key %d, change %d was written after change %d", key, n, before))
		}
		last[key] = n
	}
	for key, times := range l.platform.effects {
		if times > 1 {
			faults = append(faults, fmt.Sprintf("the effect %s happened %d times", key, times))
		}
	}
	if len(l.platform.order) < len(l.sent)-len(l.cancelled) {
		faults = append(faults, fmt.Sprintf("%d effects of %d events, %d cancelled", len(l.platform.order), len(l.sent), len(l.cancelled)))
	}
	return faults
}

// brokenJournals: what is done is a prefix of the flow, and all of it for a run that is done.
func (l *life) brokenJournals() (faults []string) {
	paths := []string{"customer", "made", "3"}
	for _, run := range l.runs(host.RunFilter{}) {
		var done []string
		for _, s := range l.steps(run.ID) {
			if s.State == host.StepDone {
				done = append(done, s.Path)
			}
		}
		if !slices.Equal(done, paths[:len(done)]) || (run.State == host.RunDone && len(done) != len(paths)) {
			faults = append(faults, fmt.Sprintf("run %s, %s, has done %v", run.ID, run.State, done))
		}
	}
	return faults
}

// brokenLinks: each record is linked once, and a run that is done has its link.
func (l *life) brokenLinks() (faults []string) {
	seen := map[host.Ref]bool{}
	links := 0
	err := l.ledger.EachLink(l.t.Context(), func(link host.Link) error {
		links++
		if seen[link.From] || seen[link.To] {
			return fmt.Errorf("%v or %v is linked twice", link.From, link.To)
		}
		seen[link.From], seen[link.To] = true, true
		return nil
	})
	if done := len(l.runs(host.RunFilter{State: host.RunDone})); links < done {
		err = errors.Join(err, fmt.Errorf("%d links of %d runs", links, done))
	}
	if err != nil {
		faults = append(faults, err.Error())
	}
	return faults
}
