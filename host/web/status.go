package web

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/musubi-run/musubi/host/web/api"
)

// StatusReader tells how the whole host fares, and of the failures since a time.
type StatusReader interface {
	Status(ctx context.Context, since time.Time) (api.Status, error)
}

// usualPeriod is how far back a status looks, unless it is asked otherwise.
const usualPeriod = 24 * time.Hour

func (s *Server) showStatus(c *fiber.Ctx) error {
	q := queryOf(c, "since")
	since := q.time("since")
	if err := q.err(); err != nil {
		return err
	}
	if since.IsZero() {
		since = s.options.Clock().Add(-usualPeriod)
	}
	status, err := s.options.Operator.Status(s.base, since)
	if err != nil {
		return err
	}
	return c.JSON(status)
}
