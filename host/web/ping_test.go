package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Some shops send an unsigned form when a webhook is registered, and give the
// webhook up if it is not answered 200.
func TestAPingIsAnsweredAndReachesNobody(t *testing.T) {
	signed := abi.Webhook{
		Signatures: []abi.Signature{{Type: abi.SignatureHMAC, Header: "X-Sign", Secret: "secret"}},
		Pings:      []abi.Ping{{Form: []string{"webhook_id"}}},
	}
	s := start(t, func(o *web.Options) {
		o.Hooks = []web.Hook{
			{Connection: "shop", Token: hookToken, Webhook: signed, Secrets: map[string]string{"secret": hookSecret}},
			{Connection: "other", Token: hookToken, Webhook: abi.Webhook{Signatures: signed.Signatures}, Secrets: map[string]string{"secret": hookSecret}},
		}
	})
	const kind = "application/x-www-form-urlencoded"
	got := s.send(t, "POST", "/hooks/shop/"+hookToken, "webhook_id=142", "Content-Type", kind)
	if got.status != http.StatusOK || s.meter.last() != "shop ping" {
		t.Errorf("the ping got %d and counts as %q", got.status, s.meter.last())
	}
	for name, c := range map[string]struct{ method, path, body, sign string }{
		"more in it":       {"POST", "/hooks/shop/" + hookToken, "webhook_id=142&id=1", ""},
		"twice":            {"POST", "/hooks/shop/" + hookToken, "webhook_id=142&webhook_id=143", ""},
		"large":            {"POST", "/hooks/shop/" + hookToken, "webhook_id=" + strings.Repeat("1", 1<<10), ""},
		"a document":       {"POST", "/hooks/shop/" + hookToken, `{"webhook_id":142}`, ""},
		"nothing":          {"POST", "/hooks/shop/" + hookToken, "", ""},
		"get":              {"GET", "/hooks/shop/" + hookToken + "?webhook_id=142", "", ""},
		"wrongly signed":   {"POST", "/hooks/shop/" + hookToken, "webhook_id=142", "AAAA"},
		"wrong token":      {"POST", "/hooks/shop/x", "webhook_id=142", ""},
		"declared nowhere": {"POST", "/hooks/other/" + hookToken, "webhook_id=142", ""},
		"of no connection": {"POST", "/hooks/nobody/" + hookToken, "webhook_id=142", ""},
	} {
		if got := s.send(t, c.method, c.path, c.body, "Content-Type", kind, "X-Sign", c.sign); got.status != http.StatusUnauthorized {
			t.Errorf("%s: answered %d", name, got.status)
		}
	}
	if n := len(s.intake.all()); n != 0 {
		t.Errorf("%d deliveries got through", n)
	}
}

// Where nothing is signed a ping is one all the same, and everything else is a delivery.
func TestAPingOfAnUnsignedPlatform(t *testing.T) {
	s := start(t, func(o *web.Options) {
		o.Hooks = []web.Hook{{Connection: "shop", Token: hookToken, Webhook: abi.Webhook{Pings: []abi.Ping{{Form: []string{"a", "b"}}}}}}
	})
	for _, body := range []string{"b=&a=1", "a=1", "%zz"} {
		if got := s.send(t, "POST", "/hooks/shop/"+hookToken, body); got.status != http.StatusOK {
			t.Errorf("%s: answered %d", body, got.status)
		}
	}
	if n := len(s.intake.all()); n != 2 {
		t.Errorf("%d deliveries", n)
	}
}
