package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// health says that the process answers.
func (s *Server) health(c *fiber.Ctx) error { return c.SendString("ok\n") }

// ready says whether the host can work, or why not. The reason is for the
// person who looks, so it is shown to whoever may ask: it names no secret.
func (s *Server) ready(c *fiber.Ctx) error {
	if err := s.options.Ready(s.base); err != nil {
		return c.Status(fiber.StatusServiceUnavailable).SendString(err.Error() + "\n")
	}
	return c.SendString("ready\n")
}

func (s *Server) metrics() fiber.Handler {
	return adaptor.HTTPHandler(promhttp.HandlerFor(s.options.Metrics, promhttp.HandlerOpts{}))
}
