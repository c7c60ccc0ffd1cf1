package engine_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/host"
)

// parts makes four records of every event, in a flow of their own, with a wait
// at each. What stands behind it changes from one version of the rules to the next.
const parts = `language: 1
flow: record
on: {connection: shop, event: customer.updated}
on_failure: %s
steps:
  - flow: parts
    with: {n: "${string(event.data.n)}"}
  - stop: version %s
---
language: 1
flow: parts
params: {n: {type: string}}
steps:
  - foreach: "['0', '1', '2', '3']"
    as: item
    concurrency: 2
    on_error: %s
    steps:
      - id: made
        call: crm.record.create
        with: {object: Account, fields: {Mail: "${params.n}.${item}", N: "${params.n}"}}
      - wait: {for: 20s}
      - call: crm.message.send
        with: {id: "${made.id}"}
`

// The same for items, each of which waits: whatever happens, each has its
// record once and its message, and the order per key holds.
func TestItemsKeepTheirPromisesUnderAnySequence(t *testing.T) {
	for _, policy := range []string{"block", "skip"} {
		for _, onError := range []string{"stop", "continue"} {
			t.Run(policy+"/"+onError, func(t *testing.T) {
				rapid.Check(t, func(r *rapid.T) {
					ops := operations().Draw(r, "operations")
					var faults []string
					synctest.Test(t, func(t *testing.T) { faults = liveWithItems(t, policy, onError, ops) })
					if len(faults) > 0 {
						r.Fatalf("%s", strings.Join(faults, "\n"))
					}
				})
			})
		}
	}
}

// liveWithItems is live with rules that change at every restart.
func liveWithItems(t *testing.T, policy, onError string, ops []operation) []string {
	starts := 0
	l, restart := begin(t, func() string {
		starts++
		return fmt.Sprintf(parts, policy, strconv.Itoa(starts), onError)
	})
	l.carryOut(ops, restart)
	defer l.stop()
	return slices.Concat(l.brokenRuns(), l.brokenItems(policy == "block"))
}

// brokenItems: an item has one record at the most, all of a run that is done
// have one, and each record has its message.
func (l *life) brokenItems(ordered bool) (faults []string) {
	records := map[string]int{}
	for _, fields := range l.platform.records {
		if records[fields["Mail"]]++; records[fields["Mail"]] > 1 {
			faults = append(faults, "item "+fields["Mail"]+" has two records")
		}
	}
	const items = 4
	done := l.runs(host.RunFilter{State: host.RunDone})
	for _, run := range done {
		ev, err := l.ledger.Event(l.t.Context(), run.Event)
		if err != nil {
			return append(faults, err.Error())
		}
		_, n, _ := strings.Cut(ev.Dedupe, "@")
		for i := range items {
			if mail := n + "." + strconv.Itoa(i); records[mail] == 0 {
				faults = append(faults, "run "+run.ID+" is done without item "+mail)
			}
		}
	}
	if effects := len(l.platform.effects); effects < len(records)+items*len(done) {
		faults = append(faults, fmt.Sprintf("%d messages of %d runs that are done", effects-len(records), len(done)))
	}
	return append(faults, l.brokenOrder(ordered)...)
}

// brokenOrder: what one event leads to is not written behind what a later one of its key does.
func (l *life) brokenOrder(ordered bool) (faults []string) {
	last := map[int]int{}
	for _, written := range l.platform.order {
		n, err := strconv.Atoi(written)
		if err != nil {
			return append(faults, err.Error())
		}
		if key := l.sent[n]; ordered && last[key] > n {
			faults = append(faults, fmt.Sprintf("of key %d, change %d was written after change %d", key, n, last[key]))
		} else {
			last[key] = n
		}
	}
	return faults
}
