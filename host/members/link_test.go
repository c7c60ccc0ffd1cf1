package members_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/commerce"
)

var person = host.Cause{By: host.ByPerson, Name: "hanako"}

func (r *rig) phone(user, phone string) {
	r.t.Helper()
	err := r.members.Describe(r.t.Context(), host.Cause{By: host.ByForm}, r.friend(user).ID, members.Details{Phone: phone})
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestAPhoneLinksHoweverItIsWritten(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"))
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222", FullName: "山田 花子", Birthday: "1990-04-02"})
	r.phone("U1", "０９０（１１１１）２２２２")
	m := r.friend("U1")
	if !m.Linked || m.Name != "山田 花子" || m.Birthday != "1990-04-02" || m.Customers[0].Key != members.KeyPhone {
		t.Errorf("got %+v", m)
	}
	if got := r.customers("U2"); got != nil {
		t.Errorf("somebody else has %v", got)
	}
	if got := r.announced(); !slices.Contains(got, members.EventLinked) {
		t.Errorf("announced %v", got)
	}
}

func TestTheLineIDAtTheCartLinks(t *testing.T) {
	r := newRig(t)
	r.tell("shop", commerce.Customer{ID: "7", LineID: "U1"})
	r.tell("line", follow("U1"))
	if got := r.customers("U1"); !slices.Equal(got, []string{"shop/7"}) {
		t.Errorf("got %v", got)
	}
}

func TestACustomerWithoutOrdersWaits(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.phone("U1", "090-1111-2222")
	r.tell("mall", commerce.Customer{ID: "7", Phone: "09011112222"})
	if pending := must(r.members.Pending(t.Context(), 0))(t); len(pending) != 1 || r.customers("U1") != nil {
		t.Fatalf("pending %v, linked %v", pending, r.customers("U1"))
	}
	r.tell("mall", order("o1", "7", 0))
	if pending := must(r.members.Pending(t.Context(), 0))(t); len(pending) != 0 || r.friend("U1").Totals.Orders != 1 {
		t.Errorf("pending %v, member %+v", pending, r.friend("U1"))
	}
}

func TestAGuestIsLinkedByPolicy(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.phone("U1", "09011112222")
	o := order("o1", "", 0)
	o.Phone = "09011112222"
	r.tell("shop", o) // shop's rule says nothing of guests
	r.tell("mall", o)
	if got := r.customers("U1"); !slices.Equal(got, []string{"mall/guest:+819011112222"}) {
		t.Errorf("got %v", got)
	}
	o.CustomerID = "7" // the guest made an account, and the order moved there
	r.tell("mall", o)
	if got := r.friend("U1"); got.Totals.Orders != 1 {
		t.Errorf("counted %d orders", got.Totals.Orders)
	}
}

func TestAmbiguousIsNeverGuessed(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"))
	r.phone("U1", "09011112222")
	r.phone("U2", "09011112222")
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"})
	reviews := must(r.members.Reviews(t.Context(), 0))(t)
	if len(reviews) != 1 || reviews[0].Reason != host.ReviewAmbiguous || len(reviews[0].Members) != 2 {
		t.Fatalf("got %+v", reviews)
	}
	if err := r.members.Link(t.Context(), person, r.friend("U2").ID, reviews[0].Customer); err != nil {
		t.Fatal(err)
	}
	if reviews := must(r.members.Reviews(t.Context(), 0))(t); len(reviews) != 0 || len(r.customers("U2")) != 1 {
		t.Errorf("reviews %v, linked %v", reviews, r.customers("U2"))
	}
}

func TestAReviewSettlesItself(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, commerce.Customer{ID: "8", Phone: "09011112222"})
	r.phone("U1", "09011112222")
	if got := r.customers("U1"); got != nil {
		t.Fatalf("guessed %v", got)
	}
	r.tell("shop", commerce.Customer{ID: "8", Phone: "09033334444"})
	if got := r.customers("U1"); !slices.Equal(got, []string{"shop/7"}) {
		t.Errorf("got %v", got)
	}
	if reviews := must(r.members.Reviews(t.Context(), 0))(t); len(reviews) != 0 {
		t.Errorf("still %v", reviews)
	}
}

