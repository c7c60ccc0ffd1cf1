package hosttest_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// Two flows keep a customer of the shop and an account of the CRM alike, either way.
var bothWays = map[string]string{
	"there.yaml": `language: 1
flow: there
on: {connection: shop, event: customer.updated}
steps:
  - upsert: crm
    object: Account
    link: customer
    match: {Mail__c: "${event.data.?email.orValue('')}"}
    set: {Name: "${event.data.?first_name.orValue('')}", Mail__c: "${event.data.?email.orValue('')}"}
`,
	"back.yaml": `language: 1
flow: back
on: {connection: crm, event: record.notified}
steps:
  - upsert: shop
    object: customer
    link: customer
    match: {email: "${event.data.fields.?Mail__c.orValue('')}"}
    set: {first_name: "${event.data.fields.?Name.orValue('')}"}
`,
}

// twins is a customer and her account. Platforms that are silent tell of what
// people change, and of nothing that a program writes.
type twins struct {
	*hosttest.Host

	t      *testing.T
	silent []string
	ahead  *atomic.Int64
}

const (
	twinCustomer = "7770002"
	twinMail     = "taro@example.com"
)

func newTwins(t *testing.T, silent ...string) *twins {
	t.Helper()
	ahead := new(atomic.Int64)
	h := hosttest.Start(t, hosttest.Options{
		Rules: bothWays,
		Connections: map[string]hosttest.Connection{
			"shop": {Connector: "shopify", Quiet: slices.Contains(silent, "shop")},
			"crm":  {Connector: "salesforce", Quiet: slices.Contains(silent, "crm"), Template: "Name,Mail__c"},
		},
		Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
	})
	w := &twins{Host: h, t: t, silent: silent, ahead: ahead}
	w.edit("shop", "太郎")
	w.alike("太郎")
	w.edit("crm", "一郎")
	w.alike("一郎")
	return w
}

// edit changes the name as people do at a platform.
func (w *twins) edit(side, name string) {
	w.t.Helper()
	table, id, field, event := "customers", twinCustomer, "firstName", "customers/update"
	if side == "crm" {
		table, id, field, event = "Account", w.account().ID, "Name", "Account"
	}
	if err := w.Sims[side].PutRecord(w.t.Context(), table, id, map[string]any{field: name}); err != nil {
		w.t.Error(err)
	}
	if slices.Contains(w.silent, side) {
		w.Deliver(side, simkit.Delivery{Event: event, ID: id})
	}
}

type twinAccount struct {
	ID   string `json:"Id"`
	Name string
	Mail string `json:"Mail__c"`
}

func (w *twins) account() twinAccount {
	w.t.Helper()
	var all []twinAccount
	if err := w.Sims["crm"].Records(w.t.Context(), "Account", &all); err != nil {
		w.t.Fatal(err)
	}
	for _, a := range all {
		if a.Mail == twinMail {
			return a
		}
	}
	return twinAccount{}
}

// names are what the two are called now, the customer first.
func (w *twins) names() [2]string {
	w.t.Helper()
	var all []struct{ ID, FirstName string }
	if err := w.Sims["shop"].Records(w.t.Context(), "customers", &all); err != nil {
		w.t.Fatal(err)
	}
	for _, c := range all {
		if strings.HasSuffix(c.ID, "/"+twinCustomer) {
			return [2]string{c.FirstName, w.account().Name}
		}
	}
	w.t.Fatal("there is no such customer")
	return [2]string{}
}

// alike waits until both have that name and all is quiet; then half a minute goes by.
func (w *twins) alike(name string) {
	w.t.Helper()
	w.Await(fmt.Sprintf("both to be called %s", name), func() bool { return w.names() == [2]string{name, name} })
	w.quiet()
	if got := w.names(); got != [2]string{name, name} {
		w.t.Errorf("they are called %q, want %s", got, name)
	}
	w.later()
}

// later lets half a minute go by for the host, while for the shop it may be the same second.
func (w *twins) later() { w.ahead.Add(int64(30 * time.Second)) }

// quiet waits until no more runs come.
func (w *twins) quiet() {
	w.t.Helper()
	for before := -1; ; time.Sleep(300 * time.Millisecond) {
		runs := w.Runs(host.RunFilter{Limit: 500})
		open := slices.ContainsFunc(runs, func(r host.Run) bool { return r.State.Open() })
		if len(runs) == before && !open {
			return
		}
		before = len(runs)
	}
}

// fine says that no run failed and that there were not many.
func (w *twins) fine(most int) {
	w.t.Helper()
	runs := w.Runs(host.RunFilter{Limit: 500})
	for _, r := range runs {
		if r.State != host.RunDone {
			w.t.Errorf("run %s of %s: %s: %v", r.ID, r.Flow, r.State, r.Error)
		}
	}
	if len(runs) > most {
		w.t.Errorf("%d runs, %d would do", len(runs), most)
	}
}

// TestEachEditReachesTheOtherSide: whoever edits where, to and fro, also where a
// platform does not tell of a program's writes, and over a restart.
func TestEachEditReachesTheOtherSide(t *testing.T) {
	for _, silent := range [][]string{nil, {"shop"}, {"crm"}, {"shop", "crm"}} {
		t.Run(fmt.Sprint(silent), func(t *testing.T) {
			t.Parallel()
			w := newTwins(t, silent...)
			for n, side := range []string{"shop", "shop", "crm", "shop", "crm", "crm", "shop", "crm"} {
				name := []string{"次郎", "三郎"}[n%2]
				if n == 4 {
					w.Restart()
				}
				w.edit(side, name)
				w.alike(name)
			}
			w.fine(60)
		})
	}
}

// TestEditsAtOnceComeToRest: people edit both sides at once, or one side quickly.
func TestEditsAtOnceComeToRest(t *testing.T) {
	t.Parallel()
	w := newTwins(t)
	for round := range 4 {
		var people sync.WaitGroup
		for n, side := range [][]string{{"shop", "crm"}, {"shop", "shop"}}[round%2] {
			people.Go(func() { w.edit(side, fmt.Sprint("名", round, n)) })
		}
		people.Wait()
		w.Await("both to be alike", func() bool { w.quiet(); n := w.names(); return n[0] == n[1] })
		w.later()
	}
	w.fine(150)
}
