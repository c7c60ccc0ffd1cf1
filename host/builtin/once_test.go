package builtin_test

import (
	"context"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestOnceIsClaimedByFlowAndStep(t *testing.T) {
	c, err := builtin.New(builtin.Once(func(_ context.Context, flow, key, owner string, keep time.Duration) (bool, error) {
		return flow == "thanks" && key == "O-1" && owner == "run step" && keep == 400*24*time.Hour, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	call := host.Invocation{Op: abi.OpAction, Name: "once.claim", Flow: "thanks", IdempotencyKey: "run step, the second time", Step: "run step", Input: []byte(`{"key":"O-1"}`)}
	if out, err := c.Invoke(t.Context(), call); err != nil || string(out) != `{"again":false}` {
		t.Errorf("got %s, %v", out, err)
	}
	for _, input := range []string{`{"key":""}`, `{"key":"O-1","days":-1}`, `{"key":"O-1","days":40000}`} {
		call.Input = []byte(input)
		if _, err := c.Invoke(t.Context(), call); abi.KindOf(err) != abi.Invalid {
			t.Errorf("%s: %v", input, err)
		}
	}
}
