package web

import (
	"encoding/json"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

func (s *Server) listLinks(c *fiber.Ctx) error {
	q := queryOf(c, "kind", "connection", "object", "id", "limit")
	filter := host.LinkFilter{
		Kind: q.text("kind"), Limit: q.limit(),
		From: host.Ref{Connection: q.text("connection"), Object: q.text("object"), ID: q.text("id")},
	}
	if err := q.err(); err != nil {
		return err
	}
	links, err := s.options.Operator.Links(s.base, filter)
	if err != nil {
		return err
	}
	return c.JSON(api.LinkPage{Links: orEmpty(links)})
}

func (s *Server) listCursors(c *fiber.Ctx) error {
	cursors, err := s.options.Operator.Cursors(s.base)
	if err != nil {
		return err
	}
	return c.JSON(api.CursorPage{Cursors: orEmpty(cursors)})
}

func (s *Server) setCursor(c *fiber.Ctx) error {
	cursor := host.Cursor{Connection: utils.CopyString(c.Params("connection")), Trigger: utils.CopyString(c.Params("trigger"))}
	var body struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(c.Request().Body(), &body); err != nil || body.Value == nil {
		return problem(http.StatusBadRequest, `the body must be JSON such as {"value": ...}`, `本文は {"value": ...} のようなJSONです`)
	}
	cursor.Value = body.Value
	if err := s.options.Operator.SetCursor(s.as(c), cursor); err != nil {
		return missing(err, "poll", "定期取得", cursor.Connection+" "+cursor.Trigger)
	}
	return c.SendStatus(http.StatusNoContent)
}
