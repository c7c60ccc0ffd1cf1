package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

func (s *Server) listConnections(c *fiber.Ctx) error {
	connections, err := s.options.Operator.Connections(s.base)
	if err != nil {
		return err
	}
	return c.JSON(api.ConnectionPage{Connections: orEmpty(connections)})
}

// showFuel tells what the calls of a connection's plugin used.
func (s *Server) showFuel(c *fiber.Ctx) error {
	name := c.Params("name")
	fuel, err := s.options.Operator.Fuel(s.base, name)
	if err != nil {
		return missing(err, "connection", "接続", utils.CopyString(name))
	}
	return c.JSON(fuel)
}

func (s *Server) resume(c *fiber.Ctx) error {
	name := utils.CopyString(c.Params("name"))
	if err := s.options.Operator.Resume(s.as(c), name); err != nil {
		return missing(err, "connection", "接続", name)
	}
	return c.SendStatus(http.StatusNoContent)
}

// showHook gives the address that a platform is to deliver to. It is a
// credential: it is told to who holds the admin token, and logged nowhere.
func (s *Server) showHook(c *fiber.Ctx) error {
	h := s.hooks[c.Params("name")]
	if h == nil {
		return noHook(c.Params("name"))
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(api.Hook{Path: HookPath(h.connection, string(*h.token.Load()))})
}

func noHook(name string) error {
	return problem(http.StatusNotFound,
		fmt.Sprintf("there is no connection %s that receives webhooks", name),
		fmt.Sprintf("Webhookを受け取る接続「%s」はありません", name))
}

// renewHook gives a connection another address to be delivered to, and tells it.
func (s *Server) renewHook(c *fiber.Ctx) error {
	name := utils.CopyString(c.Params("name"))
	path, err := s.options.Operator.RenewHook(s.as(c), name)
	if errors.Is(err, host.ErrNotFound) {
		return noHook(name)
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(api.Hook{Path: path})
}

// HookPath is the path that a connection's deliveries come to.
func HookPath(connection, token string) string { return "/hooks/" + connection + "/" + token }

func (s *Server) showRules(c *fiber.Ctx) error {
	rules, err := s.options.Operator.Rules(s.base)
	if err != nil {
		return err
	}
	return c.JSON(rules)
}

func (s *Server) reloadRules(c *fiber.Ctx) error {
	rules, err := s.options.Operator.ReloadRules(s.as(c))
	if err != nil {
		return err
	}
	return c.JSON(rules)
}
