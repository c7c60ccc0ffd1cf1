package members_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// ruleOf is a rule by the member's orders, which may read tags too.
func ruleOf(tag, version string, holds func(*commerce.Member) bool) members.TagRule {
	return members.TagRule{
		Name: tag, Tag: tag, Version: tag + version, Inputs: []string{"totals", "tags"},
		Holds: func(view any, _ time.Time) (bool, error) { return holds(view.(*commerce.Member)), nil },
	}
}

func bought(m *commerce.Member) bool { return m.Totals.Orders > 0 }

// tagged are the announcements about tags, as "event tag" in their order.
func (r *rig) tagged() (all []string) {
	r.t.Helper()
	for _, ev := range must(r.ledger.Inbox(r.t.Context(), "", 1000))(r.t) {
		var news members.TagChange
		if ev.Type == members.EventTagAdded || ev.Type == members.EventTagRemoved {
			if err := json.Unmarshal(ev.Data, &news); err != nil {
				r.t.Fatal(err)
			}
			all = append(all, ev.Type+" "+news.Tag)
		}
	}
	return all
}

func (r *rig) sweep() {
	r.t.Helper()
	if err := r.members.Sweep(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// A rule that is added writes to nobody: what it finds was so before.
func TestANewRuleTagsQuietly(t *testing.T) {
	all := ruleOf("all", "1", bought)
	all.AnnounceAll = true
	r := lineFriend(t)
	r.tell("shop", order("o1", "7", 0))
	r.tell("line", commerce.Contact{UserID: "U2", Phone: "09033334444"})
	r.tell("shop", commerce.Customer{ID: "8", Phone: "09033334444"})
	r.book = newBook("2", ruleOf("bought", "1", bought), all, ruleOf("next", "1", func(m *commerce.Member) bool { return slices.Contains(m.Tags, "bought") }))
	r.sweep()
	if got := r.friend("U1").Tags; !slices.Equal(got, []string{"all", "bought", "next"}) {
		t.Errorf("tags are %v", got)
	}
	want := []string{"member.tag_added all"}
	if got := r.tagged(); !slices.Equal(got, want) {
		t.Errorf("announced %v", got)
	}
	quiet := must(r.members.QuietTags(t.Context()))(t)
	if !slices.Equal(quiet, []host.QuietTag{{Tag: "bought", Members: 1, At: start}, {Tag: "next", Members: 1, At: start}}) {
		t.Errorf("quiet are %+v", quiet)
	}
	r.tell("shop", order("o2", "8", 1)) // what happens is announced
	want = append(want, "member.tag_added bought", "member.tag_added all", "member.tag_added next")
	if got := r.tagged(); !slices.Equal(got, want) {
		t.Errorf("then announced %v", got)
	}
	removes := ruleOf("bought", "2", func(*commerce.Member) bool { return false })
	removes.Remove = true
	r.book = newBook("3", removes)
	r.sweep()
	if got := r.tagged(); !slices.Equal(got, want) || slices.Contains(r.friend("U1").Tags, "bought") {
		t.Errorf("announced %v, tags %v", got, r.friend("U1").Tags)
	}
}

// Rules that are taken out, and hosts that have only link rules, are looked at once as well.
func TestALookAtEverybodyEndsWithoutTagRules(t *testing.T) {
	r := lineFriend(t)
	r.sweep()
	r.book = newBook("2", ruleOf("bought", "1", bought))
	r.sweep()
	r.book = newBook("3")
	r.sweep()
}

// A new link rule greets nobody either.
func TestANewLinkRuleLinksQuietly(t *testing.T) {
	r := newRig(t, ruleOf("bought", "1", bought))
	r.book.Links = nil
	r.tell("line", commerce.Contact{UserID: "U1", Phone: "09011112222"})
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, order("o1", "7", 0))
	r.book = newBook("2", ruleOf("bought", "1", bought))
	r.sweep()
	if got := r.announced(); len(got) != 0 || len(r.customers("U1")) != 1 || len(r.friend("U1").Tags) != 1 {
		t.Errorf("announced %v, linked %v", got, r.customers("U1"))
	}
}

// timed is a rule that begins to hold after a month.
func timed(tag string) members.TagRule {
	return members.TagRule{
		Name: tag, Tag: tag, Version: tag, Inputs: []string{"registered_at"},
		Holds: func(_ any, now time.Time) (bool, error) { return !now.Before(start.Add(month)), nil },
		Next: func(_ any, now, _ time.Time) (time.Time, bool) {
			return start.Add(month), now.Before(start.Add(month))
		},
	}
}

// A birthday that came while the host was down, or as rules changed, is announced; a rule that is new is not.
func TestWhatTimeDidIsAnnouncedThoughRulesChanged(t *testing.T) {
	r := newRig(t, timed("birthday"))
	r.sweep()
	r.tell("line", follow("U1"))
	r.now = start.Add(month)
	r.book = newBook("2", timed("birthday"), timed("new"))
	r.sweep()
	if tags := r.friend("U1").Tags; len(tags) != 2 {
		t.Errorf("tags are %v", tags)
	}
	if got := r.tagged(); !slices.Equal(got, []string{"member.tag_added birthday"}) {
		t.Errorf("announced %v", got)
	}
}

// A look at everybody takes its time: a birthday that comes meanwhile is announced, too.
func TestWhatTimeDoesDuringALookAtEverybodyIsAnnounced(t *testing.T) {
	r := newRig(t, timed("birthday"))
	r.book.Links = nil
	r.sweep()
	r.tell("line", follow("U1"), commerce.Contact{UserID: "U2", Phone: "09011112222"})
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"})
	midnight := ruleOf("linked", "1", func(*commerce.Member) bool {
		r.now = start.Add(month)
		return false
	})
	midnight.Inputs = []string{"linked"}
	r.book = newBook("2", midnight, timed("birthday"), timed("new"))
	r.sweep() // the link comes first, then all members
	if got := r.tagged(); !slices.Equal(got, []string{"member.tag_added birthday", "member.tag_added birthday"}) {
		t.Errorf("announced %v", got)
	}
	if tags := r.friend("U1").Tags; len(tags) != 2 {
		t.Errorf("tags are %v", tags)
	}
}
