package members_test

import (
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/commerce"
)

var spring = members.Campaign{Name: "spring", Connection: "line"}

// befriend has users follow the account, or not, and returns their members' ids.
func (r *rig) befriend(follows bool, users ...string) []string {
	r.t.Helper()
	var ids []string
	for _, user := range users {
		r.tell("line", commerce.Contact{UserID: user, Following: &follows})
		ids = append(ids, r.friend(user).ID)
	}
	return ids
}

// sends announces a batch, and compares its number and who is in it.
func (r *rig) sends(c members.Campaign, ids []string, number int64, want ...string) {
	r.t.Helper()
	batch := must(r.members.Message(r.t.Context(), host.Cause{By: host.ByPerson}, c, ids))(r.t)
	if batch.Batch != number || !slices.Equal(batch.UserIDs, want) || len(batch.MemberIDs) != len(want) {
		r.t.Errorf("batch %d is to %q (members %q), want batch %d to %q", batch.Batch, batch.UserIDs, batch.MemberIDs, number, want)
	}
}

func (r *rig) stands(c members.Campaign, user string, want members.Standing) {
	r.t.Helper()
	if got := must(r.members.Stands(r.t.Context(), c, r.friend(user)))(r.t); got != want {
		r.t.Errorf("%s is %d for %s, want %d", user, got, c.Name, want)
	}
}

func TestNobodyGetsACampaignTwice(t *testing.T) {
	r := newRig(t)
	ids := r.befriend(true, "U1", "U2", "U3")
	r.stands(spring, "U1", members.Reachable)
	r.sends(spring, ids[:2], 1, "U1", "U2")
	r.stands(spring, "U1", members.Served)
	r.sends(spring, ids, 2, "U3")
	r.sends(spring, ids, 3)
	r.sends(members.Campaign{Name: "summer", Connection: "line"}, ids, 1, "U1", "U2", "U3")
}

func TestACampaignPassesOverWhomItCannotReach(t *testing.T) {
	r := newRig(t)
	ids := slices.Concat(r.befriend(true, "U1"), r.befriend(false, "U2"), []string{"nobody"})
	r.stands(spring, "U2", members.Unreachable)
	r.stands(members.Campaign{Name: "spring", Connection: "mail"}, "U1", members.Unreachable)
	r.sends(spring, ids, 1, "U1")
}

// A person who had it has had it under every name that the person had.
func TestMergedAndSplitMembersGetACampaignOnce(t *testing.T) {
	r := newRig(t)
	ids := r.befriend(true, "U1", "U2", "U3")
	by := host.Cause{By: host.ByPerson}
	r.sends(spring, ids[:1], 1, "U1")
	if err := r.members.Merge(t.Context(), by, ids[1], ids[0]); err != nil {
		t.Fatal(err)
	}
	r.stands(spring, "U2", members.Served)
	if err := r.members.Merge(t.Context(), by, ids[2], ids[1]); err != nil {
		t.Fatal(err)
	}
	r.sends(spring, ids, 2)
	alone := must(r.members.Split(t.Context(), by, ids[2], members.Parts{Channels: []host.Ref{{Connection: "line", ID: "U1"}}}))(t)
	r.sends(spring, []string{alone, alone}, 2)
	r.sends(spring, []string{ids[2], ids[2]}, 2, "U3")
}

func TestADraftChangesNothing(t *testing.T) {
	r := newRig(t)
	ids := r.befriend(true, "U1")
	for range 2 {
		if d := must(r.members.Draft(t.Context(), spring, ids))(t); d.Batch != 1 || len(d.UserIDs) != 1 {
			t.Errorf("%+v", d)
		}
	}
	r.sends(spring, ids, 1, "U1")
}

func TestACampaignIsForgottenAfterAYear(t *testing.T) {
	r := newRig(t)
	ids := r.befriend(true, "U1")
	r.sends(spring, ids, 1, "U1")
	r.now = r.now.Add(399 * 24 * time.Hour)
	r.sends(spring, ids, 2)
	r.now = r.now.Add(2 * 24 * time.Hour)
	r.sends(spring, ids, 1, "U1")
}
