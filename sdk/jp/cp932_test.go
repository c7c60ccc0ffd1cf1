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
