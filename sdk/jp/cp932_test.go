package jp_test

import (
	"testing"

	"golang.org/x/text/encoding/japanese"

	"github.com/musubi-run/musubi/sdk/jp"
)

func TestFromCP932(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		"id,\"name\"\r\n":                    "id,\"name\"\r\n",
		"\x8e\x52\x93\x63 \x89\xd4\x8e\x71":  "山田 花子",
		"\xd4\xcf\xc0\xde":                   "ﾔﾏﾀﾞ",
		"\xfb\xfc\x8b\xb4 \xfa\xb1 \x87\x40": "髙橋 﨑 ①",
		"\x95\x5c\x8e\xa6,\x94\x5c":          "表示,能",
		"\x81\x60 \x81\x7c \\1,200":          "～ － \\1,200",
		"\xf0\x40,x":                         "\ufffd,x",
		"a\x8e":                              "a\ufffd",
		"\x8e,x":                             "\ufffd,x",
	} {
		if got := jp.FromCP932([]byte(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// FuzzFromCP932 compares with a reader that plugins cannot carry.
func FuzzFromCP932(f *testing.F) {
	f.Add([]byte("\x8e\x52\x93\x63\xfc\xfc\x80\xa0\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		want, err := japanese.ShiftJIS.NewDecoder().Bytes(text)
		if got := jp.FromCP932(text); err != nil || got != string(want) {
			t.Errorf("%x: got %q, want %q (%v)", text, got, want, err)
		}
	})
}

func TestFromCP932KnowsEveryCharacter(t *testing.T) {
	for first := range 256 {
		for second := range 256 {
			text := []byte{byte(first), byte(second)}
			want, err := japanese.ShiftJIS.NewDecoder().Bytes(text)
			if got := jp.FromCP932(text); err != nil || got != string(want) {
				t.Errorf("%x: got %q, want %q (%v)", text, got, want, err)
			}
		}
	}
}

func TestToCP932(t *testing.T) {
	for text, want := range map[string]string{
		"":           "",
		"山田 花子,\r\n": "\x8e\x52\x93\x63 \x89\xd4\x8e\x71,\r\n",
		"ﾔﾏﾀﾞ":       "\xd4\xcf\xc0\xde",
		"髙橋 﨑 ①":     "\xfb\xfc\x8b\xb4 \xfa\xb1 \x87\x40",
		"〜 − ¥1,200": "\x81\x60 \x81\x7c \\1,200",
	} {
		if got, err := jp.ToCP932(text); err != nil || string(got) != want {
			t.Errorf("%q: got %q, want %q (%v)", text, got, want, err)
		}
	}
	for text, want := range map[string]string{"𠮷野": `'𠮷' (U+20BB7) cannot be written in Shift_JIS`, "a\xff": `'�' (U+FFFD) cannot be written in Shift_JIS`} {
		if _, err := jp.ToCP932(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Every character is written as x/text does, but for those that are there twice
// and that Windows writes at the end, beginning with FA.
func TestToCP932KnowsEveryCharacter(t *testing.T) {
	for r := rune(0); r <= 0xffff; r++ {
		want, err := japanese.ShiftJIS.NewEncoder().String(string(r))
		got, fault := jp.ToCP932(string(r))
		switch {
		case err != nil && fault != nil:
		case err != nil: // what is alike
			if back := []rune(jp.FromCP932(got)); len(back) != 1 || back[0] == r {
				t.Errorf("%q: got %x", r, got)
			}
		case want[0] == 0xed || want[0] == 0xee:
			if len(got) != 2 || got[0] < 0xfa || jp.FromCP932(got) != string(r) {
				t.Errorf("%q: got %x", r, got)
			}
		case fault != nil || string(got) != want:
			t.Errorf("%q: got %x, want %x (%v)", r, got, want, fault)
		}
	}
}
