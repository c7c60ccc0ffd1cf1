package engine_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
)

// later writes a record some weeks after the event.
const later = `language: 1
flow: later
on: {connection: shop, event: customer.updated}
key: event.id
steps:
  - wait: {for: "${duration(string(event.data.n) + 'h')}"}
  - call: crm.record.create
    with: {object: Account, fields: {Mail: "${event.subject}", N: "${string(event.data.n)}"}}
`

// Timers of five weeks survive a host that is started anew every day, now and
// then by a crash, and fire once, at their time.
func TestWaitsOverWeeksAndRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk, p := memory(t), newPlatform()
		begun := time.Now()
		written := map[string]time.Duration{}
		p.after = func(in host.Invocation) error {
			if in.Name == "record.create" {
				written[p.order[len(p.order)-1]] = time.Since(begun)
			}
			return nil
		}
		r := boot(t, disk, p, later)
		const hours = 5 * 7 * 24
		for n := 0; n < hours; n += 5 {
			r.deliver(fmt.Sprint(n), n)
		}
		for day := range 36 {
			time.Sleep(24 * time.Hour)
			if day%3 == 0 {
				abandon(r)
			} else {
				r.stop()
			}
			r = boot(t, disk, p, later)
		}
		defer r.stop()
		if len(p.order) != hours/5 || len(written) != hours/5 {
			t.Errorf("%d records of %d runs", len(p.order), hours/5)
		}
		for n, at := range written {
			want, err := strconv.Atoi(n)
			if late := at - time.Duration(want)*time.Hour; err != nil || late < 0 || late > time.Minute {
				t.Errorf("run %s went on after %s", n, at)
			}
		}
	})
}

// Waits within a foreach end each at its own time: one after the other, or
// beside each other, whichever is first in the list. An item that waits is one
// of those that the concurrency allows.
func TestWaitsOfItemsEndAtTheirTimes(t *testing.T) {
	for _, c := range []struct {
		concurrency int
		list        string
		want        []time.Duration // hours
	}{
		{1, "[3, 10]", []time.Duration{3, 10}},
		{1, "[10, 3]", []time.Duration{10, 10}},
		{2, "[10, 3]", []time.Duration{3, 10}},
		{2, "[10, 6, 3]", []time.Duration{6, 6, 10}},
		{3, "[10, 6, 3, 1]", []time.Duration{3, 3, 6, 10}},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, begun := newPlatform(), time.Now()
			var written []time.Duration
			p.after = func(in host.Invocation) error {
				if in.Name == "record.create" {
					written = append(written, time.Since(begun)/time.Hour)
				}
				return nil
			}
			r := boot(t, memory(t), p, fmt.Sprintf(`language: 1
flow: items
on: {connection: shop, event: customer.updated}
steps:
  - set: {begun: "${timestamp('%s')}"}
  - foreach: "%s"
    as: hours
    concurrency: %d
    steps:
      - wait: {until: "${begun.plusHours(hours)}"}
      - call: crm.record.create
        with: {object: Account, fields: {Mail: "${string(hours)}", N: "${string(hours)}"}}
`, begun.Format(time.RFC3339), c.list, c.concurrency))
			r.deliver("1", 1)
			time.Sleep(24 * time.Hour)
			r.stop()
			if !slices.Equal(written, c.want) {
				t.Errorf("%s with concurrency %d: written after %d hours, want %d", c.list, c.concurrency, written, c.want)
			}
		})
	}
}
