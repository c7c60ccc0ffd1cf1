// Package enginebench measures the engine by itself, in this very process: the
// real store on this disk with fsync, the real rules, lanes, journal and links.
// The platforms are functions of this process that answer at once; no plugin
// and no network take part, so what is measured is what the engine adds.
package enginebench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/engine"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store/badger"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Options are what every measurement needs.
type Options struct {
	// Dir holds the store; its disk is part of what is measured.
	Dir string
	// Progress is told what is going on; it is not the result.
	Progress io.Writer
	Now      func() time.Time
}

func (o *Options) tell(format string, args ...any) {
	fmt.Fprintf(o.Progress, format+" …\n", args...)
}

// sync is three platform calls a run: read the customer, find the account,
// write it; and a link.
const sync = `language: 1
flow: sync
on: {connection: shop, event: customer.updated}
steps:
  - id: customer
    call: shop.customer.get
    with: {id: "${event.data.id}"}
  - id: account
    upsert: crm
    object: Account
    link: customer
    match: {Mail: "${customer.email}"}
    set: {Mail: "${customer.email}", N: "${string(event.data.n)}"}
`

// bed is a store with an engine over it.
type bed struct {
	*engine.Engine

	o      *Options
	dir    string
	store  *badger.Store
	ledger *ledger.Ledger
	// ended counts runs that are done, failed those that did anything else.
	ended, failed atomic.Int64
	wake          chan struct{}
	ids           atomic.Int64
}

// open opens the store of that name, or makes one, with an engine that has not started.
func open(ctx context.Context, o *Options, name string) (*bed, error) {
	b := &bed{o: o, dir: filepath.Join(o.Dir, name), wake: make(chan struct{}, 1)}
	quiet := slog.New(slog.DiscardHandler)
	var err error
	if b.store, err = badger.Open(badger.Options{Dir: b.dir, Clock: o.Now, Logger: quiet}); err != nil {
		return nil, err
	}
	if b.ledger, err = ledger.Open(ctx, b.store); err != nil {
		return nil, errors.Join(err, b.store.Close())
	}
	book := engine.NewRulebook(b.ledger, func(sources map[string][]byte) (*rules.Set, error) {
		return rules.LoadSources(sources, catalog())
	})
	set, err := rules.LoadSources(map[string][]byte{"sync.yaml": []byte(sync)}, catalog())
	if err == nil {
		err = book.Install(ctx, set, o.Now())
	}
	if err != nil {
		return nil, errors.Join(err, b.store.Close())
	}
	b.Engine = engine.New(engine.Options{
		Ledger: b.ledger, Connectors: platforms{}, Rules: book, Observer: b, Logger: quiet,
		Now: o.Now, NewID: b.newID, Jitter: func() float64 { return 0.5 },
	})
	return b, nil
}

// disk is how many MiB the store's files have, as far as they can be read.
func (b *bed) disk() int64 {
	files, err := os.ReadDir(b.dir)
	if err != nil {
		return 0
	}
	var size int64
	for _, f := range files {
		if info, err := f.Info(); err == nil { // else it was just deleted
			size += info.Size()
		}
	}
	return size >> 20
}

func (b *bed) newID() string { return fmt.Sprintf("%016x", b.ids.Add(1)) }

func (b *bed) close(ctx context.Context) error {
	b.Stop(ctx)
	return b.store.Close()
}

// Delivery, CallEnded and RunEnded make the bed the engine's observer.
func (b *bed) Delivery(string, string, int) {}

// CallEnded does nothing.
func (b *bed) CallEnded(string, string, abi.Kind, time.Duration) {}

// RunEnded counts the run.
func (b *bed) RunEnded(_ string, state host.RunState, _ time.Duration) {
	if state == host.RunDone {
		b.ended.Add(1)
	} else {
		b.failed.Add(1)
	}
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// await waits until so many runs are done.
func (b *bed) await(ctx context.Context, done int64) error {
	for b.ended.Load() < done {
		if failed := b.failed.Load(); failed > 0 {
			return fmt.Errorf("%d runs did not go through", failed)
		}
		select {
		case <-b.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// acceptBatch is how many events are accepted in one commit.
const acceptBatch = 200

// accept makes n events durable, the customer of each as key says.
func (b *bed) accept(ctx context.Context, n int, key func(i int) int) error {
	for from := 0; from < n; from += acceptBatch {
		events := make([]host.Event, 0, acceptBatch)
		for i := from; i < min(from+acceptBatch, n); i++ {
			id, customer := b.newID(), key(i)
			events = append(events, host.Event{
				ID: id, Connection: "shop", Source: "musubi:shop", Type: "customer.updated", Subject: customerID(customer), Dedupe: id,
				Time: b.o.Now(), Received: b.o.Now(), Data: fmt.Appendf(nil, `{"id":%q,"n":%d}`, customerID(customer), i),
			})
		}
		if _, err := b.Accept(ctx, events); err != nil {
			return fmt.Errorf("accepting events: %w", err)
		}
	}
	return nil
}

func customerID(n int) string { return fmt.Sprintf("c%08d", n) }
