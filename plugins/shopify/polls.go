package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/page"
)

// followed is what a list can be followed by.
type followed struct {
	// sort is the sort key, the same in all lists.
	sort string
	// once says that it never changes, so that the id alone tells repetitions.
	once bool
}

var (
	byChange   = followed{sort: "UPDATED_AT"}
	byCreation = followed{sort: "CREATED_AT", once: true}
)

// field is the filter of that time; customers call the one of creation differently.
func (f followed) field(creation string) string {
	if f.once {
		return creation
	}
	return "updated_at"
}

// entry is a row of a list on its way to an event.
type entry struct {
	id      string
	changed time.Time
	data    any
}

// feed is a list that is polled and, for a backfill from long ago, exported.
type feed struct {
	page.Source[entry]

	trigger string
	by      followed
	// export is the connection to export, and what is read of each node.
	export func(s shop, from time.Time) (connection, selection string)
	// children is the member that holds a record's children.
	children string
	// reader returns what makes a row of an exported record, with its children in it.
	reader func(s shop) (func(text []byte) (entry, error), error)
}

// maxPaged is how many records can be paged through: the list ends there.
const maxPaged = 25_000

// place is where the next page of a list begins. A list that is longer than can
// be paged through is begun again at the last row's time.
type place struct {
	From  time.Time `json:"from"`
	After string    `json:"after,omitempty"`
	// Seen is how many rows came since From.
	Seen int `json:"seen,omitempty"`
}

func placeOf(w page.Window) (place, error) {
	at := place{From: w.From}
	if w.Next == "" {
		return at, nil
	}
	err := sdk.Decode([]byte(w.Next), &at)
	return at, err
}

// next returns where the page behind got begins, empty behind the last.
func (at place) next(got found[entry], perPage int) (string, error) {
	if !got.page.More || len(got.rows) == 0 {
		return "", nil
	}
	last := got.rows[len(got.rows)-1].changed
	at.Seen, at.After = at.Seen+len(got.rows), got.page.End
	if at.Seen+perPage > maxPaged && last.After(at.From) {
		at = place{From: last}
	}
	text, err := sdk.Encode(at)
	return string(text), err
}

// newFeed returns the feed of a list. fetch returns one page of it.
//
// It is not inlined, for the same reason as poll.
//
//go:noinline
func newFeed(trigger string, by followed, cost int64, fetch func(s shop, from time.Time, q search) (found[entry], error)) feed {
	perPage := int(most(cost))
	return feed{trigger: trigger, by: by, Source: page.Source[entry]{
		Overlap: pollOverlap, PerPage: perPage,
		Row:   func(e entry) (string, time.Time) { return e.id, e.changed },
		Event: func(_ *sdk.Call, e entry) (abi.Event, error) { return by.event(trigger, e) },
		Fetch: func(call *sdk.Call, w page.Window) (page.Batch[entry], error) {
			at, err := placeOf(w)
			if err != nil {
				return page.Batch[entry]{}, err
			}
			got, err := fetch(shopOf(call), at.From, search{sort: by.sort, first: int64(w.PerPage), after: at.After})
			if err != nil {
				return page.Batch[entry]{}, err
			}
			next, err := at.next(got, w.PerPage)
			return page.Batch[entry]{Rows: notBefore(got.rows, w.From), Next: next}, err
		},
	}}
}

func (f followed) event(trigger string, e entry) (abi.Event, error) {
	if e.data == nil {
		return abi.Event{}, nil
	}
	dedupe := ""
	if f.once {
		dedupe = e.id
	}
	return sdk.NewEvent(trigger, e.id, dedupe, e.changed, e.data)
}

// notBefore leaves out rows that are too old: a filter that the platform does
// not know is ignored, and everything comes.
func notBefore(rows []entry, from time.Time) []entry {
	kept := rows[:0:0]
	for _, row := range rows {
		if !row.changed.Before(from.Truncate(time.Second)) {
			kept = append(kept, row)
		}
	}
	return kept
}

// entries turns the rows of a page into entries.
func entries[T any](got found[T], err error, of func(*T) entry) (found[entry], error) {
	all := found[entry]{page: got.page}
	for i := range got.rows {
		all.rows = append(all.rows, of(&got.rows[i]))
	}
	return all, err
}

