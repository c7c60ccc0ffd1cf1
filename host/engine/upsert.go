package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// upsertPlan is what an upsert step wants, evaluated.
type upsertPlan struct {
	step   *rules.Upsert
	object string
	match  map[string]any
	set    map[string]any
	create map[string]any
	// from is the record on the event's side that the link belongs to.
	from host.Ref
	// link is what the two are linked by already; hash names what is to be set.
	link *host.Link
	hash string
	// key names the record that is matched.
	key string
	// write is this write in the chain of writes that led to it.
	write ripple
	// lost is a creation of an earlier attempt whose answer did not come; nil if
	// there is none, or if it is known what became of it.
	lost *host.StepRecord
}

// upsertResult is what later steps see, and what the journal keeps.
type upsertResult struct {
	ID      string `json:"id"`
	Created bool   `json:"created"`
}

// upsert finds the record by its link, else by its match, then updates or
// creates it and keeps the link. It needs no record of where it stood: done
// again after a crash, it finds what it had created, or asks for it.
func (x *execution) upsert(ctx context.Context, path string, step *rules.Step, d *rules.Upsert, scope *rules.Scope, rec *host.StepRecord) error {
	plan, err := x.planUpsert(d, scope)
	if err != nil {
		return err
	}
	attempt := x.attempt(path, d.Connection, d.Records.Update, rec)
	plan.lost = lostCreation(d, rec)
	result, err := x.applyUpsert(ctx, plan, attempt)
	if err != nil {
		x.stillLost(ctx, plan, attempt, err)
		return err
	}
	output, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("encoding the result: %w", err)
	}
	if err := scope.Bind(step, output); err != nil {
		return err
	}
	done := *attempt
	done.State, done.Output, done.Error, done.Ended = host.StepDone, output, nil, x.Now()
	if attempt.Note != "" { // an echo: nothing was written
		x.record(&done)
		return nil
	}
	return x.keepLink(ctx, plan, result.ID, &done)
}

func (x *execution) planUpsert(d *rules.Upsert, scope *rules.Scope) (*upsertPlan, error) {
	plan := &upsertPlan{step: d, from: host.Ref{Connection: x.event.Connection, ID: x.event.Subject}}
	var err error
	if plan.object, err = d.Object.String(scope); err != nil {
		return nil, err
	}
	for _, field := range []struct {
		template *rules.Template
		into     *map[string]any
	}{{d.Match, &plan.match}, {d.Set, &plan.set}, {d.Create, &plan.create}} {
		if field.template == nil {
			continue
		}
		raw, err := field.template.JSON(scope)
		if err != nil {
			return nil, err
		}
		if *field.into, err = decodeFields(raw); err != nil {
			return nil, err
		}
	}
	if d.From != nil {
		if plan.from.ID, err = d.From.String(scope); err != nil {
			return nil, err
		}
	}
	if d.FromConnection != "" {
		plan.from.Connection = d.FromConnection
	}
	if plan.hash, err = fieldsHash(plan.set); err != nil {
		return nil, err
	}
	if plan.key, err = fieldsHash(plan.match); err != nil {
		return nil, err
	}
	plan.key = d.Connection + "\x00" + plan.object + "\x00" + plan.key
	err = plan.check()
	return plan, err
}

// check refuses a match that says nothing: it would find, and overwrite, any record.
func (p *upsertPlan) check() error {
	if len(p.match) == 0 {
		return &abi.Error{Kind: abi.Invalid, Message: fmt.Sprintf("upsert of %s: there is nothing to match by for this event", p.object)}
	}
	for field, value := range p.match {
		if value == nil || value == "" {
			return &abi.Error{Kind: abi.Invalid, Fields: []string{field}, Message: fmt.Sprintf(
				"upsert of %s: the match field %s is empty for this event, so no record can be told by it; give the step a `when`, or match by another field", p.object, field)}
		}
	}
	return nil
}

// applyUpsert updates the one record that is meant, or creates it.
func (x *execution) applyUpsert(ctx context.Context, p *upsertPlan, rec *host.StepRecord) (upsertResult, error) {
	if err := x.findLink(ctx, p); err != nil {
		return upsertResult{}, err
	}
	id := p.linked()
	idle, err := x.idle(p, id)
	if err != nil {
		return upsertResult{}, err
	}
	if idle != "" {
		rec.Call, rec.Note = "", idle
		return upsertResult{ID: id}, nil
	}
	if err := x.chain(p, id); err != nil {
		return upsertResult{}, err
	}
	if id != "" {
		result, err := x.updateRecord(ctx, p, id, rec)
		if !isNotFound(err) {
			return result, err
		}
		rec.State, p.link = host.StepFailed, nil // the linked record was deleted over there: look again
	}
	leave, err := x.creations.enter(ctx, p.key)
	if err != nil {
		return upsertResult{}, err
	}
	defer leave()
	return x.findOrCreate(ctx, p, rec)
}

// idle says why nothing is to be written to the linked record, "" if it is.
func (x *execution) idle(p *upsertPlan, id string) (reason string, err error) {
	if id == "" || !p.answered() {
		return "", nil
	}
	fields, err := fieldHashes(p.set)
	if err != nil {
		return "", err
	}
	here, there := p.ends()
	from := x.rounds.began(x.cause(), here, x.Now()).Add(-echoWindow)
	since, same := x.rounds.holds(there, fields, from, x.Now())
	if !same { // other flows may write other fields of the two, so this asks for the last write only
		since, same = p.echoes(from)
	}
	switch {
	case same && !x.rounds.overtook(x.cause(), here, there, since, p.replied()):
		x.loops.settled(x.cause().names...)
		x.rounds.rests(here, there)
		return "nothing to write: these are the values that we wrote there last, a moment ago", nil
	case here.Connection == x.event.Connection && x.rounds.goes(x.cause(), here, there, p.hash, x.Now()):
		return "nothing to write: these values only go to and fro between the two, and others were written there since; " +
			"if every change ends so, compare what the flows between the two write", nil
	}
	return "", nil
}

