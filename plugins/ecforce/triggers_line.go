package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/page"
)

// lineLinkedAt can be filtered by, in lighter mode only, but not sorted by.
const lineLinkedAt = "line_id_linked_at"

// lineLinkedSource follows customers whose LINE account was linked. The list is
// sorted by id, which does not change, and each page begins behind the last
// one's id, so that nobody is missed when another is unlinked meanwhile.
func lineLinkedSource() page.Source[row] {
	return page.Source[row]{
		Overlap: pollOverlap,
		PerPage: maxPer,
		Fetch:   fetchLineLinked,
		Row:     func(r row) (string, time.Time) { return r.ID, r.Attributes.moment(lineLinkedAt) },
		Event: func(call *sdk.Call, r row) (abi.Event, error) {
			return sdk.NewEvent("customer.line_linked", r.ID, "", r.Attributes.moment(lineLinkedAt), customerOf(r, shopOf(call).LineIDField))
		},
	}
}

func fetchLineLinked(call *sdk.Call, window page.Window) (page.Batch[row], error) {
	q := query{path: "customers", include: "billing_address", filters: append(since(lineLinkedAt, window.From), filter{"lighter", "1"})}
	if err := q.behind(window.Next, false); err != nil {
		return page.Batch[row]{}, err
	}
	rows, _, more, err := q.page(shopOf(call), 1, window.PerPage)
	batch := page.Batch[row]{Rows: rows}
	if more && len(rows) > 0 {
		batch.Next = rows[len(rows)-1].ID
	}
	return batch, err
}
