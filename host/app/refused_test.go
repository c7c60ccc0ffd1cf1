package app_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// TestARefusalIsToldAndKeptInBothLanguages steers a run that is done, a flow
// that does not fit and a poll that there is not.
func TestARefusalIsToldAndKeptInBothLanguages(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{
		Rules:       map[string]string{"done.yaml": "language: 1\nflow: done\non: {connection: shop, event: customer.updated}\nsteps: [{stop: done}]\n"},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}},
	})
	h.Deliver("shop", simkit.Delivery{Event: "customer_updated", ID: "1", Body: `{"event":"customer_updated","id":1}`})
	run := h.Settled(1)[0]
	ctx := t.Context()
	h.Send("shop", nil, []byte("{"))
	letters, err := h.Client.DeadLetters(ctx, host.EventFilter{})
	if err != nil || len(letters) != 1 {
		t.Fatalf("dead letters are %+v, %v", letters, err)
	}
	_, replayed := h.Client.Replay(ctx, letters[0].ID)
	if err := h.Client.Dismiss(ctx, letters[0].ID); err != nil {
		t.Fatal(err)
	}
	if status, err := h.Client.Status(ctx, run.Created); err != nil || len(status.Dead) != 0 {
		t.Errorf("what was dismissed needs a look still: %+v, %v", status.Dead, err)
	}
	for ja, refused := range map[string]struct {
		kind abi.Kind
		err  error
	}{
		"すでに終わっています": {abi.Conflict, h.Client.Cancel(ctx, run.ID)},
		"再実行できるのは":   {abi.Conflict, h.Client.Rerun(ctx, run.ID, host.Rerun{How: host.RestartBegin})},
		"まだ読めません":    {abi.Invalid, replayed},
		"片付け済みです":    {abi.Conflict, h.Client.Dismiss(ctx, letters[0].ID)},
		"トリガー":       {abi.Invalid, h.Client.SetCursor(ctx, host.Cursor{Connection: "shop", Trigger: "x", Value: json.RawMessage("1")})},
	} {
		problem, is := errors.AsType[*api.Problem](refused.err)
		if !is || !strings.Contains(problem.DetailJA, ja) || abi.KindOf(refused.err) != refused.kind {
			t.Errorf("told %v, want %s", refused.err, ja)
		}
		audits, err := h.Client.Audits(ctx, host.AuditFilter{})
		if err != nil {
			t.Fatal(err)
		}
		kept := false
		for _, a := range audits {
			kept = kept || a.RefusedJA == problem.DetailJA && a.Refused == problem.Detail
		}
		if !kept {
			t.Errorf("kept %+v, want %s", audits, ja)
		}
	}
}
