package members_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// greetings are who was announced as linked, by the first user whom a message reaches.
func (r *rig) greetings() (users []string) {
	r.t.Helper()
	for _, ev := range must(r.ledger.Inbox(r.t.Context(), "", 1000))(r.t) {
		if ev.Type != members.EventLinked {
			continue
		}
		var news members.LinkChange
		decode(r.t, ev.Data, &news)
		user := "nobody"
		for _, ch := range slices.Backward(news.Member.Channels) {
			if ch.Following {
				user = ch.UserID
			}
		}
		users = append(users, user+" at "+news.Connection)
	}
	return users
}

// Who is greeted when linked with a cart is greeted once.
func TestWhoWasGreetedIsNotGreetedAgain(t *testing.T) {
	seven := host.Ref{Connection: "shop", ID: "7"}
	for name, c := range map[string]struct {
		then func(r *rig)
		want []string
	}{
		"deleted, and there again as another": {func(r *rig) {
			r.tell("shop", commerce.Customer{ID: "7", Deleted: true}, commerce.Customer{ID: "8", LineID: "U1"})
		}, nil},
		"another customer has the id": {func(r *rig) {
			r.tell("shop", commerce.Customer{ID: "7", Cleared: []string{members.KeyLineID}})
			r.tell("shop", commerce.Customer{ID: "8", LineID: "U1"})
		}, nil},
		"given to somebody else, and back": {func(r *rig) {
			r.tell("shop", commerce.Customer{ID: "7", LineID: "U2"})
			r.tell("shop", commerce.Customer{ID: "7", LineID: "U1"})
		}, []string{"U2 at shop"}},
		"merged at the cart into one who is linked": {func(r *rig) {
			r.tell("shop", commerce.Customer{ID: "8", LineID: "U2"}, commerce.Customer{ID: "7", Deleted: true, MergedInto: "8"})
			r.tell("shop", commerce.Customer{ID: "9", LineID: "U1"})
		}, []string{"U2 at shop"}},
		"unlinked and linked by a person": {func(r *rig) {
			r.do(r.members.Unlink(t.Context(), person, seven), r.members.Link(t.Context(), person, r.friend("U1").ID, seven))
		}, nil},
		"merged into a friend who was not greeted": {func(r *rig) { r.merge("U2", "U1") }, []string{"U2 at shop"}},
		"merged into a friend who was greeted": {func(r *rig) {
			r.tell("shop", commerce.Customer{ID: "8", LineID: "U2"})
			r.merge("U2", "U1")
		}, []string{"U2 at shop"}},
		"merged into somebody who reads nothing": {func(r *rig) {
			no := false
			r.tell("line", commerce.Contact{UserID: "U2", Following: &no})
			r.merge("U2", "U1")
		}, nil},
		"merged and split": {func(r *rig) {
			r.merge("U2", "U1")
			parts := members.Parts{Channels: []host.Ref{{Connection: "line", ID: "U1"}}, Customers: []host.Ref{seven}}
			must(r.members.Split(t.Context(), person, r.friend("U2").ID, parts))(t)
			r.tell("shop", commerce.Customer{ID: "8", LineID: "U2"})
		}, []string{"U2 at shop"}},
		"a customer alone split off": {func(r *rig) {
			must(r.members.Split(t.Context(), person, r.friend("U1").ID, members.Parts{Customers: []host.Ref{seven}}))(t)
		}, nil},
		"another cart": {func(r *rig) {
			r.phone("U1", "09011112222")
			r.tell("mall", commerce.Customer{ID: "7", Phone: "09011112222"}, order("o1", "7", 0))
		}, []string{"U1 at mall"}},
		"erased, and a friend again": {func(r *rig) {
			r.do(r.members.EraseCustomer(t.Context(), person, seven), r.members.Erase(t.Context(), person, r.friend("U1").ID))
			r.wantNowhere("U1")
			r.tell("line", follow("U1"))
			r.tell("shop", commerce.Customer{ID: "8", LineID: "U1"})
		}, []string{"U1 at shop"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.tell("line", follow("U1"), follow("U2"))
			r.tell("shop", commerce.Customer{ID: "7", LineID: "U1"})
			c.then(r)
			if got, want := r.greetings(), append([]string{"U1 at shop"}, c.want...); !slices.Equal(got, want) {
				t.Errorf("greeted are %q, want %q", got, want)
			}
		})
	}
}

func (r *rig) do(errs ...error) {
	r.t.Helper()
	for _, err := range errs {
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *rig) merge(into, from string) {
	r.t.Helper()
	r.do(r.members.Merge(r.t.Context(), person, r.friend(into).ID, r.friend(from).ID))
}

func decode(t testing.TB, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}
