package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/musubi-run/musubi/host/web/api"
)

func (s *Server) listBackfills(c *fiber.Ctx) error {
	backfills, err := s.options.Operator.Backfills(s.base)
	if err != nil {
		return err
	}
	return c.JSON(api.BackfillPage{Backfills: orEmpty(backfills)})
}

func (s *Server) beginBackfill(c *fiber.Ctx) error {
	var job api.Backfill
	if err := bodyOf(c, &job); err != nil {
		return err
	}
	if job.Connection == "" || job.Trigger == "" || job.Since.IsZero() {
		return problem(http.StatusBadRequest,
			"a backfill needs connection, trigger and since", "connection、trigger、since を指定してください")
	}
	if job.Since.After(s.options.Clock()) {
		return problem(http.StatusBadRequest, "since is in the future", "since が未来の時刻です")
	}
	begun, err := s.options.Operator.Backfill(s.as(c), job)
	if err != nil {
		return err
	}
	return c.Status(http.StatusAccepted).JSON(begun)
}