func TestKeysThatLeadToDifferentMembersConflict(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"))
	r.phone("U1", "09011112222")
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222", LineID: "U2"})
	reviews := must(r.members.Reviews(t.Context(), 0))(t)
	if len(reviews) != 1 || reviews[0].Reason != host.ReviewConflict {
		t.Errorf("got %+v", reviews)
	}
}

func TestANumberThatAllHaveLinksNobody(t *testing.T) {
	r := newRig(t)
	for range 60 {
		r.tell("shop", commerce.Customer{ID: r.newID(), Phone: "0312345678"})
	}
	r.tell("line", follow("U1"))
	r.phone("U1", "0312345678")
	if got := r.customers("U1"); got != nil {
		t.Errorf("got %v", got)
	}
}

// A field for numbers of all countries may hold the country alone, or two numbers.
func TestWhatIsNoNumberLinksNobody(t *testing.T) {
	for _, phone := range []string{"+886", "+1", "+82 10", "+1 415 555 0100, +1 415 555 0199", "+81", "0000000000", "090"} {
		r := newRig(t)
		r.tell("line", commerce.Contact{UserID: "U1", Phone: phone})
		r.tell("shop", commerce.Customer{ID: "7", Phone: phone})
		if got := r.customers("U1"); got != nil {
			t.Errorf("%q links %v", phone, got)
		}
	}
}

// Carts write something for a day that nobody told: it is no birthday, and hides none.
func TestWhatIsNoDayIsNoBirthday(t *testing.T) {
	for _, day := range []string{"0000-00-00", "1990-02-30", "1990/04/02", "x-04-02", "unknown"} {
		r := newRig(t)
		r.tell("line", commerce.Contact{UserID: "U1", Phone: "09011112222", Birthday: commerce.Birthday(day)})
		r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222", Birthday: commerce.Date(day)})
		if got := r.friend("U1").Birthday; got != "" {
			t.Errorf("%q became the birthday %q", day, got)
		}
		r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222", Birthday: "1992-02-29"})
		if got := r.friend("U1").Birthday; got != "1992-02-29" {
			t.Errorf("after %q the birthday is %q", day, got)
		}
	}
}

func TestUnlinkedStaysUnlinked(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.phone("U1", "09011112222")
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"})
	if err := r.members.Unlink(t.Context(), person, host.Ref{Connection: "shop", ID: "7"}); err != nil {
		t.Fatal(err)
	}
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, order("o1", "7", 0))
	if got := r.friend("U1"); got.Linked || got.Totals.Orders != 0 {
		t.Errorf("got %+v", got)
	}
	if months := must(r.members.Months(t.Context()))(t); months[0] != (host.MemberMonth{Month: "2026-04", Registered: 1}) {
		t.Errorf("got %+v", months)
	}
}

func TestMergeAndSplit(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"))
	r.phone("U2", "09011112222")
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, order("o1", "7", 0))
	one, two := r.friend("U1").ID, r.friend("U2").ID
	if err := r.members.Merge(t.Context(), person, one, two); err != nil {
		t.Fatal(err)
	}
	merged := must(r.members.Get(t.Context(), two))(t)
	if merged.ID != one || len(merged.Channels) != 2 || merged.Totals.Orders != 1 || merged.Phones[0] != "+819011112222" {
		t.Fatalf("got %+v", merged)
	}
	parts := members.Parts{Channels: []host.Ref{{Connection: "line", ID: "U2"}}, Customers: []host.Ref{{Connection: "shop", ID: "7"}}}
	made := must(r.members.Split(t.Context(), person, one, parts))(t)
	if got := r.friend("U2"); got.ID != made || !slices.Equal(r.customers("U2"), []string{"shop/7"}) {
		t.Errorf("got %+v", got)
	}
	if got := r.customers("U1"); got != nil {
		t.Errorf("the first still has %v", got)
	}
	if history := must(r.members.History(t.Context(), one, 0))(t); history[0].What == "" || len(history) < 5 {
		t.Errorf("got %+v", history)
	}
}

