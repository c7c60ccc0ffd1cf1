package expr

import (
	"regexp"
	"strings"
	"unicode"
)

// numberSlip finds numbers as people write them in a letter: a day without
// quotes, commas between thousands, a unit behind.
func numberSlip(tokens []token) (Fault, bool) {
	depth := 0
	for i, t := range tokens {
		depth += nesting(t)
		behindOp := i > 0 && tokens[i-1].kind == tokenOp
		if f, found := wideWithUnit(t); found && behindOp {
			return f, true
		}
		if t.kind != tokenNumber {
			continue
		}
		if f, found := bareDay(tokens[i:]); found {
			return f, true
		}
		if f, found := withUnit(tokens[i:]); found && behindOp {
			return f, true
		}
		if f, found := grouped(tokens[i:]); found && depth == 0 {
			return f, true
		}
	}
	return Fault{}, false
}

// tight returns as many tokens as stand without blanks between them, at most n.
func tight(tokens []token, n int) []token {
	for i := range min(n, len(tokens)) {
		if i > 0 && tokens[i].from != tokens[i-1].to {
			return tokens[:i]
		}
	}
	return tokens[:min(n, len(tokens))]
}

// bareDay handles 2026-01-02, which would be a subtraction, 2026/1/2 and 2026年1月2日.
func bareDay(tokens []token) (Fault, bool) {
	for _, n := range []int{5, 2} {
		some := tight(tokens, n)
		if len(some) < n {
			continue
		}
		if day, ok := dayOf(written(some)); ok {
			right := "date(" + quote(day) + ")"
			f := some[0].fault(unquotedDay, right).fix(some[0].from, some[n-1].to, right)
			f.To = some[n-1].to
			return f, true
		}
	}
	return Fault{}, false
}

var thousands = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+$`)

// grouped handles 1,000.
func grouped(tokens []token) (Fault, bool) {
	some := tight(tokens, len(tokens))
	end := 1
	for end+1 < len(some) && some[end].is(",") && some[end+1].kind == tokenNumber {
		end += 2
	}
	text := written(some[:end])
	if !thousands.MatchString(text) {
		return Fault{}, false
	}
	right := strings.ReplaceAll(text, ",", "")
	f := some[0].fault(groupedDigits, right).fix(some[0].from, some[end-1].to, right)
	f.To = some[end-1].to
	return f, true
}

// longestUnit is how many letters a unit has at the most, as 円以上; more are a sentence.
const longestUnit = 3

// withUnit handles 3回 and 3000円.
func withUnit(tokens []token) (Fault, bool) {
	some := tight(tokens, 2)
	if len(some) < 2 || some[1].kind != tokenOther || some[1].to-some[1].from > longestUnit ||
		!unicode.IsLetter([]rune(some[1].text)[0]) || narrow(some[1].text) != some[1].text {
		return Fault{}, false
	}
	number, unit := some[0], some[1]
	return unit.fault(numberWithUnit, number.text, unit.text).fix(unit.from, unit.to, ""), true
}

var wideNumber = regexp.MustCompile(`^([\x{ff10}-\x{ff19}]+)(\pL{1,3})$`)

// wideWithUnit handles ３０００円, which is one token.
func wideWithUnit(t token) (Fault, bool) {
	m := wideNumber.FindStringSubmatch(t.text)
	if m == nil || t.kind != tokenOther {
		return Fault{}, false
	}
	return t.fault(numberWithUnit, narrow(m[1]), m[2]).fix(t.from, t.to, narrow(m[1])), true
}