// chain makes the write one more in the chain that led to it, if that has an end.
func (x *execution) chain(p *upsertPlan, id string) error {
	p.write = x.loops.next(x.cause(), x.Now())
	if err := x.loops.cut(x.cause(), p.step.Connection+" "+cmp.Or(id, p.object), p.write); err != nil || p.step.Connection != x.event.Connection {
		return err
	}
	return x.loops.turn(x.cause(), x.run.Flow, p.object, cmp.Or(id, p.key), x.Now())
}

// findOrCreate writes a record that no link leads to. Nobody else does so for
// the same record meanwhile.
func (x *execution) findOrCreate(ctx context.Context, p *upsertPlan, rec *host.StepRecord) (upsertResult, error) {
	if id := x.creations.recent(p.key, x.Now()); id != "" {
		result, err := x.updateRecord(ctx, p, id, rec)
		if !isNotFound(err) {
			return result, err
		}
		rec.State = host.StepFailed // deleted over there, in this moment
	}
	id, err := x.searchRecord(ctx, p, rec)
	if err == nil && id == "" && p.lost != nil {
		id, err = x.findLost(ctx, p)
	}
	if err != nil {
		return upsertResult{}, err
	}
	if id != "" {
		return x.updateRecord(ctx, p, id, rec)
	}
	result, err := x.createRecord(ctx, p, rec)
	if err == nil {
		x.creations.note(p.key, result.ID, x.Now())
	}
	if abi.KindOf(err) != abi.Conflict {
		return result, err
	}
	// Somebody else may have created it in between, or it was not listed yet.
	if id, unfound := x.searchRecord(ctx, p, rec); unfound == nil && id != "" {
		return x.updateRecord(ctx, p, id, rec)
	}
	return result, err
}

// searchRecord returns the id of the one record that matches, "" if none does.
func (x *execution) searchRecord(ctx context.Context, p *upsertPlan, rec *host.StepRecord) (string, error) {
	input, err := json.Marshal(abi.RecordQuery{Object: p.object, Match: p.match, Limit: 2})
	if err != nil {
		return "", fmt.Errorf("encoding the search: %w", err)
	}
	raw, err := x.invoke(ctx, host.Invocation{
		Connection: p.step.Connection, Op: abi.OpAction, Name: p.step.Records.Search, Input: input,
	}, rec)
	if err != nil {
		return "", err
	}
	var found abi.RecordList
	if err := json.Unmarshal(raw, &found); err != nil {
		return "", fmt.Errorf("reading the search's answer: %w", err)
	}
	switch {
	case found.TotalSize > 1 || len(found.Records) > 1:
		return "", &abi.Error{Kind: abi.Conflict, Message: fmt.Sprintf(
			"%d records of %s match %s; which one is meant cannot be told: merge them at the platform, or match by a field that is unique",
			max(found.TotalSize, int64(len(found.Records))), p.object, fieldNames(p.match))}
	case len(found.Records) == 1:
		return found.Records[0].ID, nil
	default:
		return "", nil
	}
}

func (x *execution) updateRecord(ctx context.Context, p *upsertPlan, id string, rec *host.StepRecord) (upsertResult, error) {
	input, err := json.Marshal(abi.RecordChange{Object: p.object, ID: id, Fields: p.set})
	if err != nil {
		return upsertResult{}, fmt.Errorf("encoding the update: %w", err)
	}
	x.loops.wrote(host.Ref{Connection: p.step.Connection, Object: p.object, ID: id}, p.write)
	_, err = x.writeRecord(ctx, p, p.step.Records.Update, input, rec)
	return upsertResult{ID: id}, err
}

func (x *execution) createRecord(ctx context.Context, p *upsertPlan, rec *host.StepRecord) (upsertResult, error) {
	fields := maps.Clone(p.match)
	maps.Copy(fields, p.set)
	maps.Copy(fields, p.create)
	input, err := json.Marshal(abi.RecordDraft{Object: p.object, Fields: fields})
	if err != nil {
		return upsertResult{}, fmt.Errorf("encoding the new record: %w", err)
	}
	raw, err := x.writeRecord(ctx, p, p.step.Records.Create, input, rec)
	if err != nil {
		return upsertResult{}, err
	}
	var ref abi.RecordRef
	if err := json.Unmarshal(raw, &ref); err != nil {
		return upsertResult{}, fmt.Errorf("reading the new record's id: %w", err)
	}
	x.loops.wrote(host.Ref{Connection: p.step.Connection, Object: p.object, ID: ref.ID}, p.write)
	return upsertResult{ID: ref.ID, Created: true}, nil
}

// writeRecord journals that the write goes out, then calls it.
func (x *execution) writeRecord(ctx context.Context, p *upsertPlan, action string, input []byte, rec *host.StepRecord) ([]byte, error) {
	p.lost = nil // it was found, or there is none
	rec.Call, rec.Input, rec.State = p.step.Connection+"."+action, input, host.StepStarted
	started := *rec
	x.record(&started)
	rec.Seq = started.Seq
	if err := x.flush(ctx); err != nil {
		x.unsent(rec)
		return nil, err
	}
	output, err := x.invoke(ctx, host.Invocation{
		Connection: p.step.Connection, Op: abi.OpAction, Name: action,
		Input: input, IdempotencyKey: idempotencyKey(&x.run.Run, rec.Path), Since: rec.Started,
	}, rec)
	if _, waits := errors.AsType[held](err); waits {
		x.unsent(rec)
	}
	return output, err
}