// What a person decided of a member holds for whom that member became.
func TestAPersonsWordOutlivesAMerge(t *testing.T) {
	r := newRig(t, members.TagRule{
		Name: "rich", Tag: "rich", Inputs: []string{"points"},
		Holds: func(view any, _ time.Time) (bool, error) { return view.(*commerce.Member).Points > 0, nil },
	})
	r.tell("line", follow("U1"), follow("U2"))
	r.phone("U2", "09011112222")
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"})
	one, two := r.friend("U1").ID, r.friend("U2").ID
	if err := r.members.Unlink(t.Context(), person, host.Ref{Connection: "shop", ID: "7"}); err != nil {
		t.Fatal(err)
	}
	must(r.members.AddPoints(t.Context(), person, two, 5, ""))(t)
	if n := must(r.members.Untag(t.Context(), person, []string{two}, "rich"))(t); n != 1 {
		t.Fatal("the rule gave no tag")
	}
	if err := r.members.Merge(t.Context(), person, one, two); err != nil {
		t.Fatal(err)
	}
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, order("o1", "7", 0))
	if got := r.customers("U1"); got != nil {
		t.Errorf("who was unlinked is linked again: %v", got)
	}
	if got := r.friend("U1").Tags; len(got) != 0 {
		t.Errorf("a tag that was taken away is there again: %v", got)
	}
}

// Rules read lists that may be empty, but never null.
func TestAMemberHasNoNull(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	raw := must(json.Marshal(r.friend("U1")))(t)
	if bytes.Contains(raw, []byte("null")) {
		t.Errorf("got %s", raw)
	}
}

func TestABlockThatIsToldLateBlocksNobody(t *testing.T) {
	r := newRig(t)
	yes, no := true, false
	for _, told := range []struct {
		minute    int
		following *bool
		want      bool
	}{
		{0, &yes, true}, {10, &yes, true}, {5, &no, true}, {20, &no, false}, {30, &yes, true}, {20, &no, true}, {40, nil, true}, {50, &no, false}, {45, &yes, false}, {60, &yes, true},
	} {
		r.now = start.Add(time.Hour)
		raw, err := json.Marshal(commerce.Contact{UserID: "U1", Following: told.following})
		if err != nil {
			t.Fatal(err)
		}
		r.project([]host.Event{{ID: r.newID(), Connection: "line", Type: "contact", Time: start.Add(time.Duration(told.minute) * time.Minute), Data: raw}})
		if got := r.friend("U1").Channels[0]; got.Following != told.want {
			t.Errorf("told of minute %d: got %+v", told.minute, got)
		}
	}
}

func TestAReviewWaitsSinceItCameUp(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"))
	r.phone("U1", "09011112222")
	r.phone("U2", "09011112222")
	for day, name := range []string{"山田", "鈴木", "佐藤"} {
		r.now = start.AddDate(0, 0, day)
		r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222", LastName: name})
		reviews := must(r.members.Reviews(t.Context(), 0))(t)
		if len(reviews) != 1 || !reviews[0].Since.Equal(start) {
			t.Errorf("day %d: got %+v", day, reviews)
		}
	}
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09033334444"})
	if reviews := must(r.members.Reviews(t.Context(), 0))(t); len(reviews) != 0 {
		t.Errorf("got %+v", reviews)
	}
}

// A friend who blocked is one since the same day, whichever was told first.
func TestSinceWhenAFriendFollowsDoesNotDependOnTheOrder(t *testing.T) {
	yes, no := true, false
	told := []struct {
		at     time.Time
		follow *bool
	}{{start, &yes}, {start.Add(time.Hour), &no}}
	for range 2 {
		r := newRig(t)
		for _, f := range told {
			r.tellAt("line", f.at, commerce.Contact{UserID: "U1", Following: f.follow})
		}
		if ch := r.friend("U1").Channels[0]; ch.Following || !ch.FollowedAt.Equal(start) || !ch.UnfollowedAt.Equal(start.Add(time.Hour)) {
			t.Errorf("got %+v", ch)
		}
		slices.Reverse(told)
	}
}
