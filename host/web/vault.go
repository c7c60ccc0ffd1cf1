package web

import (
	"encoding/json"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/web/api"
)

func (s *Server) listSecrets(c *fiber.Ctx) error {
	names, err := s.options.Operator.SecretNames(s.base)
	if err != nil {
		return err
	}
	return c.JSON(api.SecretPage{Secrets: orEmpty(names)})
}

// setSecret keeps a secret. No fault repeats what was sent.
func (s *Server) setSecret(c *fiber.Ctx) error {
	name, err := secretName(c)
	if err != nil {
		return err
	}
	var body api.Secret
	if err := json.Unmarshal(c.Request().Body(), &body); err != nil || body.Value == "" {
		return problem(http.StatusBadRequest, `the body must be JSON such as {"value": "..."}`, `本文は {"value": "..."} のようなJSONです`)
	}
	if err := s.options.Operator.SetSecret(s.as(c), name, body.Value); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

func (s *Server) removeSecret(c *fiber.Ctx) error {
	name, err := secretName(c)
	if err != nil {
		return err
	}
	if err := s.options.Operator.RemoveSecret(s.as(c), name); err != nil {
		return missing(err, "secret", "秘密の値", name)
	}
	return c.SendStatus(http.StatusNoContent)
}

func secretName(c *fiber.Ctx) (string, error) {
	name := utils.CopyString(c.Params("name"))
	if !config.IsName(name) {
		return "", problem(http.StatusBadRequest,
			"a secret's name is lower-case letters, digits, - and _, beginning with a letter",
			"秘密の値の名前は英小文字で始め、英小文字・数字・「-」「_」だけを使ってください")
	}
	return name, nil
}
