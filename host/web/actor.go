package web

import (
	"context"
	"net/url"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

// longestName bounds what a person may call themselves, in bytes.
const longestName = 200

// as is the context of a request that acts, with the person whom it acts for.
func (s *Server) as(c *fiber.Ctx) context.Context {
	return host.WithActor(s.base, host.Actor{Name: nameFrom(c.Get(api.ActorHeader)), Address: c.IP()})
}

// nameFrom reads the header's percent-encoded name, and keeps it fit to be shown.
func nameFrom(header string) string {
	name, err := url.QueryUnescape(header)
	if err != nil {
		name = header
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.ToValidUTF8(name[:min(len(name), longestName)], "")
	return strings.Clone(name) // out of Fiber's buffer, which what acts may outlive
}
