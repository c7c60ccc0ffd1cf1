package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/engine"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/mem"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestRulesThatStayInForceAreNotedOnce(t *testing.T) {
	l, err := ledger.Open(t.Context(), mem.New(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	book := engine.NewRulebook(l, nil)
	now := time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)
	for range 2 {
		if err := book.Install(t.Context(), new(rules.Set), now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
	history, err := l.RulesHistory(t.Context(), 10)
	if err != nil || len(history) != 1 || !history[0].Since.Equal(now.Add(-2*time.Hour)) {
		t.Errorf("history is %+v, %v", history, err)
	}
}

// A version that is not in force is checked again when it was not asked for
// for so long that it was forgotten, and only then.
func TestOldVersionsAreForgotten(t *testing.T) {
	l, err := ledger.Open(t.Context(), mem.New(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	loads := 0
	load := func(sources map[string][]byte) (*rules.Set, error) {
		loads++
		return rules.LoadSources(sources, catalog())
	}
	book := engine.NewRulebook(l, load)
	const versions = 70
	var old [versions]string
	for i := range old {
		set, err := load(map[string][]byte{"flow.yaml": fmt.Appendf(nil, "language: 1\nflow: f\non: {connection: shop, event: customer.updated}\nsteps: [{stop: n%d}]\n", i)})
		if err != nil {
			t.Fatal(err)
		}
		if err := book.Install(t.Context(), set, time.Now().Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
		old[i] = set.Flow("f").Version
	}
	ask := func(i int) (checked int) {
		before := loads
		if f, err := book.Flow(t.Context(), "f", old[i]); err != nil || f.Version != old[i] {
			t.Fatalf("version %d: %v", i, err)
		}
		return loads - before
	}
	for i := range versions - 1 {
		if checked := ask(i); checked != 1 {
			t.Errorf("version %d was checked %d times", i, checked)
		}
	}
	if first, last := ask(0), ask(versions-2); first != 1 || last != 0 {
		t.Errorf("the oldest was checked %d times, the latest %d times", first, last)
	}
}

// A run goes on with its version of a flow, whatever has become of connections
// that only other flows of those rules used.
func TestOldVersionsOutliveConnectionsOfOthers(t *testing.T) {
	l, err := ledger.Open(t.Context(), mem.New(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	today := catalog()
	book := engine.NewRulebook(l, func(sources map[string][]byte) (*rules.Set, error) { return rules.LoadSources(sources, today) })
	const waits = "language: 1\nflow: f\non: {connection: shop, event: customer.updated}\nsteps: [{wait: {for: %dd}}]\n"
	set, err := rules.LoadSources(map[string][]byte{
		"waits.yaml": fmt.Appendf(nil, waits, 1),
		"crm.yaml":   []byte("language: 1\nflow: g\nsteps: [{call: crm.message.send, with: {id: x}}]\n"),
		"tells.yaml": []byte("language: 1\nflow: h\non: {connection: shop, event: customer.updated}\nsteps: [{flow: g}]\n"),
	}, today)
	if err != nil {
		t.Fatal(err)
	}
	if err := book.Install(t.Context(), set, time.Now()); err != nil {
		t.Fatal(err)
	}
	delete(today.Connections, "crm")
	newer, err := rules.LoadSources(map[string][]byte{"waits.yaml": fmt.Appendf(nil, waits, 2)}, today)
	if err != nil {
		t.Fatal(err)
	}
	if err := book.Install(t.Context(), newer, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if f, err := book.Flow(t.Context(), "f", set.Flow("f").Version); err != nil || f.Version != set.Flow("f").Version {
		t.Errorf("%v", err)
	}
	if _, err := book.Flow(t.Context(), "g", set.Flow("g").Version); abi.KindOf(err) != abi.Config {
		t.Errorf("a flow whose connection is gone: %v", err)
	}
}

// unreadable is a store that cannot read the sources of rules for a while.
type unreadable struct {
	store.Store

	faults int
}

func (s *unreadable) Get(ctx context.Context, key string) ([]byte, error) {
	if strings.HasPrefix(key, "rs\x00") && s.faults > 0 {
		s.faults--
		return nil, errors.New("input/output error")
	}
	return s.Store.Get(ctx, key)
}

// A run whose version of the flow cannot be read just now goes on when it can.
func TestAnOldVersionThatCannotBeReadNowFailsNoRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const first = "language: 1\nflow: f\non: {connection: shop, event: customer.updated}\nsteps: [{wait: {for: 1h}}, {stop: first}]\n"
		disk, p := &unreadable{Store: memory(t)}, newPlatform()
		r := boot(t, disk, p, first)
		r.deliver("1", 1)
		r.await(host.RunWaiting, 1)
		r.stop()
		disk.faults = 3
		r = boot(t, disk, p, strings.Replace(first, "stop: first", "stop: second", 1))
		defer r.stop()
		time.Sleep(2 * time.Hour)
		if run := r.runs(host.RunFilter{})[0]; run.State != host.RunDone || run.Outcome != "first" || disk.faults != 0 {
			t.Errorf("the run is %s %q: %v", run.State, run.Outcome, run.Error)
		}
	})
}
