package members

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/musubi-run/musubi/host/members/tally"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk"
)

// recount counts all orders of a customer again.
func (t *tx) recount(ctx context.Context, b *buyer) error {
	orders, err := t.orders(ctx, b)
	if err != nil {
		return err
	}
	b.Tally.Recount(maps.Values(orders))
	t.write(b.row(), b)
	return nil
}

// date counts a customer's orders by day whose row is from before that was done.
func (t *tx) date(ctx context.Context, b *buyer) error {
	if !b.Tally.Dateless() {
		return nil
	}
	return t.recount(ctx, b)
}

// orders returns what each order of a customer contributes, by the order's id,
// this change's own writes included.
func (t *tx) orders(ctx context.Context, b *buyer) (map[string]*tally.Order, error) {
	if err := t.ahead.wait(); err != nil {
		return nil, err
	}
	prefix := under(tableBought, b.Connection, b.ID)
	orders := make(map[string]*tally.Order)
	err := t.m.Store.Scan(ctx, store.Range{Prefix: prefix}, func(k string, raw []byte) error {
		o := new(tally.Order)
		orders[k[len(prefix):]] = o
		return sdk.Decode(raw, o)
	})
	if err != nil {
		return nil, fmt.Errorf("reading orders of customer %s of %s: %w", b.ID, b.Connection, err)
	}
	for _, k := range t.dirty {
		id, under := strings.CutPrefix(k, prefix)
		if !under {
			continue
		}
		delete(orders, id)
		if o, there := t.rows[k].value.(*tally.Order); there {
			orders[id] = o
		}
	}
	return orders, nil
}
