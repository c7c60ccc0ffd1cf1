package web

import (
	"context"
	"encoding/json"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

// RulesReader looks at the rules that were in force: newest first, and the files of one set.
type RulesReader interface {
	RulesHistory(ctx context.Context, limit int) ([]host.RulesVersion, error)
	RulesSources(ctx context.Context, version string) (map[string][]byte, error)
}

// PlatformReader calls actions that change nothing. Any other is refused with
// an *abi.Error of kind Denied.
type PlatformReader interface {
	Read(ctx context.Context, connection, action string, input json.RawMessage) (json.RawMessage, error)
}

func (s *Server) showRulesHistory(c *fiber.Ctx) error {
	q := queryOf(c, "limit")
	if err := q.err(); err != nil {
		return err
	}
	versions, err := s.options.Operator.RulesHistory(s.base, q.limit())
	if err != nil {
		return err
	}
	return c.JSON(api.RulesHistory{Versions: orEmpty(versions)})
}

func (s *Server) showRulesSources(c *fiber.Ctx) error {
	version := utils.CopyString(c.Params("version"))
	files, err := s.options.Operator.RulesSources(s.base, version)
	if err != nil {
		return missing(err, "version of the rules", "ルールの版", version)
	}
	return c.JSON(api.RulesSources{Files: files})
}

func (s *Server) readPlatform(c *fiber.Ctx) error {
	var body api.Read
	if err := bodyOf(c, &body); err != nil {
		return err
	}
	name := utils.CopyString(c.Params("name"))
	output, err := s.options.Operator.Read(s.base, name, body.Action, body.Input)
	if err != nil {
		return missing(err, "action", "アクション", name+"."+body.Action)
	}
	return c.JSON(api.ReadAnswer{Output: output})
}
