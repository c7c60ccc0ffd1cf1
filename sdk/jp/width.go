package jp

import "strings"

// Narrow folds text the way NFKC does for what Japanese forms contain:
// full-width letters, digits, signs and blanks become ASCII, half-width
// katakana become full-width ones, sound marks that stand apart are joined to their kana. Blanks at both ends go.
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
	voiced     = "カキクケコサシスセソタチツテトハヒフヘホウヽ"
	voicedForm = "ガギグゲゴザジズゼゾダヂヅデドバビブベボヴヾ"
	popped     = "ハヒフヘホ"
	poppedForm = "パピプペポ"
	// toKatakana is how far a katakana stands behind its hiragana.
	toKatakana = 'ァ' - 'ぁ'
)

// joinMark returns the one rune that a kana and a sound mark make. The marks of
// half width belong to kana of half width, those that combine to any.
func joinMark(kana, mark rune) (rune, bool) {
	half := kana >= 'ｦ' && kana <= 'ﾝ'
	shift := rune(0)
	if kana >= 'ぁ' && kana <= 'ゝ' {
		shift = toKatakana
	}
	from, to := voiced, voicedForm
	switch {
	case mark == '\u3099', half && mark == 'ﾞ':
	case mark == '\u309a', half && mark == 'ﾟ':
		from, to = popped, poppedForm
	default:
		return 0, false
	}
	joined, ok := counterpart(fold(kana)+shift, from, to)
	return joined - shift, ok
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
			return r + toKatakana
		}
		return r
	}, Narrow(text))
}

// Hiragana returns text with katakana turned into hiragana, folded as [Narrow] does.
func Hiragana(text string) string {
	return strings.Map(func(r rune) rune {
		if (r >= 'ァ' && r <= 'ヶ') || r == 'ヽ' || r == 'ヾ' {
			return r - toKatakana
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
