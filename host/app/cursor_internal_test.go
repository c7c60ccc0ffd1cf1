package app

import (
	"encoding/json"
	"testing"
)

func TestACursorThatNoPollCanReadIsRefused(t *testing.T) {
	const at = `{"mark":"2026-01-02T00:00:00+09:00"}`
	for _, c := range []struct {
		saved, next string
		fine        bool
	}{
		{"", at, true},
		{"", "null", true},
		{at, " null", true},
		{at, at, true},
		{"", `{"mark":"昨日"}`, false},
		{at, `{"mark":"2026-01-02"}`, false},
		{at, `{"mark":null}`, false},
		{at, `{"mrak":"2026-01-02T00:00:00+09:00"}`, false},
		{at, `"2026-01-02T00:00:00+09:00"`, false},
		{"", `{"after":5}`, true}, // another form, of which the host knows nothing
		{`{"after":4}`, `"page-2"`, true},
		{`{"mark":17}`, `{"mark":12}`, true},
	} {
		if err := checkMark(json.RawMessage(c.saved), json.RawMessage(c.next)); (err == nil) != c.fine {
			t.Errorf("%s after %s: %v", c.next, c.saved, err)
		}
	}
}
