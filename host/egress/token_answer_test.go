package egress_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

// TestATokenThatNoRequestCanCarryIsNotTaken: it would be kept, and each of its
// disguises looked for in every answer.
func TestATokenThatNoRequestCanCarryIsNotTaken(t *testing.T) {
	for name, answer := range map[string]map[string]string{
		"endless":            {"access_token": strings.Repeat("+/", 40<<10)},
		"lines":              {"access_token": "orders\ncustomers"},
		"control character":  {"access_token": "access-1\x00"},
		"endless to refresh": {"access_token": "access-1", "refresh_token": strings.Repeat("+/", 40<<10)},
		"lines to refresh":   {"access_token": "access-1", "refresh_token": "orders\ncustomers"},
	} {
		t.Run(name, func(t *testing.T) {
			l, o := newLogin(t)
			saved := &kept{rows: map[string][]byte{}}
			o.Tokens, o.Manifest.Auth = saved, []abi.AuthScheme{refreshToken}
			l.fail = func(w http.ResponseWriter, _ int) bool {
				_ = json.NewEncoder(w).Encode(answer)
				return true
			}
			err := refuses(t, newClient(t, o), get(l.URL), abi.Unavailable, "")
			if !strings.Contains(err.Message, "no request can carry") || len(err.Message) > 200 {
				t.Errorf("the error says %.300s", err.Message)
			}
			if n := l.calls.Load(); n != 0 || len(saved.rows) != 0 {
				t.Errorf("%d requests went out, %d tokens were kept", n, len(saved.rows))
			}
		})
	}
}
