package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

func (s *Server) listAudits(c *fiber.Ctx) error {
	q := queryOf(c, "since", "until", "before", "limit")
	filter := host.AuditFilter{Since: q.time("since"), Until: q.time("until"), Before: q.text("before"), Limit: q.limit()}
	if err := q.err(); err != nil {
		return err
	}
	audits, err := s.options.Operator.Audits(s.base, filter)
	if err != nil {
		return err
	}
	return c.JSON(api.AuditPage{Audits: orEmpty(audits)})
}
