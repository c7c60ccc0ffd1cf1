package members_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/commerce"
)

func lineFriend(t *testing.T, tags ...members.TagRule) *rig {
	r := newRig(t, tags...)
	r.tell("line", commerce.Contact{UserID: "U1", Phone: "09011112222"})
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"})
	return r
}

// A list or form that has a birthday without its year takes no year away.
func TestABirthdayKeepsItsYear(t *testing.T) {
	r := lineFriend(t)
	cart := func(day commerce.Date) { r.tell("shop", commerce.Customer{ID: "7", Birthday: day}) }
	form := func(day commerce.Birthday) {
		if err := r.members.Describe(t.Context(), person, r.friend("U1").ID, members.Details{Birthday: day}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		tell func()
		want commerce.Birthday
	}{
		{func() { cart("--04-02") }, "--04-02"},
		{func() { cart("1990-04-02") }, "1990-04-02"},
		{func() { cart("--04-02") }, "1990-04-02"},
		{func() { cart("--04-03") }, "--04-03"},
		{func() { form("1991-05-06") }, "1991-05-06"},
		{func() { form("--05-06") }, "1991-05-06"},
		{func() { form("--05-07") }, "--05-07"},
	} {
		if c.tell(); r.friend("U1").Birthday != c.want {
			t.Errorf("it is %s, want %s", r.friend("U1").Birthday, c.want)
		}
	}
}

func TestATagHasAReason(t *testing.T) {
	r := lineFriend(t, variousRules()...)
	r.tell("shop", commerce.Customer{ID: "7", Birthday: "--04-02"})
	tags := must(r.members.Tags(t.Context(), r.friend("U1").ID))(t)
	if len(tags) != 2 || tags[0].Cause.Text().EN != "rule april, birthday --04-02" {
		t.Errorf("got %+v", tags)
	}
	if tags[0].Cause.Text().JA != "ルール april, birthday --04-02" {
		t.Errorf("got %+v", tags)
	}
}

func TestATagThatAPersonTookAwayStaysAway(t *testing.T) {
	r := lineFriend(t, variousRules()...)
	id := r.friend("U1").ID
	if n := must(r.members.Untag(t.Context(), person, []string{id, "nobody"}, "linked"))(t); n != 1 {
		t.Errorf("untagged %d", n)
	}
	r.tell("shop", order("o1", "7", 0))
	if got := r.friend("U1").Tags; !slices.Equal(got, []string{"bought"}) {
		t.Errorf("got %v", got)
	}
	if n := must(r.members.Tag(t.Context(), person, []string{id, id}, "linked"))(t); n != 1 {
		t.Errorf("tagged %d", n)
	}
}

func TestTimeGivesATag(t *testing.T) {
	r := lineFriend(t, variousRules()...)
	r.tell("shop", order("o1", "7", 0))
	due := must(r.members.Tick(t.Context()))(t)
	if want := start.Add(month); !due.Equal(want) {
		t.Fatalf("the timer is set to %v, want %v", due, want)
	}
	r.now = due
	if due := must(r.members.Tick(t.Context()))(t); !due.IsZero() || !slices.Contains(r.friend("U1").Tags, "lapsed") {
		t.Errorf("next timer %v, tags %v", due, r.friend("U1").Tags)
	}
}

func TestNewRulesReachEverybody(t *testing.T) {
	r := lineFriend(t)
	r.tell("line", follow("U2"))
	r.book = newBook("2", variousRules()...)
	if err := r.members.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.friend("U1").Tags; !slices.Contains(got, "linked") {
		t.Errorf("got %v", got)
	}
}

func TestPointsAreAddedOncePerStep(t *testing.T) {
	r := lineFriend(t)
	id := r.friend("U1").ID
	for _, once := range []string{"a", "a", "b", "", ""} {
		must(r.members.AddPoints(t.Context(), host.Cause{By: host.ByFlow}, id, 10, once))(t)
	}
	if got := r.friend("U1").Points; got != 40 {
		t.Errorf("got %d points", got)
	}
}

func TestWhatNobodyListensToIsNotAnnounced(t *testing.T) {
	r := newRig(t, variousRules()...)
	r.silent = true
	r.tell("line", commerce.Contact{UserID: "U1", Phone: "09011112222"})
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"})
	if got := r.announced(); got != nil || len(r.customers("U1")) != 1 {
		t.Errorf("announced %v", got)
	}
}

func TestNobodyIsKeptWithoutRules(t *testing.T) {
	r := newRig(t)
	r.book = members.NewBook(members.Book{})
	r.tell("line", follow("U1"))
	if got := r.all(); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestAnUnreadableEventStopsNothing(t *testing.T) {
	r := newRig(t)
	r.project([]host.Event{
		{ID: "e1", Connection: "shop", Type: "order", Data: []byte(`{"id":5}`)},
		{ID: "e2", Connection: "shop", Type: "customer", Data: []byte(`{}`)},
		{ID: "e3", Connection: "line", Type: "contact", Data: []byte(`{"user_id":"U1"}`)},
	})
	faults := must(r.members.Faults(t.Context(), 0))(t)
	if len(faults) != 2 || faults[1].Event != "e1" || r.friend("U1") == nil {
		t.Errorf("got %+v", faults)
	}
}

func TestOldErrorsGo(t *testing.T) {
	r := newRig(t)
	var events []host.Event
	for n := range 2500 {
		events = append(events, host.Event{ID: fmt.Sprintf("e%04d", n), Connection: "shop", Type: "order", Data: []byte(`{"id":5}`)})
	}
	r.project(events)
	if n := must(r.members.SweepFaults(t.Context(), "e2400"))(t); n != 2400 {
		t.Errorf("%d went", n)
	}
	if left := must(r.members.Faults(t.Context(), 0))(t); len(left) != 100 || left[99].Event != "e2400" {
		t.Errorf("%d are left", len(left))
	}
}

func TestFormsRefuseWhatIsNoNumber(t *testing.T) {
	r := lineFriend(t)
	for _, d := range []members.Details{{Phone: "12"}, {Email: "hanako"}, {Birthday: "04/02"}, {Birthday: "--13-02"}} {
		if err := r.members.Describe(t.Context(), person, r.friend("U1").ID, d); err == nil {
			t.Errorf("%+v was taken", d)
		}
	}
	d := members.Details{Name: "花子", Birthday: "--02-29"}
	if err := r.members.Describe(t.Context(), person, r.friend("U1").ID, d); err != nil || r.friend("U1").Name != "花子" {
		t.Errorf("%v", err)
	}
}

// A flow that takes a tag off, say after it sent something, is not started again by the same facts.
func TestATagThatAFlowTookOffComesBackWhenItsRuleHoldsAnew(t *testing.T) {
	flow := host.Cause{By: host.ByFlow, Name: "f"}
	points := ruleOf("rich", "1", func(m *commerce.Member) bool { return m.Points > 10 })
	points.Inputs = []string{"points", "totals"}
	r := lineFriend(t, points)
	add := func(n int64) {
		must(r.members.AddPoints(t.Context(), flow, r.friend("U1").ID, n, ""))(t)
	}
	has := func(when string, want bool) {
		t.Helper()
		if got := slices.Contains(r.friend("U1").Tags, "rich"); got != want {
			t.Errorf("%s: the tag is there: %t", when, got)
		}
	}
	untag := func() { must(r.members.Untag(t.Context(), flow, []string{r.friend("U1").ID}, "rich"))(t) }
	add(20)
	has("20 points", true)
	untag()
	add(1)
	r.tell("shop", order("o1", "7", 0))
	r.tell("line", follow("U2"))
	r.merge("U2", "U1")
	r.tell("shop", order("o2", "7", 0))
	has("taken off", false)
	r.tell("line", follow("U1"))
	add(-20)
	add(20)
	has("anew", true)
	if got := r.tagged(); len(got) != 3 {
		t.Errorf("announced %v", got)
	}
	add(-20)
	untag() // the rule does not hold now: there is nothing to wait for
	add(20)
	has("taken off while it did not hold", true)
	untag()
	must(r.members.Tag(t.Context(), flow, []string{r.friend("U1").ID}, "rich"))(t)
	has("given by a flow", true)
}

// Time ends a rule's condition as facts do.
func TestATagThatAFlowTookOffComesBackAfterItsTime(t *testing.T) {
	yearly := members.TagRule{
		Name: "may", Tag: "may", Remove: true, Inputs: []string{"registered_at"},
		Holds: func(_ any, now time.Time) (bool, error) { return now.Month() == time.May, nil },
		Next: func(_ any, now, _ time.Time) (time.Time, bool) {
			return time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC), true
		},
	}
	r := lineFriend(t, yearly)
	tick := func(at time.Time) bool {
		r.now = at
		must(r.members.Tick(t.Context()))(t)
		return slices.Contains(r.friend("U1").Tags, "may")
	}
	may := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	if !tick(may) {
		t.Fatal("there is no tag in May")
	}
	must(r.members.Untag(t.Context(), host.Cause{By: host.ByFlow}, []string{r.friend("U1").ID}, "may"))(t)
	if tick(may.AddDate(0, 0, 10)) || tick(may.AddDate(0, 1, 0)) {
		t.Error("the tag came back")
	}
	for month := range 12 {
		tick(may.AddDate(0, 1+month, 0))
	}
	if !slices.Contains(r.friend("U1").Tags, "may") {
		t.Error("the tag is not there the next May")
	}
}
