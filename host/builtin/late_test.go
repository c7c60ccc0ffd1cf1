package builtin_test

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/rules/library"
	"github.com/musubi-run/musubi/sdk/jp"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// outage is a host that is down when messages are due, and back at night.
type outage struct {
	*hosttest.Host

	t   *testing.T
	now atomic.Int64
}

const friendsAndBuyers = "language: 1\nlink: friends-and-buyers\nchannel: line\ncart: shop\nkeys: [line_id]\n"

func startOutage(t *testing.T) *outage {
	o := &outage{t: t}
	o.now.Store(time.Date(2026, 4, 1, 12, 0, 0, 0, jp.Zone).UnixNano())
	rules := map[string]string{"friends.yaml": friendsAndBuyers}
	changes := strings.NewReplacer("product: SOAP", "product: P-2", "default: TRIAL-7", "default: P-2", "richmenu-review", "richmenu-member")
	for _, name := range []string{"line-after-shipping", "line-upsell"} {
		for _, file := range append([]string{"flow.yaml"}, library.Parts(name)...) {
			data, err := fs.ReadFile(library.Files(), path.Join(name, file))
			if err != nil {
				t.Fatal(err)
			}
			rules[path.Join(name, file)] = changes.Replace(string(data))
		}
	}
	o.Host = hosttest.Start(t, hosttest.Options{
		Rules:       rules,
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Template: "full"}, "line": {Connector: "line"}},
		Now:         func() time.Time { return time.Unix(0, o.now.Load()) },
	})
	return o
}

// until has the host down from now until a time in Japan.
func (o *outage) until(text string) {
	o.t.Helper()
	at, err := jp.ParseTime(text)
	if err != nil {
		o.t.Fatal(err)
	}
	o.Stop()
	o.now.Store(at.UnixNano())
	o.Restart()
	o.rest(2)
}

// rest waits until so many runs wait for a time that has not come.
func (o *outage) rest(runs int) {
	o.t.Helper()
	o.Await("the runs to rest", func() bool {
		all := o.Runs(host.RunFilter{Limit: 100})
		return len(all) >= runs && !slices.ContainsFunc(all, func(r host.Run) bool {
			return r.State.Open() && (r.State != host.RunWaiting || r.Due.UnixNano() <= o.now.Load())
		})
	})
}

func (o *outage) sent() int {
	o.t.Helper()
	var all []map[string]any
	if err := o.Sims["line"].Records(o.t.Context(), "messages", &all); err != nil {
		o.t.Fatal(err)
	}
	return len(all)
}

// What is due at a time of day is not sent at night because the host was down.
func TestAMessageThatAnOutageDelaysWaitsForItsTimeOfDay(t *testing.T) {
	t.Parallel()
	const friend, customer, order = "Ufedcba9876543210fedcba9876543210", "30511", "88213"
	o := startOutage(t)
	o.Deliver("line", simkit.Delivery{Event: "follow", ID: friend, Times: 1})
	for table, fields := range map[string]map[string]any{"customers": {"line_id": friend}, "orders": {"shipped_at": "2026-04-01T15:00:00+09:00"}} {
		id := map[string]string{"customers": customer, "orders": order}[table]
		if err := o.Sims["shop"].PutRecord(t.Context(), table, id, fields); err != nil {
			t.Fatal(err)
		}
	}
	o.Deliver("shop", simkit.Delivery{Event: "order_shipped", ID: order, Times: 1})
	o.rest(2)
	for _, moment := range []struct {
		text string
		sent int
	}{
		{"2026-04-09 02:00", 0}, // due on the 4th at 18:00 and on the 8th at 19:00
		{"2026-04-09 19:01", 2},
		{"2026-04-11 12:40", 3}, // due at 12:00
	} {
		o.until(moment.text)
		if got := o.sent(); got != moment.sent {
			t.Errorf("%s: %d messages are sent, want %d", moment.text, got, moment.sent)
		}
	}
}
