package plugintest

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

// deep is how deeply hostile documents are nested.
const deep = 100_000

// checkHostileBodies sends what no platform sends. It must be refused as
// invalid or announce nothing; the plugin must not break down.
func (s *suite) checkHostileBodies(t *testing.T, c *connection, webhook *webhookCase) {
	t.Helper()
	limit := s.manifest.Webhook.MaxBody
	if limit == 0 {
		limit = 1 << 20
	}
	for name, body := range map[string]string{
		"empty":       "",
		"garbage":     "\x00\xff\xfe\x01 not a document \x80\x81",
		"null":        "null",
		"empty-json":  "{}",
		"list":        "[[],{},1,null]",
		"half":        webhook.half(),
		"huge-text":   strings.Repeat("a", limit),
		"huge-string": `{"id":"` + strings.Repeat("9", limit-9) + `"}`,
		"deep-lists":  strings.Repeat("[", min(deep, limit)),
		"deep-maps":   strings.Repeat(`{"a":`, min(deep, limit/5)),
		"deep-xml":    strings.Repeat("<a>", min(deep, limit/3)),
		"xml-bomb":    `<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;&b;&b;</a>`,
	} {
		s.waivers.run(t, "webhook", "hostile-"+name, func(t *testing.T) {
			output, fault := c.invoke(t, webhook.call([]byte(body)))
			if fault != nil && fault.Kind != abi.Invalid {
				t.Errorf("refused with %s, want %s: %s", fault.Kind, abi.Invalid, fault)
			}
			if fault == nil && name != "huge-string" && len(decodeReceipt(t, output).Events) > 0 {
				t.Errorf("made events of it: %s", output)
			}
		})
	}
}

// half is the body, cut off. Half a form is a form, so one is cut within what
// stands for a character.
func (c *webhookCase) half() string {
	call := c.call(c.body)
	text := string(c.body[:len(c.body)/2])
	if strings.HasPrefix(strings.ToLower(abi.HeaderValue(call.Headers, "Content-Type")), "application/x-www-form-urlencoded") {
		return text + "%"
	}
	return text
}
