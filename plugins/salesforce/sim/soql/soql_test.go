package soql

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, query string) *Query {
	t.Helper()
	q, err := Parse(query)
	if err != nil {
		t.Fatalf("Parse(%q): %v", query, err)
	}
	return q
}

func TestParseReadsEveryClause(t *testing.T) {
	got := parse(t, `select Id, Account.Name from Order where (Status = 'Draft' or not TotalAmount > 10.5)
		and SystemModstamp >= 2026-11-02T01:00:00Z order by SystemModstamp asc, Id desc nulls last limit 5 offset 2`)
	want := &Query{
		Fields: []string{"Id", "Account.Name"}, From: "Order", Limit: 5, Offset: 2,
		Where: And{[]Expr{
			Or{[]Expr{
				Compare{"Status", Equal, []Literal{{Kind: String, Text: "Draft"}}},
				Not{Compare{"TotalAmount", Greater, []Literal{{Kind: Number, Number: 10.5}}}},
			}},
			Compare{"SystemModstamp", GreaterOrEqual, []Literal{{Kind: DateTime, Time: time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)}}},
		}},
		OrderBy: []Order{{Field: "SystemModstamp"}, {Field: "Id", Descending: true, NullsLast: true}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Pattern{}, part{})); diff != "" {
		t.Error(diff)
	}
}

func TestParseReadsEveryLiteral(t *testing.T) {
	q := parse(t, `SELECT COUNT() FROM Account WHERE A IN ('x', 1, -2.5, TRUE, false, NULL, 2026-11-01, 2026-11-01T09:00:00+09:00)`)
	want := []Literal{
		{Kind: String, Text: "x"},
		{Kind: Number, Number: 1},
		{Kind: Number, Number: -2.5},
		{Kind: Boolean, Bool: true},
		{Kind: Boolean},
		{Kind: Null},
		{Kind: Date, Text: "2026-11-01"},
		{Kind: DateTime, Time: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, q.Where.(Compare).Values, cmp.AllowUnexported(Pattern{}, part{})); diff != "" || !q.Count {
		t.Error(q.Count, diff)
	}
}

func TestStringEscapes(t *testing.T) {
	q := parse(t, `SELECT Id FROM A WHERE B = 'O\'Neil \\ \n\r\t\b\f\" \u82B1子'`)
	if got, want := q.Where.(Compare).Values[0].Text, "O'Neil \\ \n\r\t\b\f\" 花子"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMalformedQueries(t *testing.T) {
	for _, query := range []string{
		``, `SELECT`, `SELECT Id`, `SELECT FROM A`, `SELECT Id FROM A WHERE`, `SELECT Id FROM A WHERE B`,
		`SELECT Id FROM A WHERE B = 'x`, `SELECT Id FROM A WHERE B = 'O'Neil'`, `SELECT Id FROM A WHERE B = x`,
		`SELECT Id FROM A WHERE B = '\q'`, `SELECT Id FROM A WHERE B = '\%'`, `SELECT Id FROM A WHERE B = '\u12'`,
		`SELECT Id FROM A WHERE B = 2026-11-01T00:00:00 09:00`, `SELECT Id FROM A WHERE B IN ()`, `SELECT Id FROM A WHERE (B = 1`,
		`SELECT Id FROM A LIMIT 'x'`, `SELECT Id FROM A LIMIT -1`, `SELECT Id FROM A; DROP`, `SELECT Id FROM A WHERE B__c..C = 1`,
		`SELECT Id FROM A WHERE B = 1 C = 2`, `SELECT COUNT(), Id FROM A`, strings.Repeat("x", maxText+1),
	} {
		if q, err := Parse(query); err == nil {
			t.Errorf("Parse(%.60q) = %+v, want an error", query, q)
		}
	}
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{`yama%`, "YAMADA", true},
		{`%子`, "山田 花子", true},
		{`_田%`, "山田 花子", true},
		{`a%b%c`, "aXbYbZc", true},
		{`a%b`, "aXbc", false},
		{`100\%`, "100%", true},
		{`100\%`, "1000", false},
		{`a\_b`, "axb", false},
		{`%`, "", true},
		{``, "x", false},
	} {
		q := parse(t, `SELECT Id FROM A WHERE B LIKE '`+c.pattern+`'`)
		if got := q.Where.(Compare).Values[0].Pattern.Match(c.text); got != c.want {
			t.Errorf("%q LIKE %q = %v", c.text, c.pattern, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`SELECT Id, Account.Name FROM Contact WHERE Email LIKE 'a\_%' AND NOT (X IN (1, NULL)) ORDER BY Id LIMIT 1`)
	f.Add(`SELECT COUNT() FROM A WHERE B = '\u82B1'`)
	f.Fuzz(func(t *testing.T, query string) {
		if q, err := Parse(query); (q == nil) == (err == nil) {
			t.Errorf("Parse(%q) = %v, %v", query, q, err)
		}
	})
}
