package tally

import (
	"cmp"
	"slices"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// Recent is what was ordered day by day. Of each customer it goes back
// [commerce.RecentDays] from the newest order, so nothing of that many days
// before any day since then is missing, whatever the clock says.
type Recent struct {
	// Days are sorted by day and currency, each pair once.
	Days []Day `json:"d,omitempty"`
	// Cut is the newest day that is no longer kept, 0 if all are. A day before 1970 is no day of an order.
	Cut int `json:"c,omitempty"`
	// Kept says that orders are counted by day: rows from before that say nothing of it.
	Kept bool `json:"k,omitempty"`
}

// Day is what was ordered on one day in Japan in one currency.
type Day struct {
	// Day is counted from 1970-01-01.
	Day      int    `json:"d"`
	Currency string `json:"c,omitempty"`
	Orders   int64  `json:"n"`
	Amount   int64  `json:"a,omitempty"`
}

const hoursOfDay = 24

// dayOf returns the day of a moment in Japan, from 1970-01-01.
func dayOf(at time.Time) int {
	year, month, day := at.In(jp.Zone).Date()
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (hoursOfDay * 60 * 60))
}

func dateOf(day int) commerce.Date {
	return commerce.Date(time.Unix(0, 0).UTC().AddDate(0, 0, day).Format(time.DateOnly))
}

func compareDays(a, b Day) int {
	return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Currency, b.Currency))
}

// add counts orders of a day. What is older than what is kept is noted as cut.
func (r *Recent) add(of Day) {
	if of.Day <= r.Cut {
		return
	}
	at, found := slices.BinarySearchFunc(r.Days, of, compareDays)
	if found {
		r.Days[at].Orders += of.Orders
		r.Days[at].Amount += of.Amount
		if r.Days[at].Orders == 0 { // its currency is another one now
			r.Days = slices.Delete(r.Days, at, at+1)
		}
		return
	}
	r.Days = slices.Insert(r.Days, at, of)
	first := r.Days[len(r.Days)-1].Day - commerce.RecentDays
	drop, _ := slices.BinarySearchFunc(r.Days, Day{Day: first}, compareDays)
	if drop > 0 {
		r.Cut = r.Days[drop-1].Day
		r.Days = slices.Delete(r.Days, 0, drop)
	}
}

// count adds an order, times being 1, or takes it away again, times being -1.
func (r *Recent) count(o *Order, times int64) {
	if !o.Ordered.IsZero() {
		r.add(Day{Day: dayOf(o.Ordered), Currency: o.Currency, Orders: times, Amount: times * o.Amount})
	}
}

// RecentOf returns what several customers ordered by day, in the shared model:
// amounts are those in one currency, orders are all.
func RecentOf(tallies []*Tally, currency string) []commerce.DayTotals {
	cut, all := 0, 0
	for _, t := range tallies {
		cut, all = max(cut, t.Recent.Cut), all+len(t.Recent.Days)
	}
	days := make([]Day, 0, all)
	for _, t := range tallies {
		days = append(days, t.Recent.Days...)
	}
	slices.SortStableFunc(days, compareDays)
	recent := make([]commerce.DayTotals, 0, all+1)
	if cut > 0 {
		recent = append(recent, commerce.DayTotals{Day: dateOf(cut), Cut: true})
	}
	last := 0
	for _, d := range days {
		if d.Day <= cut {
			continue
		}
		if d.Day != last {
			recent, last = append(recent, commerce.DayTotals{Day: dateOf(d.Day)}), d.Day
		}
		sum := &recent[len(recent)-1]
		sum.Orders += d.Orders
		if d.Currency == currency {
			sum.Amount += d.Amount
		}
	}
	return recent
}
