package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// wanted takes only customers below the tenth; the condition cannot be
// evaluated for an event that does not say which it is.
const wanted = `language: 1
flow: wanted
on: {connection: shop, event: customer.updated}
when: event.data.n < 10
key: event.data.id + '!'
steps:
  - call: crm.record.create
    with: {object: Account, fields: {Mail: "${event.data.id}", N: "${event.data.id}"}}
`

// A run failed because its flow's condition could not be evaluated. Running it
// again asks the condition again, the newest one if that was wanted.
func TestRerunAsksTheConditionThatCouldNotBeEvaluated(t *testing.T) {
	for name, c := range map[string]struct {
		how   host.Restart
		when  string
		want  host.RunState
		wrote int
	}{
		"as it was":                 {host.RestartStep, "event.data.id == '7'", host.RunFailed, 0},
		"the condition refuses now": {host.RestartNewest, "event.data.id == '8'", host.RunDone, 0},
		"the condition takes it":    {host.RestartNewest, "event.data.id == '7'", host.RunDone, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				r := boot(t, memory(t), p, wanted)
				defer r.stop()
				r.receive(`{"id":"7"}`)
				time.Sleep(time.Second)
				r.reload(strings.Replace(wanted, "event.data.n < 10", c.when, 1))
				for range 2 { // a run that is over is refused the second time
					err := r.Rerun(t.Context(), r.runs(host.RunFilter{})[0].ID, host.Rerun{How: c.how})
					if err != nil && abi.KindOf(err) != abi.Conflict {
						t.Fatal(err)
					}
					time.Sleep(time.Second)
				}
				run := r.runs(host.RunFilter{})[0]
				wrote := p.count("crm.record.create:action")
				if run.State != c.want || wrote != c.wrote {
					t.Errorf("the run is %s (%s) with %d writes: %v", run.State, run.Outcome, wrote, run.Error)
				}
				if wrote > 0 && run.Lane != ledger.LaneName("wanted", "7!") {
					t.Errorf("it went again in the lane %q", run.Lane)
				}
				if run.State == host.RunFailed && run.FailedStep != "when" {
					t.Errorf("it failed at %q", run.FailedStep)
				}
			})
		})
	}
}

// A run that cannot begin again either holds nobody up.
func TestRunThatNeverBeganDoesNotBlockItsLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.delay = time.Second
		r := boot(t, memory(t), p, wanted)
		defer r.stop()
		r.receive(`{"id":"7"}`)
		time.Sleep(time.Second)
		failed := r.runs(host.RunFilter{})[0]
		r.deliver("7", 1)
		time.Sleep(10 * time.Second)
		if err := r.Rerun(t.Context(), failed.ID, host.Rerun{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		r.deliver("7", 2)
		time.Sleep(10 * time.Second)
		if done := r.runs(host.RunFilter{State: host.RunDone}); len(done) != 2 {
			t.Errorf("%d runs are done, want 2", len(done))
		}
	})
}

// receive takes in a delivery with this body.
func (r *rig) receive(body string) {
	r.t.Helper()
	if _, err := r.Receive(r.t.Context(), host.Delivery{Connection: "shop", Received: time.Now(), Body: []byte(body)}); err != nil {
		r.t.Fatal(err)
	}
}

// reload puts another flow in force.
func (r *rig) reload(flow string) {
	r.t.Helper()
	set, err := rules.LoadSources(map[string][]byte{"flow.yaml": []byte(flow)}, catalog())
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.Rules.Install(r.t.Context(), set, time.Now()); err != nil {
		r.t.Fatal(err)
	}
}

// greets sends one message to each customer, whatever is announced again.
const greets = `language: 1
flow: greets
on: {connection: shop, event: customer.updated}
steps:
  - id: once
    call: musubi.once.claim
    with: {key: "${event.data.id}"}
  - if: once.again
    then:
      - stop: greeted before
  - call: crm.message.send
    with: {id: "%s"}
`

const renamed = `language: 1
flow: greets
on: {connection: shop, event: customer.updated}
steps:
  - id: first
    call: musubi.once.claim
    with: {key: "${event.data.id}"}
  - if: first.again
    then:
      - stop: greeted before
  - call: crm.message.send
    with: {id: "${event.data.id}"}
`

// What a run has claimed stays its own when it begins again, under whatever name
// of the step: the message that could not be sent is sent when the rule is mended.
func TestRunThatBeginsAgainHasWhatItClaimed(t *testing.T) {
	for name, mended := range map[string]string{"same step": fmt.Sprintf(greets, "${event.data.id}"), "renamed step": renamed} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { greetsOnce(t, mended) })
		})
	}
}

// greetsOnce has a run fail behind its claim, and begin again with the mended flow.
func greetsOnce(t *testing.T, mended string) {
	p := newPlatform()
	p.fault = func(in host.Invocation) error {
		if in.Connection == "crm" && strings.Contains(string(in.Input), "broken") {
			return &abi.Error{Kind: abi.Invalid, Message: "no such customer"}
		}
		return nil
	}
	r := boot(t, memory(t), p, fmt.Sprintf(greets, "broken"))
	defer r.stop()
	p.claim = func(ctx context.Context, flow, key, owner string, keep time.Duration) (bool, error) {
		return r.ledger.Claim(ctx, flow, key, owner, time.Now(), time.Now().Add(keep))
	}
	r.deliver("7", 1)
	r.await(host.RunFailed, 1)
	r.reload(mended)
	id := r.runs(host.RunFilter{})[0].ID
	if err := r.Rerun(t.Context(), id, host.Rerun{How: host.RestartNewest}); err != nil {
		t.Fatal(err)
	}
	r.await(host.RunDone, 1)
	r.deliver("7", 2)
	r.await(host.RunDone, 1)
	if sent := len(p.effects); sent != 1 {
		t.Errorf("%d messages were sent: %v", sent, p.calls)
	}
}

// A connection goes away and the flow is changed, while a run of the flow as it
// was waits: it fails, and the runs behind it wait for a person all the same.
func TestRunWhoseFlowIsGoneBlocksItsLane(t *testing.T) {
	const flow = `language: 1
flow: later
on: {connection: shop, event: customer.updated}
steps:
  - wait: {for: 1d}
  - call: %s.message.send
    with: {id: "${string(event.data.n)}"}
`
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		disk := memory(t)
		r := boot(t, disk, p, fmt.Sprintf(flow, "crm"))
		r.deliver("7", 1)
		r.await(host.RunWaiting, 1)
		r.stop()
		p.gone = "crm"
		r = boot(t, disk, p, fmt.Sprintf(flow, "shop"))
		defer r.stop()
		r.deliver("7", 2)
		time.Sleep(72 * time.Hour)
		if sent := p.count("shop.message.send:action"); sent != 0 {
			t.Fatalf("%d later runs went on", sent)
		}
		id := r.runs(host.RunFilter{State: host.RunFailed})[0].ID
		if err := r.Rerun(t.Context(), id, host.Rerun{How: host.RestartNewest}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(72 * time.Hour)
		if done := len(r.runs(host.RunFilter{State: host.RunDone})); done != 2 {
			t.Errorf("%d runs are done, want 2", done)
		}
	})
}
