package web

import (
	"net/url"
	"slices"

	"github.com/musubi-run/musubi/sdk/abi"
)

// maxPing is the largest body that is looked at for a ping.
const maxPing = 1 << 10

// pinged says whether a request is one of the platform's pings. What carries a
// signature, right or wrong, is a delivery and none.
func (h *hook) pinged(header func(name string) string, body []byte) bool {
	if len(h.pings) == 0 || len(body) > maxPing || slices.ContainsFunc(*h.signatures.Load(), func(s *signature) bool { return header(s.header) != "" }) {
		return false
	}
	form, err := url.ParseQuery(string(body))
	return err == nil && slices.ContainsFunc(h.pings, func(p abi.Ping) bool { return fits(p, form) })
}

// fits says whether a form has the ping's fields, once each, and no others.
func fits(p abi.Ping, form url.Values) bool {
	for _, name := range p.Form {
		if len(form[name]) != 1 {
			return false
		}
	}
	return len(form) == len(p.Form)
}
