package members_test

import (
	"slices"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// What a person has decided is not asked again when the cart tells of the customer again.
func TestAQuestionThatAPersonAnsweredIsNotAskedAgain(t *testing.T) {
	for name, link := range map[string]string{"to the one": "U1", "to the other": "U2"} {
		r := newRig(t)
		r.tell("line", follow("U1"), follow("U2"))
		r.phone("U2", "09011112222")
		seven := commerce.Customer{ID: "7", LineID: "U1", Phone: "09011112222"}
		r.tell("shop", seven)
		if got := r.reviews(); len(got) != 1 {
			t.Fatalf("%s: a person is asked %+v", name, got)
		}
		if err := r.members.Link(t.Context(), person, r.friend(link).ID, host.Ref{Connection: "shop", ID: "7"}); err != nil {
			t.Fatal(err)
		}
		r.tell("shop", seven)
		if got := r.reviews(); len(got) != 0 {
			t.Errorf("%s: a person is asked again %+v", name, got)
		}
	}
}

func TestMembersWhoWereMergedAreNoQuestion(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"))
	r.tell("shop", commerce.Customer{ID: "7"})
	if err := r.members.Link(t.Context(), person, r.friend("U2").ID, host.Ref{Connection: "shop", ID: "7"}); err != nil {
		t.Fatal(err)
	}
	r.tell("shop", commerce.Customer{ID: "7", LineID: "U1"})
	if got := r.reviews(); len(got) != 1 {
		t.Fatalf("a person is asked %+v", got)
	}
	if err := r.members.Merge(t.Context(), person, r.friend("U1").ID, r.friend("U2").ID); err != nil {
		t.Fatal(err)
	}
	if got := r.reviews(); len(got) != 0 {
		t.Errorf("a person is still asked %+v", got)
	}
}

// A number may have passed on from 7 to 8; not so once 7 is gone, or the member's no more.
func TestWhoGaveUpANumberAndLeftIsNobodysRival(t *testing.T) {
	for name, leave := range map[string]func(*rig){
		"deleted":  func(r *rig) { r.tell("shop", commerce.Customer{ID: "7", Deleted: true}) },
		"unlinked": func(r *rig) { must(0, r.members.Unlink(t.Context(), person, host.Ref{Connection: "shop", ID: "7"}))(t) },
		"erased": func(r *rig) {
			must(0, r.members.EraseCustomer(t.Context(), person, host.Ref{Connection: "shop", ID: "7"}))(t)
		},
		"both theirs": func(r *rig) { r.phone("U1", "09033334444") },
	} {
		r := newRig(t)
		r.tell("line", follow("U1"))
		r.phone("U1", "09011112222")
		r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, commerce.Customer{ID: "7", Phone: "09033334444"},
			commerce.Customer{ID: "8", Phone: "09011112222"})
		if got := r.reviews(); len(got) != 1 {
			t.Fatalf("%s: a person is asked %+v", name, got)
		}
		leave(r)
		if got := r.reviews(); len(got) != 0 || !slices.Contains(r.customers("U1"), "shop/8") {
			t.Errorf("%s: a person is still asked %+v", name, got)
		}
	}
}

// A family has one number. Who asks to be unlinked does not ask for the customer to become the other's.
func TestWhoIsUnlinkedBecomesNobodyElsesByASharedNumber(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"))
	r.phone("U1", "09011112222")
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, order("o1", "7", 0))
	r.phone("U2", "09011112222")
	if err := r.members.Unlink(t.Context(), person, host.Ref{Connection: "shop", ID: "7"}); err != nil {
		t.Fatal(err)
	}
	if got := r.customers("U2"); got != nil {
		t.Errorf("the other is linked with %v", got)
	}
	if got := r.reviews(); len(got) != 1 || !slices.Equal(got[0].Members, []string{r.friend("U2").ID}) {
		t.Errorf("a person is asked %+v", got)
	}
	if err := r.members.Forget(t.Context(), person, r.friend("U1").ID, "09011112222"); err != nil {
		t.Fatal(err)
	}
	if got := r.customers("U2"); !slices.Equal(got, []string{"shop/7"}) || len(r.reviews()) != 0 {
		t.Errorf("the number is one person's, who is linked with %v", got)
	}
}
