package web

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/musubi-run/musubi/host/web/api"
)

const (
	hookPrefix = "/hooks/"
	formPrefix = "/forms/"
	// strangerBody bounds what is read from who may not bring anything: bodies
	// are kept in memory until they are whole.
	strangerBody = 1 << 10
)

// readLimit says, by a request's head, how much of its body is read. Who has
// neither a hook's token nor the admin token cannot fill the memory.
func (s *Server) readLimit(head *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if lengths(head.RawHeaders()) > 1 {
		head.SetConnectionClose() // what follows may be a part of this body for who stands before the host
	}
	uri := fasthttp.AcquireURI()
	defer fasthttp.ReleaseURI(uri)
	limit := strangerBody
	if err := uri.Parse(head.Host(), head.RequestURI()); err == nil {
		limit = s.mayBring(string(uri.PathOriginal()), string(head.Peek(fiber.HeaderAuthorization)))
	}
	return fasthttp.RequestConfig{MaxRequestBodySize: limit}
}

// lengths is how many fields of a head say where the body ends.
func lengths(head []byte) (n int) {
	for line := range bytes.Lines(head) {
		name, _, _ := bytes.Cut(line, []byte{':'})
		if bytes.EqualFold(name, []byte(fiber.HeaderContentLength)) || bytes.EqualFold(name, []byte(fiber.HeaderTransferEncoding)) {
			n++
		}
	}
	return n
}

func (s *Server) mayBring(path, authorization string) int {
	if rest, hook := strings.CutPrefix(path, hookPrefix); hook {
		connection, token, _ := strings.Cut(rest, "/")
		if h, refused := s.hookOf(connection, token); refused == "" {
			return h.maxBody
		}
		return strangerBody
	}
	if name, form := strings.CutPrefix(path, formPrefix); form && s.forming[name] != nil {
		return formMaxBody
	}
	if strings.HasPrefix(path, api.Prefix) && s.mayAdminister(authorization) {
		return adminMaxBody
	}
	return strangerBody
}

// tooLarge is the error of a request whose body went over its limit: that its
// sender is not known, where that is why. Of one that came in chunks fasthttp
// keeps no head, so nobody knows any more whose it was.
func (s *Server) tooLarge(c *fiber.Ctx) error {
	const reason = "body too large"
	path, now := c.Path(), s.options.Clock()
	rest, hook := strings.CutPrefix(path, hookPrefix)
	switch {
	case hook:
		connection, token, _ := strings.Cut(rest, "/")
		h, refused := s.hookOf(connection, token)
		if refused != "" {
			return s.unauthorized(c, h, refused, now)
		}
		s.turnAway(c, h, OutcomeTooLarge, reason, now)
	case strings.HasPrefix(path, api.Prefix) && !s.mayAdminister(c.Get(fiber.HeaderAuthorization)):
		return s.notAdmin(c)
	case len(c.Request().Header.Host()) == 0:
		s.turnAway(c, nil, OutcomeTooLarge, reason, now)
	}
	return fiber.ErrRequestEntityTooLarge
}
