package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// lostCreation is the step's record if its last attempt was to create the
// record and no answer came; else nil.
func lostCreation(d *rules.Upsert, rec *host.StepRecord) *host.StepRecord {
	if rec == nil || rec.State != host.StepStarted || rec.Call != d.Connection+"."+d.Records.Create {
		return nil
	}
	return rec
}

// findLost returns the id of the record that a creation without an answer made,
// "" if none. The search need not list it yet, and how long that takes the
// connector knows. What it cannot find out, the search has to answer.
func (x *execution) findLost(ctx context.Context, p *upsertPlan) (string, error) {
	in := host.Invocation{
		Connection: p.step.Connection, Name: p.step.Records.Create,
		Input: p.lost.Input, IdempotencyKey: idempotencyKey(&x.run.Run, p.lost.Path),
	}
	raw, done, err := x.confirm(ctx, in, &abi.Action{Confirms: true}, p.lost)
	if err != nil && (isControl(err) || tried(abi.KindOf(err))) {
		return "", err
	}
	if err != nil || !done {
		return "", nil //nolint:nilerr // the search has found nothing, and that has to do
	}
	var ref abi.RecordRef
	if err := json.Unmarshal(raw, &ref); err != nil {
		return "", fmt.Errorf("reading the created record's id: %w", err)
	}
	return ref.ID, nil
}

// stillLost keeps in the journal that nobody knows what became of a creation,
// if this attempt has not found out.
func (x *execution) stillLost(ctx context.Context, p *upsertPlan, rec *host.StepRecord, err error) {
	if p.lost == nil || ctx.Err() != nil || isUnrecorded(err) {
		return
	}
	record := *p.lost
	if !isControl(err) {
		record.Attempts, record.Error, record.Ended = rec.Attempts, abi.AsError(err), x.Now()
	}
	x.record(&record)
}
