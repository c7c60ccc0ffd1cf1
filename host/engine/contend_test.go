package engine_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// contended is a store in which somebody else links the same records just
// before a commit that links them, each time.
type contended struct {
	store.Store

	times int
}

func (s *contended) Commit(ctx context.Context, b store.Batch) error {
	for i := range b.Do {
		if m := b.Do[i]; strings.HasPrefix(m.Key, "lk\x00") && m.Value != nil && s.times > 0 {
			s.times--
			if err := s.link(ctx, m.Key); err != nil {
				return err
			}
			break
		}
	}
	return s.Store.Commit(ctx, b)
}

// link is the commit of a run that links the record otherwise.
func (s *contended) link(ctx context.Context, key string) error {
	var other store.Batch
	other.Put(key, fmt.Appendf(nil, `{"kind":"card","from":{"connection":"shop","id":"1"},"to":{"connection":"crm","id":"7%d"}}`, s.times))
	return s.Store.Commit(ctx, other)
}

// printed calls what can neither be confirmed nor repeated, and links what came of it.
const printed = `language: 1
flow: printed
on: {connection: shop, event: customer.updated}
steps:
  - id: card
    call: crm.card.print
    with: {id: "${event.data.id}"}
  - link: {kind: card, from: {connection: shop, id: "${event.data.id}"}, to: {connection: crm, id: "${card.id}"}}
`

// What a call answered is kept although its commit loses against another run
// that links the same records: here at the run's end, and before its next write.
func TestAnAnswerOutlivesALinkThatAnotherRunMadeMeanwhile(t *testing.T) {
	for name, flow := range map[string]string{"at the end": printed, "before a write": printed + "  - call: crm.message.send\n    with: {id: \"${card.id}\"}\n"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				disk := &contended{Store: memory(t), times: 3}
				r := boot(t, disk, p, flow)
				defer r.stop()
				r.deliver("1", 1)
				time.Sleep(time.Hour)
				if runs := r.runs(host.RunFilter{}); len(runs) != 1 || runs[0].State != host.RunDone {
					t.Errorf("the run is %s: %v", runs[0].State, runs[0].Error)
				}
				if calls := p.count("crm.card.print:action"); calls != 1 || disk.times != 0 {
					t.Errorf("%d calls, %d conflicts left", calls, disk.times)
				}
				link, err := r.ledger.Linked(t.Context(), "card", host.Ref{Connection: "shop", ID: "1"}, "crm")
				if err != nil || link.To.ID != "1" {
					t.Errorf("the link is %+v, %v", link, err)
				}
			})
		})
	}
}

// together has items that end at once link the same record.
const together = `language: 1
flow: together
on: {connection: shop, event: customer.updated}
steps:
  - foreach: "['a', 'b', 'c', 'd']"
    as: item
    concurrency: 4
    steps:
      - id: sent
        call: crm.message.send
        with: {id: "${item}"}
      - link: {kind: card, from: {connection: shop, id: "${event.data.id}"}, to: {connection: crm, id: "${sent.id}"}}
`

// unhurried is a store in which others get their turn while a link is read.
type unhurried struct{ store.Store }

func (s unhurried) Get(ctx context.Context, key string) ([]byte, error) {
	if strings.HasPrefix(key, "lk\x00") {
		for range 1000 {
			runtime.Gosched()
		}
	}
	return s.Store.Get(ctx, key)
}

// Items that link one record side by side do so one after the other.
func TestItemsMayLinkTheSameRecordAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		r := boot(t, unhurried{memory(t)}, p, together)
		defer r.stop()
		r.deliver("1", 1)
		time.Sleep(time.Hour)
		if runs := r.runs(host.RunFilter{}); runs[0].State != host.RunDone {
			t.Errorf("the run is %s: %v", runs[0].State, runs[0].Error)
		}
		if calls := p.count("crm.message.send:action"); calls != 4 {
			t.Errorf("%d calls", calls)
		}
	})
}
