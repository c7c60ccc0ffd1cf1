package web

import (
	"context"
	"encoding/json"
	"io"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/commerce"
)

func (s *Server) exportMembers(c *fiber.Ctx) error {
	q := queryOf(c, "where")
	where := q.text("where")
	if err := q.err(); err != nil {
		return err
	}
	each, err := s.options.Members.ExportMembers(where)
	if err != nil {
		return wrongWhere(err)
	}
	return s.stream(c, mimeLines, func(ctx context.Context, w io.Writer) error {
		lines := json.NewEncoder(w)
		return each(ctx, func(m *commerce.Member) error { return lines.Encode(m) })
	})
}

func (s *Server) eraseMember(c *fiber.Ctx) error {
	var erasure api.MemberErasure
	if err := bodyOf(c, &erasure); err != nil {
		return err
	}
	erased, err := s.options.Members.EraseMember(s.as(c), erasure)
	if err != nil {
		name := erasure.Member
		if erasure.Customer != nil {
			name = erasure.Customer.Connection + ":" + erasure.Customer.ID
		}
		return missing(err, "member or customer", "会員または顧客", name)
	}
	erased.Customers = orEmpty(erased.Customers)
	return c.JSON(erased)
}

func (s *Server) memberForm(c *fiber.Ctx) error {
	id := utils.CopyString(c.Params("id"))
	var ask api.MemberFormAsk
	if err := bodyOf(c, &ask); err != nil {
		return err
	}
	form, err := s.options.Members.MemberForm(s.as(c), id, ask)
	if err != nil {
		return missing(err, "member", "会員", id)
	}
	return c.JSON(form)
}
