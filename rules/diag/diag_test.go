package diag

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

func TestParseLang(t *testing.T) {
	for env, want := range map[string]Lang{
		"ja": Japanese, "ja_JP.UTF-8": Japanese, "ja-JP": Japanese, "JA": Japanese, "ja.utf8": Japanese,
		"en_US.UTF-8": English, "": English, "C": English, "jav": English,
	} {
		if got := ParseLang(env); got != want {
			t.Errorf("%q: got %s, want %s", env, got, want)
		}
	}
}

func TestClosest(t *testing.T) {
	names := []string{"email", "full_name", "customer_id", "id", "phone"}
	for name, want := range map[string]string{
		"emial": "email", "Email": "email", "fullname": "full_name", "customerId": "customer_id",
		"phoen": "phone", "weight": "", "x": "", "": "", "ids": "id",
	} {
		if got := Closest(name, names); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// TestCaretStandsUnderItsPlace compares columns as a terminal shows them.
func TestCaretStandsUnderItsPlace(t *testing.T) {
	cases := []struct {
		source      string
		column, end int
		caret       string
	}{
		{"abc", 2, 3, " ^"},
		{"title: 顧客の更新", 10, 12, strings.Repeat(" ", 11) + "^~~~"},
		{"ｶﾅ: x", 5, 6, "    ^"},
		{"か\u3099: x", 5, 6, "    ^"},
		{"\tabc", 2, 5, "\t^~~"},
		{"abc", 4, 4, "   ^"},
		{"abc", 9, 12, "   ^"},
	}
	for _, c := range cases {
		p := Problem{Source: c.source, Column: c.column, EndColumn: c.end}
		if got := p.caret(); got != c.caret {
			t.Errorf("%q at %d: got %q, want %q", c.source, c.column, got, c.caret)
		}
	}
}

func TestProblemsAreSortedAndSaidOnce(t *testing.T) {
	p := Problems{{File: "b", Line: 1}, {File: "a", Line: 2}, {File: "a", Line: 1, Column: 3}, {File: "a", Line: 2}}
	p.Sort()
	if len(p) != 3 || p[0].Column != 3 || p[2].File != "b" {
		t.Errorf("got %+v", p)
	}
	p[0].Message = abi.Text{EN: "wrong"}
	if got, want := p.Error(), "a:1:3: wrong (and 2 more)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestArgumentsAreSaidInEachLanguage(t *testing.T) {
	kind := Kind{EN: "%[2]s is %[1]s", JA: "%[1]sは%[2]s"}
	got := kind.Text(abi.Text{EN: "text", JA: "文字"}, "x")
	if want := (abi.Text{EN: "x is text", JA: "文字はx"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
