package web

import (
	"encoding/json"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

// bulkPage is how many rows one request acts on: each is a commit, and an
// answer must not be long in coming.
const bulkPage = 200

// rerunMany runs one page of failed or cancelled runs again, the oldest first:
// what changed last is to be written last.
func (s *Server) rerunMany(c *fiber.Ctx) error {
	filter, act, err := bulkOf(c)
	if err != nil {
		return err
	}
	switch filter.State {
	case "":
		filter.State = host.RunFailed
	case host.RunFailed, host.RunCancelled:
	default:
		return problem(http.StatusBadRequest, "only failed or cancelled runs can run again", "再実行できるのは失敗または取り消した実行だけです")
	}
	filter.Oldest = true
	ctx := s.as(c)
	return s.actOnRuns(c, filter, act.Preview, func(id string) error { return s.options.Operator.Rerun(ctx, id, act.Rerun) })
}

// cancelMany ends one page of runs: open ones, or the failed ones if the filter
// says so. The newest go first, or each would let the next one of its lane begin.
func (s *Server) cancelMany(c *fiber.Ctx) error {
	filter, act, err := bulkOf(c)
	if err != nil {
		return err
	}
	if filter.State == host.RunDone || filter.State == host.RunCancelled {
		return problem(http.StatusBadRequest, "runs that are done or cancelled cannot be cancelled", "完了または取り消し済みの実行は取り消せません")
	}
	ctx := s.as(c)
	return s.actOnRuns(c, filter, act.Preview, func(id string) error { return s.options.Operator.Cancel(ctx, id) })
}

// bulkOf reads which runs are meant and what to do to them.
func bulkOf(c *fiber.Ctx) (host.RunFilter, api.BulkAct, error) {
	act := api.BulkAct{Rerun: host.Rerun{How: host.RestartStep}}
	filter, err := runFilter(c)
	if err != nil {
		return filter, act, err
	}
	if err := bodyOf(c, &act); err != nil {
		return filter, act, err
	}
	filter.Limit = bulkPage
	return filter, act, knownRestart(act.How)
}

// bodyOf reads a JSON body, which may be missing.
func bodyOf(c *fiber.Ctx, into any) error {
	raw := c.Request().Body()
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return problem(http.StatusBadRequest, "the body cannot be read as JSON: "+err.Error(), "本文をJSONとして読めません: "+err.Error())
	}
	return nil
}

// actOnRuns acts on each run of a page. Without a state, the open ones are meant.
func (s *Server) actOnRuns(c *fiber.Ctx, filter host.RunFilter, preview bool, act func(id string) error) error {
	runs, err := s.options.Operator.Runs(s.base, filter)
	if err != nil {
		return err
	}
	b := bulk{preview: preview, act: act, explain: func(err error) *api.Problem { return s.problemOf(c, err) }}
	for i := range runs {
		if filter.State != "" || runs[i].State.Open() {
			b.do(runs[i].ID)
		}
	}
	if len(runs) == bulkPage {
		b.next(runs[len(runs)-1].ID, filter.Oldest)
	}
	return b.answer(c)
}

// replayMany takes up one page of dead letters that no replay has been able to read yet.
func (s *Server) replayMany(c *fiber.Ctx) error {
	filter, err := eventFilter(c)
	if err != nil {
		return err
	}
	var act api.BulkAct
	if err := bodyOf(c, &act); err != nil {
		return err
	}
	filter.Limit, filter.Oldest = bulkPage, true
	letters, err := s.options.Operator.DeadLetters(s.base, filter)
	if err != nil {
		return err
	}
	ctx := s.as(c)
	b := bulk{preview: act.Preview, explain: func(err error) *api.Problem { return s.problemOf(c, err) }, act: func(id string) error {
		_, err := s.options.Operator.Replay(ctx, id)
		return err
	}}
	for i := range letters {
		if letters[i].Open() {
			b.do(letters[i].ID)
		}
	}
	if len(letters) == bulkPage {
		b.next(letters[len(letters)-1].ID, filter.Oldest)
	}
	return b.answer(c)
}

// runMissed runs a flow for one page of the events that it missed.
func (s *Server) runMissed(c *fiber.Ctx) error {
	q := queryOf(c, "flow", "subject", "since", "until", "after")
	filter := host.EventFilter{Subject: q.text("subject"), Since: q.time("since"), Until: q.time("until"), After: q.text("after"), Limit: bulkPage}
	flow := q.text("flow")
	if flow == "" {
		q.refuse("flow is missing: which flow is to run", "flow で、どのフローを実行するかを指定してください")
	}
	if err := q.err(); err != nil {
		return err
	}
	var act api.BulkAct
	if err := bodyOf(c, &act); err != nil {
		return err
	}
	ctx := s.as(c)
	missed, after, err := s.options.Operator.Missed(ctx, flow, filter)
	if err != nil {
		return err
	}
	b := bulk{preview: act.Preview, done: api.Bulk{After: after}, explain: func(err error) *api.Problem { return s.problemOf(c, err) }, act: func(id string) error {
		return s.options.Operator.RunMissed(ctx, flow, id)
	}}
	for i := range missed {
		b.do(missed[i].ID)
	}
	return b.answer(c)
}

// bulk acts on one row after the other: one that fails does not keep the rest.
type bulk struct {
	preview bool
	act     func(id string) error
	explain func(error) *api.Problem
	done    api.Bulk
}

func (b *bulk) do(id string) {
	b.done.Count++
	if b.preview {
		return
	}
	if err := b.act(id); err != nil {
		why := b.explain(err)
		b.done.Failed = append(b.done.Failed, api.BulkFailure{ID: id, Kind: why.Kind, Error: why.Detail, ErrorJA: why.DetailJA})
	}
}

// next says where the page after the last row begins.
func (b *bulk) next(last string, oldestFirst bool) {
	if oldestFirst {
		b.done.After = last
	} else {
		b.done.Before = last
	}
}

func (b *bulk) answer(c *fiber.Ctx) error {
	b.done.Failed = orEmpty(b.done.Failed)
	return c.JSON(b.done)
}
