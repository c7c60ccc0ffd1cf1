package rules

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func friends(t *testing.T) *LinkRule {
	t.Helper()
	set, err := Load(os.DirFS("testdata/right/link-rule"), catalog(t))
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	return set.LinkRules()[0]
}

func TestLinkRulesAreRead(t *testing.T) {
	r := friends(t)
	want := LinkRule{
		Name: "friends", Title: "友だちと顧客をつなぐ", File: "friends.yaml", Version: r.Version, Channel: "chat", Cart: "shop",
		Keys:         []LinkKey{{KeyPhone, 100}, {KeyEmail, 70}, {KeyLineID, 100}},
		ReviewBelow:  80,
		RequireOrder: true,
		Guests:       GuestsLink,
		Take:         map[string]Take{"birthday": TakeFirst, "name": TakeNewest, "sex": TakeNever},
		when:         r.when, doc: r.doc,
	}
	if diff := cmp.Diff(want, *r, cmp.Comparer(func(a, b *customerCondition) bool { return a == b }), cmp.Comparer(func(a, b *document) bool { return a == b }), cmp.AllowUnexported(LinkRule{})); diff != "" {
		t.Error(diff)
	}
	if r.TakeOf("kana") != TakeFirst || r.TakeOf("name") != TakeNewest {
		t.Error("attributes are taken in another way")
	}
}

func TestLinkRulesChooseCustomers(t *testing.T) {
	r := friends(t)
	for customer, want := range map[string]bool{
		`{"id":"1","number":"A","email":"hanako@example.com"}`: true,
		`{"id":"2","number":"B"}`:                              true,
		`{"id":"3","number":"C","email":"a@shop.example.com"}`: false,
	} {
		if got, err := r.Wants([]byte(customer)); err != nil || got != want {
			t.Errorf("%s: %v %v", customer, got, err)
		}
	}
}
