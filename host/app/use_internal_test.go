package app

import (
	"math"
	"testing"
	"testing/quick"

	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

// A figure is in the step whose top is next above it, an eighth away at the most.
func TestStepsAreAnEighth(t *testing.T) {
	fits := func(n uint32) bool {
		figure := int64(n)
		at := step(figure)
		return top(at) >= figure && top(at)-figure <= figure/8 && step(top(at)) == at && step(top(at)+1) > at
	}
	if err := quick.Check(fits, nil); err != nil {
		t.Error(err)
	}
	for n := range uint32(1000) {
		if !fits(n) {
			t.Errorf("%d is in step %d, up to %d", n, step(int64(n)), top(step(int64(n))))
		}
	}
	if !fits(math.MaxUint32) {
		t.Error("the largest figure does not fit")
	}
}

func TestFuelIsToldByActionAndTrigger(t *testing.T) {
	var all tally
	for n := range int64(1000) {
		all.add(callKind{abi.OpAction, "customer.get"}, 1000+n)
	}
	all.add(callKind{abi.OpWebhook, ""}, 7)
	all.add(callKind{abi.OpAction, "customer.find"}, 5)
	got := all.fuel()
	if len(got) != 3 || got[0].Name != "customer.find" || got[2] != (api.CallUse{Operation: "webhook", Calls: 1, Median: 7, P99: 7, Most: 7}) {
		t.Fatalf("got %+v", got)
	}
	if c := got[1]; c.Calls != 1000 || c.Most != 1999 || c.Median < 1499 || c.Median > 1499*9/8 || c.P99 < 1989 || c.P99 > 1999 {
		t.Errorf("got %+v", c)
	}
}
