package jp_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/musubi-run/musubi/sdk/jp"
)

func TestParseTime(t *testing.T) {
	const want = "2025-02-11T21:03:09+09:00"
	cases := map[string]string{
		"2025/02/11 21:03:09": want, "2025-02-11 21:03:09": want, "2025-02-11T21:03:09": want, "2025/2/11 21:3:9": want,
		"2025-02-11T12:03:09Z": "2025-02-11T12:03:09Z", "2025-02-11T21:03:09+09:00": want, "2025-02-11T21:03:09.000+0900": want,
		"2025-02-11 21:03:09 +0900": want, "2025年2月11日 21時03分09秒": want, "20250211210309": want, "２０２５／０２／１１　２１：０３：０９": want,
		"2025-02-11T21:03:09.25": "2025-02-11T21:03:09.25+09:00", "2025/02/11 21:03": "2025-02-11T21:03:00+09:00", "2025年2月11日21時03分": "2025-02-11T21:03:00+09:00",
		"2025/02/11": "2025-02-11T00:00:00+09:00", "2025年2月11日": "2025-02-11T00:00:00+09:00", "20250211": "2025-02-11T00:00:00+09:00", " 2025-02-11 ": "2025-02-11T00:00:00+09:00",
		"2024-02-29": "2024-02-29T00:00:00+09:00",
		"":           "0001-01-01T00:00:00Z", "  ": "0001-01-01T00:00:00Z", "0000-00-00 00:00:00": "0001-01-01T00:00:00Z",
	}
	for text, want := range cases {
		got, err := jp.ParseTime(text)
		if err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: got %v, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "2025-02-30", "2025-13-01", "12:30", "2025-02-11 25:00:00", "20251"} {
		if got, err := jp.ParseTime(text); err == nil {
			t.Errorf("%q became %v", text, got)
		}
	}
}

func TestFormat(t *testing.T) {
	at := time.Date(2025, 2, 11, 20, 3, 9, 0, time.UTC)
	if got := jp.FormatTime(at) + "|" + jp.FormatDate(at) + "|" + jp.FormatTime(time.Time{}) + "|" + jp.FormatDate(time.Time{}); got != "2025-02-12 05:03:09|2025-02-12||" {
		t.Error(got)
	}
}

