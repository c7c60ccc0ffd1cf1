// Package memberbench measures members at the size of a large shop: import with
// linking, counting and tagging, look-ups, and the midnight of birthdays. The
// store is the host's own, on disk with fsync; no plugin takes part.
package memberbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/musubi-run/musubi/cmd/musubi/internal/bench"
	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/store/badger"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Options say how much is measured.
type Options struct {
	// Members, and Orders spread evenly over them.
	Members, Orders int
	// Rules is how many tag rules there are.
	Rules int
	// Dir is an empty folder for the store.
	Dir      string
	Progress io.Writer
	Now      func() time.Time
}

// bench is one measurement on its way.
type bed struct {
	Options

	store   *badger.Store
	members *members.Members
	clock   time.Time
	entropy uint64
	// told is how much of the phase under way the progress has heard of.
	told   int
	report Report
}

// Run measures everything, in the order in which a shop would see it.
func Run(ctx context.Context, o Options) (report Report, err error) {
	b := &bed{Options: o, clock: begin, report: Report{Members: o.Members, Orders: o.Orders, Rules: o.Rules}}
	if err := b.open(ctx); err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, b.store.Close()) }()
	for _, phase := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"registering members", b.register},
		{"importing orders", b.importOrders},
		{"letting the store come to rest", b.rest},
		{"looking members up", b.lookUp},
		{"birthday midnight", b.midnight},
	} {
		fmt.Fprintf(b.Progress, "%s\n", phase.title)
		if err := phase.do(ctx); err != nil {
			return Report{}, fmt.Errorf("%s: %w", phase.title, err)
		}
	}
	b.report.PeakMemory = int64(bench.UsageOf(os.Getpid()).PeakMB) << 20
	b.report.Disk, err = diskUse(o.Dir)
	return b.report, err
}

func (b *bed) open(ctx context.Context) (err error) {
	log := slog.New(slog.DiscardHandler)
	set, err := b.rules()
	if err != nil {
		return err
	}
	if b.store, err = badger.Open(badger.Options{Dir: b.Dir, Clock: b.Now, Logger: log}); err != nil {
		return fmt.Errorf("opening the store: %w", err)
	}
	l, err := ledger.Open(ctx, b.store)
	if err != nil {
		return errors.Join(err, b.store.Close())
	}
	book := members.BookOf(set)
	b.members = members.New(members.Options{
		Ledger: l, Store: b.store, Logger: log, NewID: b.newID,
		Book: func() *members.Book { return book }, Now: func() time.Time { return b.clock },
		Model:   func(string, string) abi.Model { return "" },
		Listens: func(string) bool { return false }, Wake: func(string) {},
	})
	return nil
}

func (b *bed) newID() string {
	b.entropy++
	var id ulid.ULID
	_ = id.SetTime(uint64(b.clock.UnixMilli())) //nolint:errcheck,gosec // a time of this century
	for i := range 8 {
		id[15-i] = byte(b.entropy >> (8 * i)) //nolint:gosec // one byte
	}
	return id.String()
}

// rules loads the tag rules and the link rule of the shop.
func (b *bed) rules() (*rules.Set, error) {
	catalog, err := catalog()
	if err != nil {
		return nil, err
	}
	set, err := rules.LoadSources(sources(b.Rules), catalog)
	if err != nil {
		return nil, fmt.Errorf("loading the rules: %w", err)
	}
	return set, nil
}

var imported = host.Cause{By: host.ByImport, Name: "bench"}

// diskUse is how many bytes the store's files have. What a compaction deletes
// meanwhile has none.
func diskUse(dir string) (size int64, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		info, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		size += info.Size()
	}
	return size, nil
}
