package main

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/soql"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestLiterals(t *testing.T) {
	for _, c := range []struct {
		value any
		kind  literalKind
		want  string
	}{
		{"O'Neil", guess, `'O\'Neil'`},
		{`\' OR Name != '`, guess, `'\\\' OR Name != \''`},
		{"a\nb\x01", guess, `'a\nb\u0001'`},
		{int64(450789469), guess, "450789469"},
		{4.50789469e+08, guess, "450789469"},
		{json.Number("123456789012345678901"), guess, "123456789012345678901"},
		{true, guess, "true"},
		{int64(9012345678), asText, "'9012345678'"},
		{"12.5", asNumber, "12.5"},
		{"true", asBoolean, "TRUE"},
		{"2026-11-02", asDate, "2026-11-02"},
		{"2026-11-02T09:00:00+09:00", asDateTime, "2026-11-02T00:00:00Z"},
		{"2026-11-02T00:00:00.000+0000", asDateTime, "2026-11-02T00:00:00Z"},
	} {
		got, err := literal("F", c.value, c.kind)
		if err != nil || got != c.want {
			t.Errorf("literal(%v, %s) = %s, %v; want %s", c.value, c.kind, got, err, c.want)
		}
	}
}

func TestLiteralsThatDoNotFit(t *testing.T) {
	for value, kind := range map[any]literalKind{
		"1 OR 1=1": asNumber, "0x10": asNumber, "NaN": asNumber, "maybe": asBoolean, "2026/11/02": asDate, "now": asDateTime, "x": unfilterable,
	} {
		if got, err := literal("F", value, kind); abi.KindOf(err) != abi.Invalid {
			t.Errorf("literal(%v, %s) = %s, %v; want an invalid one", value, kind, got, err)
		}
	}
	for _, value := range []any{[]any{"x"}, map[string]any{}} {
		if _, err := literal("F", value, guess); abi.KindOf(err) != abi.Invalid {
			t.Errorf("literal(%v): %v", value, err)
		}
	}
}

// FuzzQuote holds that whatever a customer's name is, the query means it and nothing else.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "山田 花子", "O'Neil", `\`, `\'`, "a\nb\r\t\b\f", "\x00\x7f", "' OR Name != '", `\u0027`, "%_"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		q, err := soql.Parse("SELECT Id FROM A WHERE B = " + quote(s))
		if err != nil {
			t.Fatalf("quote(%q) = %s: %v", s, quote(s), err)
		}
		c, ok := q.Where.(soql.Compare)
		if !ok || c.Values[0].Text != s {
			t.Errorf("quote(%q) means %+v", s, q.Where)
		}
	})
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"Account": true, "Mail__c": true, "Account.Owner.Name": true, "EC_Customer__c": true,
		"": false, "1x": false, "_x": false, "a.": false, ".a": false, "a b": false, "a'": false, "名前": false, "a--": false,
	} {
		if got := checkName("field", name) == nil; got != want {
			t.Errorf("checkName(%q) passes: %v", name, got)
		}
	}
}
