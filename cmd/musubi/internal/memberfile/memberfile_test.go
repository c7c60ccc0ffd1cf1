package memberfile

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMappingNamesEveryFault(t *testing.T) {
	for _, c := range []struct{ name, mapping, en, ja string }{
		{
			"nothing at all", "kind: customer",
			"connection is missing: the cart or channel that the file comes from\ncolumns: id is missing",
			"connection に、ファイルの元のカートまたはチャネルの接続を書いてください\ncolumns に id がありません",
		},
		{
			"another kind", "{connection: shop, kind: customers}",
			`kind must be customer, order, subscription or contact, not "customers"`,
			"kind は customer、order、subscription、contact のどれかです(「customers」ではなく)",
		},
		{
			"a misspelt field", "{connection: shop, kind: customer, columns: {id: ID, emial: Mail}}",
			`a customer has no field "emial": did you mean "email"?`,
			"customer に「emial」という項目はありません。「email」ではありませんか?",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadMapping([]byte(c.mapping))
			wantFault(t, err, c.en, c.ja)
		})
	}
}

func TestColumnsThatTheFileLacksAreNamedInOrder(t *testing.T) {
	m := mapping(t, "{connection: shop, kind: customer, columns: {id: 番号, phone: 電話, email: メール}}")
	_, err := Open(strings.NewReader("番号,氏名\n"), m)
	wantFault(t, err,
		"columns: email: the file has no column \"メール\"; it has 番号, 氏名\ncolumns: phone: the file has no column \"電話\"; it has 番号, 氏名",
		"columns: email: ファイルに「メール」という列はありません。ある列: 番号, 氏名\ncolumns: phone: ファイルに「電話」という列はありません。ある列: 番号, 氏名")
}

func TestCellsAreReadAsPeopleWriteThem(t *testing.T) {
	const columns = "{id: n, total: t, times: c, ordered_at: [d, h], item.quantity: q}"
	for _, c := range []struct{ name, row, data, ja string }{
		{"with units, full-width", "1,\"￥1,200円\",３回,2025/02/11,21:03,２個", `{"id":"1","items":[{"quantity":2}],"ordered_at":"2025-02-11T21:03:00+09:00","times":3,"total":{"amount":1200,"currency":"JPY"}}`, ""},
		{"with the yen sign of CP932", "1,\"\\1,200\",,,,", `{"id":"1","total":{"amount":1200,"currency":"JPY"}}`, ""},
		{"no number", "1,,x,,,", "", "times: 「x」は整数ではありません"},
		{"no amount", "1,abc,,,,", "", "total: 「abc」は金額(JPY)として読めません"},
		{"no time", "1,,,soon,,", "", "ordered_at: 「soon」は日時として読めません"},
		{"no id", ",,,,,", "", "id が空です"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Open(strings.NewReader("n,t,c,d,h,q\n"+c.row+"\n"), mapping(t, "{connection: shop, kind: order, columns: "+columns+"}"))
			if err != nil {
				t.Fatal(err)
			}
			rows := slices.Collect(f.Rows())
			if len(rows) != 1 {
				t.Fatalf("%d rows", len(rows))
			}
			if got := string(rows[0].Fact.Data); got != c.data {
				t.Errorf("data %s\nwant %s", got, c.data)
			}
			if fault, _ := errors.AsType[*Fault](rows[0].Err); c.ja != "" && (fault == nil || fault.Text().JA != c.ja) {
				t.Errorf("fault %v, want %s", fault, c.ja)
			}
		})
	}
}

