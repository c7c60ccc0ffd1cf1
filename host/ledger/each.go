package ledger

import (
	"context"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// EachRun calls visit with every run, oldest first, on one snapshot. An error
// of visit ends it and is returned.
func (l *Ledger) EachRun(ctx context.Context, visit func(host.Run) error) error {
	return l.store.Scan(ctx, store.Range{Prefix: under(tableRun)}, func(_ string, value []byte) error {
		var run host.Run
		if err := decode(value, &run); err != nil {
			return err
		}
		return visit(run)
	})
}

// EachLink calls visit with every link, each once, on one snapshot. An error
// of visit ends it and is returned.
func (l *Ledger) EachLink(ctx context.Context, visit func(host.Link) error) error {
	return l.store.Scan(ctx, store.Range{Prefix: under(tableLink)}, func(k string, value []byte) error {
		var link host.Link
		if err := decode(value, &link); err != nil {
			return err
		}
		if k != linkKey(link.Kind, link.From, link.To.Connection) { // the same link, seen from its other end
			return nil
		}
		return visit(link)
	})
}