func customerSource(trigger string, by followed) feed {
	of := func(c *customer) entry {
		return entry{id: c.ID, changed: by.moment(c.CreatedAt, c.UpdatedAt), data: c}
	}
	f := newFeed(trigger, by, customerCost, func(s shop, from time.Time, q search) (found[entry], error) {
		q.query = since(by.field("customer_date"), from)
		got, err := s.customers(q)
		return entries(got, err, of)
	})
	f.export = func(s shop, from time.Time) (string, string) {
		return "customers(query: " + quoted(since(by.field("customer_date"), from)) + ")", s.inlined(customerFields)
	}
	f.reader = func(s shop) (func([]byte) (entry, error), error) {
		return func(text []byte) (entry, error) {
			c, err := s.customerFrom(text, nil)
			return of(&c), err
		}, nil
	}
	return f
}

func (f followed) moment(created, updated time.Time) time.Time {
	if f.once {
		return created
	}
	return updated
}

func orderSource(trigger string, by followed) feed {
	return orderFeed(trigger, by, func(o *order) entry {
		return entry{id: o.ID, changed: by.moment(o.CreatedAt, o.UpdatedAt), data: o}
	})
}

func orderFeed(trigger string, by followed, of func(*order) entry) feed {
	f := newFeed(trigger, by, orderCost(linesPerOrder), func(s shop, from time.Time, q search) (found[entry], error) {
		q.query = since(by.field("created_at"), from)
		got, err := s.orders(q)
		return entries(got, err, of)
	})
	f.export = func(s shop, from time.Time) (string, string) {
		return "orders(query: " + quoted(since(by.field("created_at"), from)) + ")", s.orderFields() + exportedLines
	}
	f.children = "lineItems"
	f.reader = func(s shop) (func([]byte) (entry, error), error) {
		return func(text []byte) (entry, error) {
			o, err := s.orderFrom(text, nil)
			return of(&o), err
		}, nil
	}
	return f
}

// shippedLate is how long after its shipping an order is still announced as
// shipped: who edits an old order next year ships nothing.
const shippedLate = 31 * 24 * time.Hour

// shippedSource follows changed orders and announces those that have been
// shipped, each once.
func shippedSource() feed {
	f := orderFeed("order.shipped", byChange, func(o *order) entry {
		e := entry{id: o.ID, changed: o.UpdatedAt}
		if !o.ShippedAt.IsZero() && o.UpdatedAt.Sub(o.ShippedAt) <= shippedLate {
			e.data = o
		}
		return e
	})
	f.Event = func(_ *sdk.Call, e entry) (abi.Event, error) {
		o, ok := e.data.(*order)
		if !ok {
			return abi.Event{}, nil
		}
		return sdk.NewEvent("order.shipped", e.id, e.id, o.ShippedAt, o)
	}
	return f
}

func productSource(trigger string, by followed) feed {
	of := func(p *product) entry {
		return entry{id: p.ID, changed: by.moment(p.CreatedAt, p.UpdatedAt), data: p}
	}
	f := newFeed(trigger, by, productCost(variantsPerProduct)+1, func(s shop, from time.Time, q search) (found[entry], error) {
		q.query = since(by.field("created_at"), from)
		got, err := s.products(q)
		return entries(got, err, of)
	})
	f.export = func(_ shop, from time.Time) (string, string) {
		return "products(query: " + quoted(since(by.field("created_at"), from)) + ")", productFields + exportedVariants
	}
	f.children = "variants"
	f.reader = func(s shop) (func([]byte) (entry, error), error) {
		currency, err := s.currency()
		return func(text []byte) (entry, error) {
			p, err := productFrom(text, currency)
			return of(&p), err
		}, err
	}
	return f
}

// pollAbandoned follows what was left unfinished. A checkout is listed once it has
// been idle for a while, so rows come with times of change that long ago, behind
// others that were listed before: each round goes back as far.
func pollAbandoned(call *sdk.Call, in abi.PollInput) (abi.PollPage, error) {
	s := shopOf(call)
	if s.err != nil {
		return abi.PollPage{}, s.err
	}
	f := abandonedSource()
	f.Overlap += time.Duration(max(s.Abandoned, 0)) * time.Minute
	return f.Poll()(call, in)
}

// abandonedSource lists what was left unfinished. The list cannot be sorted by
// time of change, so each round pages through its whole window.
func abandonedSource() feed {
	return newFeed("checkout.abandoned", followed{sort: "CREATED_AT", once: true}, checkoutCost,
		func(s shop, from time.Time, q search) (found[entry], error) {
			q.query = since("updated_at", from)
			got, err := s.checkouts(q)
			return entries(got, err, func(c *checkout) entry {
				e := entry{id: c.ID, changed: c.UpdatedAt}
				if c.OrderedAt.IsZero() {
					e.data = c
				}
				return e
			})
		})
}
