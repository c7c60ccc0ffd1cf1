package members_test

import (
	"errors"
	"testing"

	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/abi"
)

// What a person gave wrongly is said to them in both languages.
func TestRefusalsAreInBothLanguages(t *testing.T) {
	r := lineFriend(t)
	id := r.friend("U1").ID
	for name, err := range map[string]error{
		"merged with itself": r.members.Merge(t.Context(), person, id, id),
		"no telephone":       r.members.Describe(t.Context(), person, id, members.Details{Phone: "12"}),
		"no address":         r.members.Describe(t.Context(), person, id, members.Details{Email: "hanako"}),
	} {
		refused, is := errors.AsType[members.RefusedError](err)
		if !is || refused.Text().JA == "" || refused.EN == "" || abi.KindOf(err) != abi.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
