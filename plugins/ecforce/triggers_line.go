package main

import (
	"strconv"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/page"
)

// lineLinkedAt can be filtered by, in lighter mode only, but not sorted by.
const lineLinkedAt = "line_id_linked_at"

// lineLinkedSource follows customers whose LINE account was linked. The list is
// sorted by id, which does not change, so that its pages hold still.
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
	number := 1
	if n, err := strconv.Atoi(window.Next); err == nil {
		number = n
	}
	q := query{
		path: "customers", include: "billing_address", sort: "id",
		filters: append(since(lineLinkedAt, window.From), filter{"lighter", "1"}),
	}
	rows, _, more, err := q.page(shopOf(call), number, window.PerPage)
	batch := page.Batch[row]{Rows: rows}
	if more {
		batch.Next = strconv.Itoa(number + 1)
	}
	return batch, err
}
