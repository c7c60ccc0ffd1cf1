package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

func (s *Server) listEvents(c *fiber.Ctx) error {
	filter, err := eventFilter(c)
	if err != nil {
		return err
	}
	events, err := s.options.Operator.Events(s.base, filter)
	if err != nil {
		return err
	}
	return c.JSON(api.EventPage{Events: orEmpty(events)})
}

func eventFilter(c *fiber.Ctx) (host.EventFilter, error) {
	q := queryOf(c, "connection", "type", "subject", "since", "until", "before", "after", "limit")
	return host.EventFilter{
		Connection: q.text("connection"), Type: q.text("type"), Subject: q.text("subject"),
		Since: q.time("since"), Until: q.time("until"), Before: q.text("before"), After: q.text("after"), Limit: q.limit(),
	}, q.err()
}

func (s *Server) showEvent(c *fiber.Ctx) error {
	id := utils.CopyString(c.Params("id"))
	event, runs, err := s.options.Operator.Event(s.base, id)
	if err != nil {
		return missing(err, "event", "イベント", id)
	}
	return c.JSON(api.EventDetail{Event: event, Runs: orEmpty(runs)})
}

func (s *Server) listDeadLetters(c *fiber.Ctx) error {
	filter, err := eventFilter(c)
	if err != nil {
		return err
	}
	letters, err := s.options.Operator.DeadLetters(s.base, filter)
	if err != nil {
		return err
	}
	return c.JSON(api.DeadLetterPage{DeadLetters: orEmpty(letters)})
}

func (s *Server) showDeadLetter(c *fiber.Ctx) error {
	id := utils.CopyString(c.Params("id"))
	letter, err := s.options.Operator.DeadLetter(s.base, id)
	if err != nil {
		return missing(err, "dead letter", "保管データ", id)
	}
	return c.JSON(letter)
}

func (s *Server) replay(c *fiber.Ctx) error {
	id := utils.CopyString(c.Params("id"))
	receipt, err := s.options.Operator.Replay(s.as(c), id)
	if err != nil {
		return missing(err, "dead letter", "保管データ", id)
	}
	return c.JSON(api.Receipt{Accepted: orEmpty(receipt.Accepted), Duplicates: receipt.Duplicates, Dead: receipt.Dead})
}

func (s *Server) dismiss(c *fiber.Ctx) error {
	id := utils.CopyString(c.Params("id"))
	if err := s.options.Operator.Dismiss(s.as(c), id); err != nil {
		return missing(err, "dead letter", "保管データ", id)
	}
	return c.SendStatus(fiber.StatusNoContent)
}
