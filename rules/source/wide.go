package source

import (
	"regexp"
	"strings"
	"unicode"
)

// wideDashes are the signs that a Japanese keyboard or a word processor produces for the dash of an item.
const wideDashes = "ー－−—–―‐‑─ｰ"

var (
	wideDashItem = regexp.MustCompile(`^([` + wideDashes + `])(?:[\s\x{3000}]+|[a-z_]+:(?:\s|$))`)
	wideDashGap  = regexp.MustCompile(`^-[ \t]*([\x{3000}\x{00a0}][\s\x{3000}\x{00a0}]*)`)
)

// dashSlip finds an item that begins with another sign than a half-width dash and a half-width space.
func dashSlip(r *Report, l *line) bool {
	body := l.text(l.body, len(l.runes))
	if wideDashItem.MatchString(body) {
		l.wideDash(r)
		return true
	}
	if m := wideDashGap.FindStringSubmatch(body); m != nil {
		gap := len([]rune(m[1]))
		end := l.body + len([]rune(m[0]))
		r.AddFix(l.span(end-gap, end), l.span(l.body, end).Fix("- "), wideAfterDash)
		return true
	}
	return false
}

// wideDash reports the sign at the beginning of the line's body, which should be a dash.
func (l *line) wideDash(r *Report) {
	end := l.skip(l.body+1, " \t\u3000\u00a0")
	r.AddFix(l.span(l.body, l.body+1), l.span(l.body, end).Fix("- "), wideDashSign, string(l.at(l.body)))
}

// wideFlowSlip finds full-width signs that were meant as the braces, brackets,
// commas and colons of YAML. Those of a text are left alone.
func wideFlowSlip(r *Report, l *line) bool {
	if !strings.ContainsRune("{[｛［", l.at(l.value)) {
		return false
	}
	f := &flowLine{line: l, first: -1, starting: true, item: l.value}
	for i := l.value; i < l.end; {
		next := f.step(i)
		if next < 0 {
			return false
		}
		i = next
	}
	if f.first < 0 {
		return false
	}
	sign := l.at(f.first)
	r.AddFix(l.span(f.first, f.first+1), l.span(l.value, l.end).Fix(strings.TrimRight(f.fixed.String(), " ")), wideSign, string(sign), wideSigns[sign])
	return true
}

// wideSigns are full-width signs with what YAML has instead.
var wideSigns = map[rune]string{'｛': "{", '｝': "}", '［': "[", '］': "]", '，': ",", '、': ",", '：': ":"}

// flowLine puts a line with braces right, sign by sign.
type flowLine struct {
	*line
	fixed strings.Builder
	// first is where the first wrong sign stands, -1 for nowhere; item where the current item begins.
	first, item int
	// open says of each open bracket whether it was a full-width one.
	open []bool
	// starting says that a value or a key begins here.
	starting bool
}

// step takes the sign at i and returns where the next one stands, -1 for a quote that is not closed.
func (f *flowLine) step(i int) int {
	c := f.at(i)
	if f.starting && (c == '"' || c == '\'') {
		end := f.closingQuote(i)
		if end < 0 {
			return -1
		}
		f.fixed.WriteString(f.text(i, end+1))
		f.starting = false
		return end + 1
	}
	next := i + 1
	sign, wrong := wideSigns[c], f.wrong(i)
	switch {
	case !wrong:
		sign = string(c)
	case f.first < 0:
		f.first = i
	}
	f.fixed.WriteString(sign)
	if wrong && (sign == "," || sign == ":") {
		f.fixed.WriteByte(' ')
		next = f.skip(next, " \t\u3000")
	}
	f.follow(sign, wrong, next)
	return next
}

// follow notes what a sign opens, closes or begins.
func (f *flowLine) follow(sign string, wrong bool, next int) {
	switch sign {
	case "{", "[":
		f.open = append(f.open, wrong)
		f.starting, f.item = true, next
	case "}", "]":
		f.open = f.open[:max(len(f.open)-1, 0)]
		f.starting = false
	case ",":
		f.starting, f.item = true, next
	case ":":
		f.starting = wrong || isBlank(f.at(next))
	case " ", "\t":
	default:
		f.starting = false
	}
}

// wrong says whether the sign at i is a full-width one that was meant for YAML.
func (f *flowLine) wrong(i int) bool {
	inside := len(f.open) > 0
	switch f.at(i) {
	case '｛':
		return f.starting && f.keyFollows(i+1)
	case '［':
		return f.starting && (inside || f.listFollows(i))
	case '｝', '］':
		after := f.skip(i+1, " \t\u3000")
		return inside && (after >= f.end || strings.ContainsRune(",，、}｝]］", f.at(after)))
	case '，', '、':
		return inside && (f.open[len(f.open)-1] || f.keyFollows(i+1))
	case '：':
		return inside && isKey(strings.TrimSpace(f.text(f.item, i)))
	}
	return false
}

// keyFollows says whether a key with its colon stands at i.
func (f *flowLine) keyFollows(i int) bool {
	i = f.skip(i, " \t\u3000")
	from := i
	for i < f.end && isKeyRune(f.at(i)) {
		i++
	}
	return i > from && (f.at(i) == '：' || f.at(i) == ':' && isBlank(f.at(i+1)))
}

// listFollows says whether what begins at i and fills the line looks like a list.
func (f *flowLine) listFollows(i int) bool {
	return strings.ContainsRune("］]", f.at(f.end-1)) && strings.ContainsAny(f.text(i, f.end), ",，、")
}

func isKey(text string) bool {
	return text != "" && strings.IndexFunc(text, func(r rune) bool { return !isKeyRune(r) }) < 0
}

func isKeyRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_.-", r)
}