func TestWidthAndKana(t *testing.T) {
	cases := []struct {
		name   string
		change func(string) string
		in     string
		want   string
	}{
		{"full width", jp.Narrow, "　ＡＢＣ１２３－（）＠ ", "ABC123-()@"},
		{"half kana", jp.Narrow, "ﾔﾏﾀﾞ ﾊﾟﾅｺ｡ｳﾞｰ", "ヤマダ パナコ。ヴー"},
		{"mark alone", jp.Narrow, "ｱﾞ", "ア゛"},
		{"ascii", jp.Narrow, " plain ", "plain"},
		{"kanji", jp.Narrow, "山田", "山田"},
		{"to katakana", jp.Katakana, "やまだ はなこ ｻﾄｳゞ", "ヤマダ ハナコ サトウヾ"},
		{"to hiragana", jp.Hiragana, "ヤマダ ﾊﾅｺ ー", "やまだ はなこ ー"},
	}
	for _, c := range cases {
		if got := c.change(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// What Narrow folds, it folds as NFKC does; only sound marks that stand alone stay visible.
func TestNarrowAgreesWithNFKC(t *testing.T) {
	for r := rune('！'); r <= 'ﾝ'; r++ {
		if r == '｟' || r == '｠' {
			continue // brackets that no form has
		}
		if got, want := jp.Narrow(string(r)), norm.NFKC.String(string(r)); got != want {
			t.Errorf("%q: got %q, want %q", r, got, want)
		}
	}
	for _, base := range "ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ" {
		text := string(base) + "ﾞ"
		if got, want := jp.Narrow(text), norm.NFKC.String(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// Text from the names of a Mac's files, or out of a PDF, has its sound marks apart.
func TestSoundMarksThatStandApartAreJoined(t *testing.T) {
	const never = "わゐゑをゟワヰヱヲヿ" // nobody voices them
	for r := rune('ぁ'); r <= 'ヿ'; r++ {
		if strings.ContainsRune(never, r) || (r > 'ゖ' && r < 'ゝ') {
			continue
		}
		for _, mark := range []string{"\u3099", "\u309a"} {
			text := string(r) + mark + "ア"
			if got, want := jp.Narrow(text), norm.NFKC.String(text); got != want {
				t.Errorf("%+q: got %+q, want %+q", text, got, want)
			}
		}
	}
	if got := jp.Katakana("か\u3099は\u309aう\u3099"); got != "ガパヴ" {
		t.Errorf("got %q", got)
	}
}

func TestSplitName(t *testing.T) {
	cases := map[string][2]string{
		"山田 花子": {"山田", "花子"}, "山田　花子": {"山田", "花子"}, " 山田  花子 Ann ": {"山田", "花子 Ann"}, "山田花子": {"山田花子", ""}, "": {},
	}
	for full, want := range cases {
		if last, first := jp.SplitName(full); last != want[0] || first != want[1] {
			t.Errorf("%q: got %q, %q", full, last, first)
		}
	}
}

func TestPhone(t *testing.T) {
	cases := []struct{ in, digits, e164, split string }{
		{"090-1111-2222", "09011112222", "+819011112222", "090-1111-2222"},
		{"+81 90-1111-2222", "09011112222", "+819011112222", "090-1111-2222"},
		{"(+81) 90-1111-2222", "09011112222", "+819011112222", "090-1111-2222"},
		{"TEL：＋81-3-1234-5678", "0312345678", "+81312345678", "03-1234-5678"},
		{"(+1) 212 555 0100", "+12125550100", "+12125550100", ""},
		{"090-1111-2222 (+81)", "0901111222281", "", ""},
		{"+81 (0)90 1111 2222", "09011112222", "+819011112222", "090-1111-2222"},
		{"０９０（１１１１）２２２２", "09011112222", "+819011112222", "090-1111-2222"},
		{"0312345678", "0312345678", "+81312345678", "03-1234-5678"},
		{"0612345678", "0612345678", "+81612345678", "06-1234-5678"},
		{"0452345678", "0452345678", "+81452345678", "045-234-5678"},
		{"0466234567", "0466234567", "+81466234567", "0466-23-4567"},
		{"0471234567", "0471234567", "+81471234567", "04-7123-4567"},
		{"0126723456", "0126723456", "+81126723456", "01267-2-3456"},
		{"0120111222", "0120111222", "+81120111222", "0120-111-222"},
		{"08001112222", "08001112222", "+818001112222", "0800-111-2222"},
		{"05012345678", "05012345678", "+815012345678", "050-1234-5678"},
		{"0422-21-3456", "0422213456", "+81422213456", "0422-21-3456"},
		{"098-866-1234", "0988661234", "+81988661234", "098-866-1234"},
		{"+1 212 555 0100", "+12125550100", "+12125550100", ""},
	}
	for _, c := range cases {
		e164, err := jp.E164(c.in)
		if got := jp.Phone(c.in); got != c.digits || e164 != c.e164 || (err == nil) != (c.e164 != "") {
			t.Errorf("%q: got %q, %q, %v", c.in, got, e164, err)
		}
		a, b, d := jp.SplitPhone(c.in)
		if got := a + "-" + b + "-" + d; c.split != "" && got != c.split {
			t.Errorf("%q: split %q, want %q", c.in, got, c.split)
		}
	}
	for _, text := range []string{"", "110", "12345678901", "0001112222", "電話なし"} {
		if got, err := jp.E164(text); err == nil {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func FuzzSplitPhoneKeepsTheDigits(f *testing.F) {
	f.Add("0312345678")
	f.Add("０１２")
	f.Fuzz(func(t *testing.T, text string) {
		a, b, c := jp.SplitPhone(text)
		if a+b+c != jp.Phone(text) {
			t.Errorf("%q: %q %q %q", text, a, b, c)
		}
	})
}

func TestPostcode(t *testing.T) {
	for _, text := range []string{"1500001", "150-0001", "〒１５０－０００１"} {
		first, second, err := jp.SplitPostcode(text)
		if err != nil || first != "150" || second != "0001" || jp.FormatPostcode(text) != "150-0001" {
			t.Errorf("%q: %q, %q, %v", text, first, second, err)
		}
	}
	if _, _, err := jp.SplitPostcode("90210"); err == nil || jp.FormatPostcode("90210") != "90210" {
		t.Errorf("90210: %v", err)
	}
}

func TestPrefectures(t *testing.T) {
	for number := 1; number <= 47; number++ {
		name := jp.Prefecture(number)
		if jp.PrefectureNumber(name) != number {
			t.Errorf("%d is %q, which is %d", number, name, jp.PrefectureNumber(name))
		}
	}
	cases := map[string]int{"東京都": 13, "東京": 13, "北海道": 1, "京都": 26, "京都府": 26, "大阪": 27, "沖縄県": 47, "北海": 0, "": 0, "都": 0}
	for name, want := range cases {
		if got := jp.PrefectureNumber(name); got != want {
			t.Errorf("%q: got %d, want %d", name, got, want)
		}
	}
	if jp.Prefecture(0)+jp.Prefecture(48)+jp.Prefecture(-1) != "" {
		t.Error("numbers out of range have names")
	}
}

func TestSplitAddress(t *testing.T) {
	cases := map[string]int{"東京都渋谷区神宮前1-2-3": 13, "京都府 京都市": 26, "神奈川県横浜市": 14, "渋谷区": 0}
	for address, want := range cases {
		number, rest := jp.SplitAddress(address)
		if number != want || !strings.HasSuffix(address, rest) || (want > 0 && strings.HasPrefix(rest, jp.Prefecture(want))) {
			t.Errorf("%q: got %d, %q", address, number, rest)
		}
	}
}
