package jp

import "strings"

// Narrow folds text the way NFKC does for what Japanese forms contain:
// full-width letters, digits, signs and blanks become ASCII, half-width
// katakana become full-width ones with their sound marks joined. Blanks at both ends go.
func Narrow(text string) string {
	if isPlain(text) {
		return strings.TrimSpace(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if i+1 < len(runes) {
			if joined, ok := joinMark(r, runes[i+1]); ok {
				b.WriteRune(joined)
				i++
				continue
			}
		}
		b.WriteRune(fold(r))
	}
	return strings.TrimSpace(b.String())
}

func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// fold returns the ordinary form of one rune.
func fold(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '\u3000' || r == '\u00a0':
		return ' '
	case r >= '｡' && r <= 'ﾟ':
		return halfKana[r-'｡']
	case r == '￥':
		return '¥'
	default:
		return r
	}
}

// halfKana are the full-width forms of U+FF61 to U+FF9F, in order.
var halfKana = []rune("。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜")

const (
	voiced     = "カキクケコサシスセソタチツテトハヒフヘホウ"
	voicedForm = "ガギグゲゴザジズゼゾダヂヅデドバビブベボヴ"
	popped     = "ハヒフヘホ"
	poppedForm = "パピプペポ"
)

// joinMark returns the one rune that a half-width kana and a sound mark make.
func joinMark(kana, mark rune) (rune, bool) {
	if kana < 'ｦ' || kana > 'ﾝ' {
		return 0, false
	}
	switch mark {
	case 'ﾞ', '\u3099':
		return counterpart(fold(kana), voiced, voicedForm)
	case 'ﾟ', '\u309a':
		return counterpart(fold(kana), popped, poppedForm)
	}
	return 0, false
}

// counterpart returns the rune of to at the place where from has r.
func counterpart(r rune, from, to string) (rune, bool) {
	i := strings.IndexRune(from, r)
	if i < 0 {
		return 0, false
	}
	return []rune(to[i:])[0], true
}

// Katakana returns text with hiragana turned into katakana, folded as [Narrow] does.
func Katakana(text string) string {
	return strings.Map(func(r rune) rune {
		if (r >= 'ぁ' && r <= 'ゖ') || r == 'ゝ' || r == 'ゞ' {
			return r + 0x60
		}
		return r
	}, Narrow(text))
}

// Hiragana returns text with katakana turned into hiragana, folded as [Narrow] does.
func Hiragana(text string) string {
	return strings.Map(func(r rune) rune {
		if (r >= 'ァ' && r <= 'ヶ') || r == 'ヽ' || r == 'ヾ' {
			return r - 0x60
		}
		return r
	}, Narrow(text))
}

// SplitName splits a full name at its first blank into family name and given
// name. Without a blank all of it is the family name: where to cut is a guess.
func SplitName(full string) (last, first string) {
	last, first, _ = strings.Cut(strings.Join(strings.Fields(Narrow(full)), " "), " ")
	return last, first
}
