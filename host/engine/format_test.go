package engine_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"testing/synctest"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/mem"
	"github.com/musubi-run/musubi/sdk/abi"
)

var updateFormat = flag.Bool("update.format", false, "write the rows of this version to testdata; never over those of a version that was released")

// earlier holds the rows of a host's store as an earlier version left them.
// What is read from it is what an upgrade must go on with.
const earlier = "testdata/rows-1.jsonl"

// row is one line of it.
type row struct {
	Key   []byte `json:"key"`
	Value []byte `json:"value"`
}

// rest waits before it writes.
const rest = `language: 1
flow: rest
on: {connection: shop, event: customer.updated}
steps:
  - id: customer
    call: shop.customer.get
    with: {id: "${event.data.id}"}
  - wait: {for: 1s}
  - id: made
    call: crm.record.create
    with: {object: Account, fields: {Mail: "${customer.email}", N: "${string(event.data.n)}"}}
  - link: {kind: change, from: {connection: shop, id: "${string(event.data.n)}"}, to: {connection: crm, id: "${made.id}"}}
`

// A run that is done, one that failed, one that rests, one behind each, an
// event that no rule has seen and a dead letter: all of an earlier store is
// read, and what was under way ends.
func TestStoreOfAnEarlierVersionIsTakenUp(t *testing.T) {
	if *updateFormat {
		synctest.Test(t, writeEarlier)
	}
	synctest.Test(t, takeUp)
}

func takeUp(t *testing.T) {
	p := newPlatform()
	p.records["of before"] = nil // so that no id is given twice
	r := boot(t, readEarlier(t), p, rest)
	defer r.stop()
	failed := r.runs(host.RunFilter{State: host.RunFailed})
	if len(failed) != 1 || failed[0].Subject != "2" {
		t.Fatalf("failed runs: %+v", failed)
	}
	r.rerun(failed[0].ID, host.RunDone)
	r.await(host.RunDone, 4)
	if runs := r.runs(host.RunFilter{State: host.RunDone}); len(runs) != 6 {
		t.Errorf("%d runs are done, want 6: %+v", len(runs), r.runs(host.RunFilter{}))
	}
	links := 0
	if err := r.ledger.EachLink(t.Context(), func(host.Link) error { links++; return nil }); err != nil || links != 6 {
		t.Errorf("%d links: %v", links, err)
	}
	if dead, err := r.ledger.DeadLetters(t.Context(), host.EventFilter{Limit: 10}); err != nil || len(dead) != 1 {
		t.Errorf("%d dead letters: %v", len(dead), err)
	}
	if again := r.deliver("1", 0); again.Duplicates != 1 {
		t.Errorf("a repetition of before is taken for new: %+v", again)
	}
}

func readEarlier(t *testing.T) *mem.Store {
	t.Helper()
	text, err := os.ReadFile(earlier)
	if err != nil {
		t.Fatal(err)
	}
	s := memory(t)
	var b store.Batch
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		b.Put(string(r.Key), r.Value)
	}
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return s
}

// writeEarlier lives through what the test wants to find.
func writeEarlier(t *testing.T) {
	p, s := newPlatform(), memory(t)
	r := boot(t, s, p, rest)
	r.deliver("1", 0)
	r.await(host.RunDone, 1)
	p.fault = func(in host.Invocation) error {
		if in.Name == "record.create" {
			return &abi.Error{Kind: abi.Invalid, Message: "refused"}
		}
		return nil
	}
	r.deliver("2", 1)
	r.deliver("2", 2)
	r.await(host.RunFailed, 1)
	r.deliver("3", 3)
	r.deliver("3", 4)
	r.await(host.RunWaiting, 1)
	r.stop()
	r.deliver("4", 5)
	if _, err := r.Receive(t.Context(), host.Delivery{Connection: "shop", Body: []byte("?")}); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	if err := s.Scan(t.Context(), store.Range{}, func(key string, value []byte) error {
		return lines.Encode(row{[]byte(key), value})
	}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(earlier, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
