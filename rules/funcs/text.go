package funcs

import (
	"strings"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"golang.org/x/text/unicode/norm"

	"github.com/musubi-run/musubi/sdk/jp"
)

func textFunctions() []Function {
	return group("Text", "文字",
		Function{
			Name: "narrow", Doc: doc("full-width letters, digits and blanks become half-width, half-width katakana full-width", "全角の英数字・記号・空白を半角に、半角カナを全角にする"),
			Example: `'Ｎｏ．１２　ｶﾅ'.narrow()`, Result: `"No.12 カナ"`, options: []cel.EnvOption{onText("narrow", jp.Narrow)},
		},
		Function{
			Name: "nfkc", Doc: doc("Unicode's NFKC form", "UnicodeのNFKC正規化"),
			Example: `'①㈱ｶﾞ'.nfkc()`, Result: `"1(株)ガ"`, options: []cel.EnvOption{onText("nfkc", norm.NFKC.String)},
		},
		Function{
			Name: "katakana", Doc: doc("hiragana become katakana", "ひらがなをカタカナにする"),
			Example: `'やまだ はなこ'.katakana()`, Result: `"ヤマダ ハナコ"`, options: []cel.EnvOption{onText("katakana", jp.Katakana)},
		},
		Function{
			Name: "hiragana", Doc: doc("katakana become hiragana", "カタカナをひらがなにする"),
			Example: `'ヤマダ ハナコ'.hiragana()`, Result: `"やまだ はなこ"`, options: []cel.EnvOption{onText("hiragana", jp.Hiragana)},
		},
		Function{
			Name: "lower", Doc: doc("small letters", "小文字にする"),
			Example: `'ABC-É'.lower()`, Result: `"abc-é"`, options: []cel.EnvOption{onText("lower", strings.ToLower)},
		},
		Function{
			Name: "upper", Doc: doc("capital letters", "大文字にする"),
			Example: `'abc-é'.upper()`, Result: `"ABC-É"`, options: []cel.EnvOption{onText("upper", strings.ToUpper)},
		},
		Function{
			Name: "squeeze", Doc: doc("blanks at the ends go, blanks within become one", "前後の空白を取り、途中の連続した空白を1つにする"),
			Example: `'  山田　 花子 '.squeeze()`, Result: `"山田 花子"`, options: []cel.EnvOption{onText("squeeze", squeeze)},
		},
		Function{
			Name: "isBlank", Doc: doc("whether there is nothing but blanks", "空白だけ、または空か"),
			Example: `' 　'.isBlank()`, Result: `true`, options: []cel.EnvOption{check("isBlank", func(s string) bool { return strings.TrimSpace(s) == "" })},
		},
		Function{
			Name: "ifBlank", Doc: doc("another text where there is nothing but blanks", "空(または空白だけ)なら別の文字列"),
			Example: `'　'.ifBlank('お客様')`, Result: `"お客様"`, options: []cel.EnvOption{
				method("ifBlank", []*cel.Type{cel.StringType, cel.StringType}, cel.StringType, func(args ...ref.Val) ref.Val {
					if strings.TrimSpace(text(args[0])) == "" {
						return args[1]
					}
					return args[0]
				}),
			},
		},
		Function{
			Name: "filled", Doc: doc("the text if somebody filled it in: absent if it is missing or nothing but blanks", "入力された文字。無い、または空(空白だけ)なら無し"),
			Example: `{'phone': ' '}.?phone.filled().orValue('-')`, Result: `"-"`, options: []cel.EnvOption{filled()},
		},
		Function{
			Name: "left", Doc: doc("the first letters", "先頭からn文字"),
			Example: `'東京都渋谷区'.left(3)`, Result: `"東京都"`, options: []cel.EnvOption{ofLength("left", left)},
		},
		Function{
			Name: "right", Doc: doc("the last letters", "末尾からn文字"),
			Example: `'09012345678'.right(4)`, Result: `"5678"`, options: []cel.EnvOption{ofLength("right", right)},
		},
		Function{
			Name: "limit", Doc: doc("at most so many letters, the last one … if some are lost", "最大n文字。切ったときは最後を…にする"),
			Example: `'商品のお届けについて'.limit(6)`, Result: `"商品のお届…"`, options: []cel.EnvOption{ofLength("limit", limit)},
		},
		Function{
			Name: "padLeft", Doc: doc("filled up at the front", "先頭を埋めてn文字にする"),
			Example: `'42'.padLeft(6, '0')`, Result: `"000042"`, options: []cel.EnvOption{padLeft()},
		},
		Function{
			Name: "lines", Doc: doc("the lines of a text", "行に分ける"),
			Example: `'a\nb'.lines()`, Result: `["a","b"]`,
			options: []cel.EnvOption{method("lines", []*cel.Type{cel.StringType}, cel.ListType(cel.StringType), func(args ...ref.Val) ref.Val {
				return texts(strings.Split(strings.ReplaceAll(text(args[0]), "\r\n", "\n"), "\n")...)
			})},
		},
	)
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// ofLength declares a method of text that takes a number of letters.
func ofLength(name string, f func(s []rune, n int) string) cel.EnvOption {
	return method(name, []*cel.Type{cel.StringType, cel.IntType}, cel.StringType, func(args ...ref.Val) ref.Val {
		runes := []rune(text(args[0]))
		n := min(max(number(args[1]), 0), int64(len(runes)))
		return types.String(f(runes, int(n)))
	})
}

func left(s []rune, n int) string  { return string(s[:n]) }
func right(s []rune, n int) string { return string(s[len(s)-n:]) }

func limit(s []rune, n int) string {
	if n >= len(s) || n == 0 {
		return string(s[:n])
	}
	return string(s[:n-1]) + "…"
}

// maxPadding is how long a text can be made by filling it up.
const maxPadding = 1000

func padLeft() cel.EnvOption {
	return method("padLeft", []*cel.Type{cel.StringType, cel.IntType, cel.StringType}, cel.StringType, func(args ...ref.Val) ref.Val {
		s, n, fill := text(args[0]), number(args[1]), text(args[2])
		if utf8.RuneCountInString(fill) != 1 {
			return fail(oneLetter, fill)
		}
		missing := min(n, maxPadding) - int64(utf8.RuneCountInString(s))
		if missing <= 0 {
			return types.String(s)
		}
		return types.String(strings.Repeat(fill, int(missing)) + s)
	})
}

// filled is a text, or one that may be absent, which is absent where it is blank.
func filled() cel.EnvOption {
	maybe := cel.OptionalType(cel.StringType)
	return cel.Function("filled",
		cel.MemberOverload("filled_optional", []*cel.Type{maybe}, maybe, cel.UnaryBinding(func(x ref.Val) ref.Val {
			if o, ok := x.(*types.Optional); ok && o.HasValue() {
				return ifFilled(o.GetValue())
			}
			return types.OptionalNone
		})),
		cel.MemberOverload("filled_string", []*cel.Type{cel.StringType}, maybe, cel.UnaryBinding(ifFilled)))
}

// ifFilled is x if it is a text that is not blank. A value of unknown data that
// is no text was filled in by somebody: it is a fault, and not left out.
func ifFilled(x ref.Val) ref.Val {
	switch s := x.(type) {
	case types.String:
		if strings.TrimSpace(string(s)) != "" {
			return types.OptionalOf(x)
		}
		return types.OptionalNone
	case types.Null:
		return types.OptionalNone
	default:
		return fail(filledNoText)
	}
}
