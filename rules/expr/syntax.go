package expr

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
)

// syntaxFaults explains what the parser refused. The parser names a place;
// the words around it say more than its message does.
func syntaxFaults(text string, tokens []token, issues *cel.Issues) []Fault {
	first := issues.Errors()[0]
	end := tokens[len(tokens)-1].to
	at := offsetOf(text, first.Location.Line(), first.Location.Column())
	if len(text) > maxLength {
		return []Fault{faultAt(0, end, tooLongExpression)}
	}
	i := slices.IndexFunc(tokens, func(t token) bool { return at < t.to })
	if f, ok := ternaryFault(tokens); ok {
		return []Fault{f}
	}
	if i < 0 {
		return []Fault{faultAt(tokens[len(tokens)-1].from, end, endsTooEarly)}
	}
	if f, ok := macroFault(tokens, i); ok {
		return []Fault{f}
	}
	t := tokens[i]
	switch {
	case t.text == "in" && i+1 < len(tokens) && tokens[i+1].is("("):
		return []Fault{inFault(tokens, i)}
	case i > 0 && t.kind == tokenName && tokens[i-1].is("."):
		return []Fault{t.fault(reservedWord, t.text).fix(tokens[i-1].from, t.to, "["+quote(t.text)+"]")}
	case slices.Contains(reservedWords, t.text):
		return []Fault{t.fault(reservedWord, t.text)}
	case i > 0 && endsOperand(tokens[i-1]) && startsOperand(t):
		return []Fault{t.fault(operatorMissing, tokens[i-1].text, t.text)}
	default:
		return []Fault{t.fault(unexpectedWord, t.text)}
	}
}

// inFault explains `in` that is written like a function. x.in(y) is x in (y).
func inFault(tokens []token, i int) Fault {
	f := tokens[i].fault(inIsNoFunction)
	if i > 0 && tokens[i-1].is(".") {
		return f.fix(tokens[i-1].from, tokens[i].to, " in ")
	}
	return f
}

// offsetOf returns how many runes stand before a line and column of the text.
func offsetOf(text string, line, column int) int {
	offset := column
	for n, l := range strings.Split(text, "\n") {
		if n+1 >= line {
			break
		}
		offset += utf8.RuneCountInString(l) + 1
	}
	return offset
}

// macroFault handles items.exists(x.y, …): the first argument must be a new name.
func macroFault(tokens []token, i int) (Fault, bool) {
	depth := 0
	for j := min(i, len(tokens)-1); j > 0; j-- {
		depth += nesting(tokens[j])
		if depth != 1 || !tokens[j].is("(") {
			continue
		}
		name := tokens[j-1]
		if name.kind != tokenName || !slices.Contains(macros, name.text) {
			return Fault{}, false
		}
		if j+2 < len(tokens) && (tokens[j+1].kind != tokenName || !tokens[j+2].is(",")) {
			return tokens[j+1].fault(macroVariable, name.text), true
		}
		return Fault{}, false
	}
	return Fault{}, false
}

// ternaryFault handles a ? b without its : c.
func ternaryFault(tokens []token) (Fault, bool) {
	open, depth := -1, 0
	for i, t := range tokens {
		depth += nesting(t)
		switch {
		case depth != 0:
		case t.is("?") && (i == 0 || !tokens[i-1].is(".")):
			open = i
		case t.is(":"):
			open = -1
		}
	}
	if open < 0 {
		return Fault{}, false
	}
	return tokens[open].fault(ternaryOpen), true
}
