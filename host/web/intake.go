package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// What becomes of a delivery, for the [Meter].
const (
	OutcomeAccepted  = "accepted"
	OutcomeDuplicate = "duplicate"
	OutcomeDead      = "dead"
	// OutcomePing is no delivery: the platform asked whether somebody is there.
	OutcomePing = "ping"
	// OutcomeUnauthorized covers wrong tokens, wrong signatures and unknown connections.
	OutcomeUnauthorized = "unauthorized"
	OutcomeTooLarge     = "too_large"
	// OutcomeRefused means that the host was full and asked the platform to come again.
	OutcomeRefused = "refused"
	OutcomeFailed  = "failed"
)

const (
	// refusalsPerSecond bounds how many refused deliveries are logged: an attacker must not fill the disk.
	refusalsPerSecond = 10
	// retryAfter is what a platform is told when the host does not know better.
	retryAfter = 5 * time.Second
	// maxDeliveries and deliveryTime are the defaults of [Options]. Platforms give
	// up after 5 to 30 seconds.
	maxDeliveries = 512
	deliveryTime  = 20 * time.Second
)

// errBusy refuses a delivery because too many of its connection are under way.
var errBusy = &abi.Error{Kind: abi.Unavailable, Message: "too many deliveries to this connection are under way"}

// receive answers one delivery: 2xx only after it is durable. Nothing tells a
// wrong token from a wrong signature or from a connection that does not exist.
func (s *Server) receive(c *fiber.Ctx) error {
	began := s.options.Clock()
	h, refused := s.hookOf(c.Params("connection"), c.Params("token"))
	if refused != "" {
		return s.unauthorized(c, h, refused, began)
	}
	body := c.Request().Body()
	if c.Method() == fiber.MethodPost && h.pinged(headerOf(c), body) {
		s.count(h, OutcomePing, began)
		return c.SendStatus(fiber.StatusOK)
	}
	if reason := h.unsigned(headerOf(c), body, began); reason != "" {
		return s.unauthorized(c, h, reason, began)
	}
	receipt, err := s.take(h, s.delivery(c, h, began))
	if err != nil {
		return s.refuse(c, h, err, began)
	}
	s.count(h, outcomeOf(receipt), began)
	return acknowledge(c, receipt.Reply)
}

// hookOf finds the hook that is delivered to, or says why the delivery is refused.
func (s *Server) hookOf(connection, token string) (h *hook, refused string) {
	h = s.hooks[connection]
	if h == nil {
		same(token, nil)
		return nil, "unknown connection"
	}
	if !same(token, *h.token.Load()) {
		return h, "wrong token"
	}
	return h, ""
}

// take hands a delivery on if there is room for it, and waits no longer than a platform does.
func (s *Server) take(h *hook, d host.Delivery) (host.Receipt, error) {
	select {
	case h.room <- struct{}{}:
		defer func() { <-h.room }()
	default:
		return host.Receipt{}, errBusy
	}
	ctx, cancel := context.WithTimeout(s.base, cmp.Or(s.options.DeliveryTime, deliveryTime))
	defer cancel()
	receipt, err := s.options.Intake.Receive(ctx, d)
	if errors.Is(err, context.DeadlineExceeded) {
		err = &abi.Error{Kind: abi.Unavailable, Message: "the delivery took too long to become durable"}
	}
	return receipt, err
}

func headerOf(c *fiber.Ctx) func(string) string {
	return func(name string) string { return string(c.Request().Header.Peek(name)) }
}

// delivery copies the request out of Fiber's buffers, without the headers that are secrets.
func (s *Server) delivery(c *fiber.Ctx, h *hook, at time.Time) host.Delivery {
	d := host.Delivery{
		Connection: h.connection, Method: utils.CopyString(c.Method()), RemoteIP: c.IP(), Received: at,
		Query: string(c.Request().URI().QueryString()), Body: bytes.Clone(c.Request().Body()),
		Headers: make([]abi.Header, 0, c.Request().Header.Len()),
	}
	c.Request().Header.VisitAll(func(name, value []byte) {
		if field := string(name); !h.secret(field) {
			d.Headers = append(d.Headers, abi.Header{Name: field, Value: h.unaddressed(string(value))})
		}
	})
	return d
}

func outcomeOf(r host.Receipt) string {
	switch {
	case r.Dead != "":
		return OutcomeDead
	case len(r.Accepted) == 0 && r.Duplicates > 0:
		return OutcomeDuplicate
	default:
		return OutcomeAccepted
	}
}

// acknowledge answers what the platform insists on, or a plain 200.
func acknowledge(c *fiber.Ctx, reply *abi.HookReply) error {
	if reply == nil {
		return c.SendStatus(fiber.StatusOK)
	}
	if reply.ContentType != "" {
		c.Set(fiber.HeaderContentType, reply.ContentType)
	}
	if reply.Status != 0 {
		c.Status(reply.Status)
	}
	return c.SendString(reply.Body)
}

func (s *Server) unauthorized(c *fiber.Ctx, h *hook, reason string, began time.Time) error {
	s.turnAway(c, h, OutcomeUnauthorized, reason, began)
	return fiber.ErrUnauthorized
}

// turnAway counts and tells the operator of a delivery that is not taken.
func (s *Server) turnAway(c *fiber.Ctx, h *hook, outcome, reason string, began time.Time) {
	s.count(h, outcome, began)
	if s.refusals.AllowN(began, 1) {
		s.options.Logger.Warn("webhook refused", slog.String("connection", nameOf(h)), slog.String("reason", reason), slog.String("remote_ip", c.IP()))
	}
}

// refuse answers a delivery that could not be made durable: the platform still
// has it and may come again.
func (s *Server) refuse(c *fiber.Ctx, h *hook, err error, began time.Time) error {
	status, outcome := fiber.StatusInternalServerError, OutcomeFailed
	switch abi.KindOf(err) {
	case abi.RateLimited:
		status, outcome = fiber.StatusTooManyRequests, OutcomeRefused
	case abi.Unavailable:
		status, outcome = fiber.StatusServiceUnavailable, OutcomeRefused
	default:
	}
	s.count(h, outcome, began)
	if outcome == OutcomeFailed || s.refusals.AllowN(began, 1) {
		s.options.Logger.Error("webhook not accepted", slog.String("connection", h.connection), slog.Any("error", err))
	}
	if outcome == OutcomeRefused {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(delayOf(err)/time.Second)))
	}
	return c.SendStatus(status)
}

// delayOf is how long the platform should wait, in whole seconds, at least one.
func delayOf(err error) time.Duration {
	if e, ok := errors.AsType[*abi.Error](err); ok && e.RetryAfter() > 0 {
		return max(e.RetryAfter().Round(time.Second), time.Second)
	}
	return retryAfter
}

func (s *Server) count(h *hook, outcome string, began time.Time) {
	s.options.Meter.Delivered(nameOf(h), outcome, s.options.Clock().Sub(began))
}

func nameOf(h *hook) string {
	if h == nil {
		return ""
	}
	return h.connection
}
