package members_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/mem"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// rig is members over a store in memory, with a clock that tests set.
type rig struct {
	t       testing.TB
	members *members.Members
	ledger  *ledger.Ledger
	store   store.Store
	disk    *disk
	now     time.Time
	ids     int
	book    *members.Book
	silent  bool
}

var start = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)

// linkLine links the customers of both shops with friends of LINE.
var linkLine = []members.LinkRule{
	{Name: "shop", Channel: "line", Cart: "shop", Keys: keys(members.KeyLineID, members.KeyPhone, members.KeyEmail)},
	{Name: "mall", Channel: "line", Cart: "mall", Keys: keys(members.KeyPhone), RequireOrder: true, Guests: true},
}

func newRig(t testing.TB, tags ...members.TagRule) *rig {
	t.Helper()
	r := &rig{t: t, now: start, book: newBook("1", tags...)}
	s := &disk{Store: mem.New(func() time.Time { return r.now })}
	l, err := ledger.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	r.ledger, r.store, r.disk = l, s, s
	r.members = members.New(members.Options{
		Ledger: l, Store: s, Logger: slog.New(slog.DiscardHandler),
		Book: func() *members.Book { return r.book }, Listens: func(string) bool { return !r.silent }, Wake: func(string) {},
		Model: func(_, typ string) abi.Model { return abi.Model(typ) },
		Now:   func() time.Time { return r.now }, NewID: r.newID,
	})
	return r
}

func newBook(version string, tags ...members.TagRule) *members.Book {
	return members.NewBook(members.Book{
		Version: version, Links: linkLine, Tags: tags,
		View: func(m *commerce.Member) any { return m }, Retagged: func(any) {},
	})
}

func keys(names ...string) []members.LinkKey {
	var all []members.LinkKey
	for _, name := range names {
		all = append(all, members.LinkKey{Name: name})
	}
	return all
}

func (r *rig) newID() string {
	r.ids++
	return fmt.Sprintf("%06d", r.ids)
}

// tell has connections tell facts, as events of one batch.
func (r *rig) tell(connection string, values ...commerce.Modelled) {
	r.t.Helper()
	var events []host.Event
	for _, v := range values {
		raw, err := json.Marshal(v)
		if err != nil {
			r.t.Fatal(err)
		}
		events = append(events, host.Event{ID: r.newID(), Connection: connection, Type: string(v.SharedModel()), Data: raw})
	}
	r.project(events)
}

func (r *rig) project(events []host.Event) {
	r.t.Helper()
	var c ledger.Change
	done, err := r.members.Project(r.t.Context(), events, &c)
	if err != nil {
		r.t.Fatal(err)
	}
	err = r.ledger.Commit(r.t.Context(), &c)
	done(err == nil)
	if err != nil {
		r.t.Fatal(err)
	}
}

// friend returns the member who is a user of LINE.
func (r *rig) friend(user string) *commerce.Member {
	r.t.Helper()
	found := must(r.members.Find(r.t.Context(), members.Query{User: host.Ref{Connection: "line", ID: user}}))(r.t)
	if len(found) != 1 {
		r.t.Fatalf("%d members are user %s", len(found), user)
	}
	return found[0]
}

func (r *rig) customers(user string) []string {
	r.t.Helper()
	var ids []string
	for _, c := range r.friend(user).Customers {
		ids = append(ids, c.Connection+"/"+c.ID)
	}
	slices.Sort(ids)
	return ids
}

// announced returns what was announced, as "event subject".
func (r *rig) announced() []string {
	r.t.Helper()
	var all []string
	for _, ev := range must(r.ledger.Inbox(r.t.Context(), "", 1000))(r.t) {
		if ev.Type != members.EventUpdated {
			all = append(all, ev.Type)
		}
	}
	return all
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func follow(user string) commerce.Contact {
	yes := true
	return commerce.Contact{UserID: user, Following: &yes}
}

func order(id, customer string, day int) commerce.Order {
	return commerce.Order{
		ID: id, CustomerID: customer, OrderedAt: start.AddDate(0, 0, day), Total: commerce.Yen(1000),
		Items: []commerce.OrderItem{{SKU: "TEA", Name: "Tea", Quantity: 1}},
	}
}
