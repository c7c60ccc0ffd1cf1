package commerce_test

import (
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
)

func TestMoney(t *testing.T) {
	cases := []struct {
		text, currency string
		amount         int64
		decimal        string
	}{
		{"1200", "JPY", 1200, "1200"},
		{"1200.00", "jpy", 1200, "1200"},
		{"-500", "JPY", -500, "-500"},
		{"0", "JPY", 0, "0"},
		{"12.5", "USD", 1250, "12.50"},
		{"12", "USD", 1200, "12.00"},
		{"-0.05", "USD", -5, "-0.05"},
		{"0.050", "USD", 5, "0.05"},
		{"1.2345", "KWD", 0, ""},
		{"1.234", "KWD", 1234, "1.234"},
		{"90071992547409.93", "USD", 9007199254740993, "90071992547409.93"},
		{" 5 ", "EUR", 500, "5.00"},
		{"1.5", "JPY", 0, ""},
		{"", "JPY", 0, ""},
		{"1,200", "JPY", 0, ""},
		{"1e3", "JPY", 0, ""},
		{"1.2.3", "USD", 0, ""},
		{".5", "USD", 0, ""},
		{"+-5", "USD", 0, ""},
		{"99999999999999999999", "JPY", 0, ""},
		{"1.-5", "USD", 0, ""},
	}
	for _, c := range cases {
		got, err := commerce.ParseMoney(c.text, c.currency)
		if (err != nil) != (c.decimal == "") {
			t.Errorf("%q %s: got %+v, %v", c.text, c.currency, got, err)
			continue
		}
		if err == nil && (got.Amount != c.amount || got.Decimal() != c.decimal) {
			t.Errorf("%q %s: got %+v, written %s", c.text, c.currency, got, got.Decimal())
		}
	}
	if got := *commerce.Yen(5); got != (commerce.Money{Amount: 5, Currency: "JPY"}) {
		t.Errorf("%+v", got)
	}
}

func TestDateOf(t *testing.T) {
	at := time.Date(2025, 2, 11, 23, 0, 0, 0, time.FixedZone("JST", 9*3600))
	if got := commerce.DateOf(at) + commerce.DateOf(time.Time{}); got != "2025-02-11" {
		t.Errorf("got %q", got)
	}
}

func TestStatusWords(t *testing.T) {
	words := commerce.StatusWords{"active": commerce.Active, "3": commerce.Cancelled, "解約": commerce.Cancelled, "停止": commerce.Paused}
	if got := words.Status("\u3000解約 ", nil); got != commerce.Cancelled {
		t.Errorf("blanks around a word: got %q", got)
	}
	own := map[string]commerce.Status{"ＦＡＩＬＥＤ": commerce.Paused, "停止": commerce.Cancelled}
	for word, want := range map[string]commerce.Status{
		"ACTIVE": commerce.Active, "３": commerce.Cancelled, "failed": commerce.Paused,
		"停止": commerce.Cancelled, "停止予定": "", "解約申請中": "", "未解約": "", "": "",
	} {
		if got := words.Status(word, own); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestOverall(t *testing.T) {
	for want, statuses := range map[commerce.Status][]commerce.Status{
		commerce.Active:    {commerce.Cancelled, commerce.Active, commerce.Paused},
		commerce.Paused:    {"", commerce.Paused, commerce.Cancelled},
		commerce.Cancelled: {commerce.Cancelled, ""},
		"":                 {""},
	} {
		var all []commerce.Subscription
		for _, status := range statuses {
			all = append(all, commerce.Subscription{Status: status})
		}
		if got := commerce.Overall(all); got != want {
			t.Errorf("%q: got %q, want %q", statuses, got, want)
		}
	}
}