// TestARowThatIsNotAsTheHeadingsSayIsRefused expects no shifted cell, and none
// that swallowed further rows, to be taken for a value.
func TestARowThatIsNotAsTheHeadingsSayIsRefused(t *testing.T) {
	const order = "{connection: shop, kind: order, columns: {id: n, email: m, item.name: i}}"
	for _, c := range []struct {
		name, rows string
		good       int
		ja         string
	}{
		{"a comma in a cell", "1,a@example.com,towel, red,memo\n2,b@example.com,soap,\n", 1, "見出しは4列ですが、5列目以降に値があります。値の中のコンマを引用符で囲んでください"},
		{"commas at the end", "1,a@example.com,towel,memo,,\n", 1, ""},
		{"a quotation mark that the next row closes", "1,a@example.com,towel,\"memo\n2,b@example.com,soap,\"memo\"\n3,c@example.com,oil,\n", 1, "閉じていない引用符(\")があり、次の行以降が1つの値になっています"},
		{"a quotation mark that nothing closes", "1,\"a@example.com,towel,memo\n2,b@example.com,soap,\n", 0, "閉じていない引用符(\")があり、次の行以降が1つの値になっています"},
		{"a cell of two lines", "1,a@example.com,\"towel\nred\",memo\n", 1, ""},
		{"inches", "1,a@example.com,towel 5\" wide,memo\n2,b@example.com,soap,\n", 2, ""},
		{"a further line of an order", "1,a@example.com,towel,\n1,a@example.com,soap, white,memo\n", 0, "見出しは4列ですが、5列目以降に値があります。値の中のコンマを引用符で囲んでください"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Open(strings.NewReader("n,m,i,memo\n"+c.rows), mapping(t, order))
			if err != nil {
				t.Fatal(err)
			}
			good, said := 0, ""
			for row := range f.Rows() {
				if fault, is := errors.AsType[*Fault](row.Err); is {
					said = fault.Text().JA
				} else {
					good++
				}
			}
			if good != c.good || said != c.ja {
				t.Errorf("%d rows are good and %q is said, want %d and %q", good, said, c.good, c.ja)
			}
		})
	}
}

// TestWhatASpreadsheetMadeOfNumbers expects a number of telephone that was saved as
// an amount to be what it was, and nothing to be guessed where digits are lost.
func TestWhatASpreadsheetMadeOfNumbers(t *testing.T) {
	for cells, want := range map[string]string{
		"1,9012345678":    `{"id":"1","phone":"09012345678"}`,
		"1,312345678":     `{"id":"1","phone":"0312345678"}`,
		"1,819012345678":  `{"id":"1","phone":"+819012345678"}`,
		"1,81312345678":   `{"id":"1","phone":"+81312345678"}`,
		"1,090-1234-5678": `{"id":"1","phone":"090-1234-5678"}`,
		"1,+12125551234":  `{"id":"1","phone":"+12125551234"}`,
		"1,2125551234":    `{"id":"1","phone":"2125551234"}`,
		"1,9.01E+09":      "phone: 「9.01E+09」は表計算ソフトが桁を省いた数です。列を文字列にして書き出してください",
		"1.23457E+11,":    "id: 「1.23457E+11」は表計算ソフトが桁を省いた数です。列を文字列にして書き出してください",
		"１．２E+11,":        "id: 「１．２E+11」は表計算ソフトが桁を省いた数です。列を文字列にして書き出してください",
	} {
		f, err := Open(strings.NewReader("n,t\n"+cells+"\n"), mapping(t, "{connection: shop, kind: customer, columns: {id: n, phone: t}}"))
		if err != nil {
			t.Fatal(err)
		}
		for row := range f.Rows() {
			got := string(row.Fact.Data)
			if fault, is := errors.AsType[*Fault](row.Err); is {
				got = fault.Text().JA
			}
			if got != want {
				t.Errorf("%s: got %s, want %s", cells, got, want)
			}
		}
	}
}

func mapping(t *testing.T, text string) *Mapping {
	t.Helper()
	m, err := ReadMapping([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func wantFault(t *testing.T, err error, en, ja string) {
	t.Helper()
	fault, ok := errors.AsType[*Fault](err)
	if !ok {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff([]string{en, ja}, []string{fault.Error(), fault.Text().JA}); diff != "" {
		t.Error(diff)
	}
}
