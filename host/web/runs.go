package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (s *Server) listRuns(c *fiber.Ctx) error {
	filter, err := runFilter(c)
	if err != nil {
		return err
	}
	runs, err := s.options.Operator.Runs(s.base, filter)
	if err != nil {
		return err
	}
	return c.JSON(api.RunPage{Runs: orEmpty(runs)})
}

func runFilter(c *fiber.Ctx) (host.RunFilter, error) {
	q := queryOf(c, "flow", "state", "event", "subject", "kind", "code", "connection", "since", "until", "failed_since", "before", "after", "limit")
	return host.RunFilter{
		Flow: q.text("flow"), State: q.state(), Event: q.text("event"), Subject: q.text("subject"), Kind: q.kind(), Code: q.text("code"), Connection: q.text("connection"),
		Since: q.time("since"), Until: q.time("until"), FailedSince: q.time("failed_since"),
		Before: q.text("before"), After: q.text("after"), Limit: q.limit(),
	}, q.err()
}

func (s *Server) showRun(c *fiber.Ctx) error {
	id := utils.CopyString(c.Params("id"))
	run, steps, err := s.options.Operator.Run(s.base, id)
	if err != nil {
		return missing(err, "run", "実行", id)
	}
	return c.JSON(api.RunDetail{Run: run, Steps: orEmpty(steps)})
}

func (s *Server) lineup(c *fiber.Ctx) error {
	var body api.LineupRequest
	if err := bodyOf(c, &body); err != nil {
		return err
	}
	lineup, err := s.options.Operator.Lineup(s.base, body.Runs)
	if err != nil {
		return err
	}
	return c.JSON(lineup)
}

func (s *Server) rerun(c *fiber.Ctx) error {
	id := utils.CopyString(c.Params("id"))
	body := host.Rerun{How: host.RestartStep}
	if err := bodyOf(c, &body); err != nil {
		return err
	}
	if err := knownRestart(body.How); err != nil {
		return err
	}
	if err := s.options.Operator.Rerun(s.as(c), id, body); err != nil {
		return missing(err, "run", "実行", id)
	}
	return c.SendStatus(http.StatusNoContent)
}

func knownRestart(how host.Restart) error {
	switch how {
	case host.RestartStep, host.RestartBegin, host.RestartNewest:
		return nil
	default:
		return problem(http.StatusBadRequest,
			"how must be step (from the failed step), begin (from the start) or newest (from the start, with the newest rules)",
			"how は step(失敗したステップから)、begin(最初から)、newest(最新のルールで最初から)のどれかです")
	}
}

func (s *Server) cancel(c *fiber.Ctx) error {
	id := utils.CopyString(c.Params("id"))
	if err := s.options.Operator.Cancel(s.as(c), id); err != nil {
		return missing(err, "run", "実行", id)
	}
	return c.SendStatus(http.StatusNoContent)
}

func (q *query) state() host.RunState {
	switch state := host.RunState(q.text("state")); state {
	case "", host.RunQueued, host.RunRunning, host.RunWaiting, host.RunDone, host.RunFailed, host.RunCancelled:
		return state
	default:
		q.refuse("state must be queued, running, waiting, done, failed or cancelled",
			"state は queued、running、waiting、done、failed、cancelled のどれかです")
		return ""
	}
}

func (q *query) kind() abi.Kind {
	if q.text("kind") == "" {
		return abi.OK
	}
	kind, known := abi.ParseKind(q.text("kind"))
	if !known {
		q.refuse(fmt.Sprintf("there is no kind of error %q", q.text("kind")), fmt.Sprintf("「%s」というエラーの種類はありません", q.text("kind")))
	}
	return kind
}

// missing says what an id does not name; other errors stay as they are.
func missing(err error, en, ja, id string) error {
	if !errors.Is(err, host.ErrNotFound) {
		return err
	}
	return problem(http.StatusNotFound, fmt.Sprintf("there is no %s %s", en, id), fmt.Sprintf("%s %s はありません", ja, id))
}

// orEmpty makes an empty listing [] rather than null.
func orEmpty[T any](rows []T) []T {
	if rows == nil {
		return []T{}
	}
	return rows
}
