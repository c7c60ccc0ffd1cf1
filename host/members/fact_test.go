package members_test

import (
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// What is told again is of use only if it fills what the first left empty.
func TestToldAgainAddsWhatWasLeftOut(t *testing.T) {
	r := newRig(t)
	for name, c := range map[string]struct {
		model       abi.Model
		told, again string
		adds        bool
	}{
		"an id, then everything":  {abi.ModelOrder, `{"id":"1"}`, `{"id":"1","items":[{"name":"Tea","quantity":1}]}`, true},
		"everything, then an id":  {abi.ModelOrder, `{"id":"1","number":"A-1"}`, `{"id":"1"}`, false},
		"the same":                {abi.ModelCustomer, `{"id":"1","email":"hanako@example.com"}`, `{"id":"1","email":"hanako@example.com"}`, false},
		"another value":           {abi.ModelCustomer, `{"id":"1","email":"hanako@example.com"}`, `{"id":"1","email":"jiro@example.com"}`, false},
		"unreadable, then read":   {abi.ModelOrder, `{"id":[]}`, `{"id":"1"}`, true},
		"read, then unreadable":   {abi.ModelOrder, `{"id":"1"}`, `{"id":[]}`, false},
		"nothing about a person":  {abi.ModelCheckout, `{"id":"1"}`, `{"id":"1","number":"A-1"}`, false},
		"not of the shared model": {"", `{}`, `{"id":"1"}`, false},
	} {
		event := func(data string) *host.Event {
			return &host.Event{Connection: "shop", Type: string(c.model), Data: []byte(data)}
		}
		if adds := r.members.Adds(event(c.told), event(c.again)); adds != c.adds {
			t.Errorf("%s: %t", name, adds)
		}
	}
}
