package web

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// problem makes the error answer of a handler.
func problem(status int, en, ja string) *api.Problem {
	return &api.Problem{Title: http.StatusText(status), Status: status, Detail: en, DetailJA: ja, Kind: kindOf(status)}
}

// answerError is where every error of a handler, and of Fiber, ends. Platforms
// get a bare status: nothing that would help who guesses at addresses.
func (s *Server) answerError(c *fiber.Ctx, err error) error {
	if errors.Is(err, fiber.ErrRequestEntityTooLarge) {
		err = s.tooLarge(c)
	}
	p := s.problemOf(c, err)
	if strings.HasPrefix(c.Path(), hookPrefix) {
		return c.SendStatus(p.Status)
	}
	return c.Status(p.Status).JSON(p, api.ProblemType)
}

func (s *Server) problemOf(c *fiber.Ctx, err error) *api.Problem {
	if p, ok := errors.AsType[*api.Problem](err); ok {
		return p
	}
	if faults, ok := errors.AsType[diag.Problems](err); ok {
		p := problem(http.StatusUnprocessableEntity,
			"the rules were not loaded, the last good ones stay in use: mend the files and reload",
			"ルールは読み込まれず、前のルールのまま動いています。ファイルを直してから再読み込みしてください")
		p.Problems = api.RuleProblems(faults)
		return p
	}
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		return problem(e.Code, e.Message, "")
	}
	if errors.Is(err, host.ErrNotFound) {
		return problem(http.StatusNotFound, "there is no such row", "該当するものはありません")
	}
	return s.failure500(c, err)
}

// failure500 answers by the error's kind; what is our own fault is logged too.
func (s *Server) failure500(c *fiber.Ctx, err error) *api.Problem {
	kind := abi.KindOf(err)
	p := problem(statusOf(kind), err.Error(), "")
	p.Kind = kind
	if both, ok := errors.AsType[interface {
		error
		Text() abi.Text
	}](err); ok {
		p.DetailJA = both.Text().JA
	}
	if p.Status == http.StatusInternalServerError {
		s.options.Logger.Error("request failed", slog.String("path", shownPath(c.Path())), slog.Any("error", err))
	}
	return p
}

func statusOf(kind abi.Kind) int {
	switch kind {
	case abi.Invalid, abi.Config:
		return http.StatusBadRequest
	case abi.NotFound:
		return http.StatusNotFound
	case abi.Conflict:
		return http.StatusConflict
	case abi.Unsupported:
		return http.StatusNotImplemented
	case abi.RateLimited:
		return http.StatusTooManyRequests
	case abi.Unavailable:
		return http.StatusServiceUnavailable
	case abi.Denied:
		return http.StatusForbidden
	case abi.Auth, abi.Unknown, abi.Limit, abi.Blocked: // of a connection; the caller's own token is another matter
		return http.StatusBadGateway
	default:
		return http.StatusInternalServerError
	}
}

func kindOf(status int) abi.Kind {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return abi.NotFound
	case http.StatusUnauthorized:
		return abi.Auth
	case http.StatusConflict:
		return abi.Conflict
	default:
		if status >= http.StatusInternalServerError {
			return abi.Internal
		}
		return abi.Invalid
	}
}
