package expr

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// lexical finds the mistakes that can be seen in the words alone, before
// parsing: the parser would only say "unexpected character".
func lexical(text string, tokens []token) []Fault {
	if len(tokens) == 0 {
		return []Fault{faultAt(0, len([]rune(text)), emptyExpression)}
	}
	if url := strings.TrimSpace(narrow(text)); bareURL.MatchString(url) {
		return []Fault{faultAt(0, len([]rune(text)), unquotedText, url).replace(quote(url))}
	}
	if f, found := wideCharacters(text, tokens); found {
		return []Fault{f}
	}
	if f, found := numberSlip(tokens); found {
		return []Fault{f}
	}
	var faults []Fault
	for i, t := range tokens {
		f, bad := lexicalToken(tokens, i, t)
		if bad && f.Code == notExpression.Code {
			return []Fault{f}
		}
		if bad {
			faults = append(faults, f)
		}
		if t.is("//") {
			break
		}
	}
	if len(faults) == 0 {
		faults = balance(tokens)
	}
	return faults
}

func lexicalToken(tokens []token, i int, t token) (Fault, bool) {
	switch t.kind {
	case tokenOpenString:
		return t.fault(openString), true
	case tokenString:
		return brokenText(t)
	case tokenOther:
		if f, found := japaneseOperator(tokens, i, t); found {
			return f, true
		}
		return foreign(tokens, i, t), true
	case tokenName:
		return wordOperator(tokens, i, t)
	case tokenOp:
		return wrongOperator(tokens, i, t)
	default:
		return Fault{}, false
	}
}

// brokenText explains a text with a line break in it, such as YAML makes of \n in double quotes.
func brokenText(t token) (Fault, bool) {
	if strings.HasSuffix(t.text, `'''`) || strings.HasSuffix(t.text, `"""`) || !strings.ContainsAny(t.text, "\n\r") {
		return Fault{}, false
	}
	right := strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(t.text)
	return t.fault(lineBreakInText).replace(right), true
}

// foreign explains characters from outside ASCII, most of them typed with a
// Japanese input method still on.
func foreign(tokens []token, i int, t token) Fault {
	switch {
	case i > 0 && tokens[i-1].is("."):
		return dotJapanese(tokens[i-1], t, "[")
	case i > 1 && tokens[i-1].is("?") && tokens[i-2].is("."):
		return dotJapanese(tokens[i-2], t, "[?")
	case unicode.IsLetter([]rune(t.text)[0]) && prose(tokens, i):
		return t.fault(notExpression)
	case unicode.IsLetter([]rune(t.text)[0]):
		return t.fault(unquotedText, t.text).replace(quote(t.text))
	default:
		return t.fault(badCharacter, t.text)
	}
}

// bareURL is an address as the whole of an expression.
var bareURL = regexp.MustCompile(`^https?://[[:graph:]]*$`)

// prose says whether a Japanese word is a part of a sentence, which quotes would
// not make an expression: nothing else is there, or it stands beside an operand.
func prose(tokens []token, i int) bool {
	after := i > 0 && endsOperand(tokens[i-1]) && tokens[i-1].text != "in"
	before := i+1 < len(tokens) && startsOperand(tokens[i+1]) && tokens[i+1].text != "in"
	return after || before || !slices.ContainsFunc(tokens, func(t token) bool { return t.kind != tokenOther })
}

// wideCharacters explains the first full-width character and puts all of them right.
func wideCharacters(text string, tokens []token) (Fault, bool) {
	runes := []rune(text)
	var first, last *token
	var fixed strings.Builder
	for i := range tokens {
		t := &tokens[i]
		plain := narrow(t.text)
		if t.kind != tokenOther || plain == t.text {
			continue
		}
		if first == nil {
			first, last = t, t
		}
		fixed.WriteString(string(runes[last.to:max(t.from, last.to)]) + plain)
		last = t
	}
	if first == nil {
		return Fault{}, false
	}
	if strings.TrimSpace(narrow(first.text)) == "" {
		return first.fault(wideBlank).fix(first.from, last.to, fixed.String()), true
	}
	return first.fault(wideCharacter, first.text, narrow(first.text)).fix(first.from, last.to, fixed.String()), true
}

func dotJapanese(dot, name token, open string) Fault {
	return name.fault(japaneseField, name.text).fix(dot.from, name.to, open+quote(name.text)+"]")
}

// wordOperator finds and, or, not.
func wordOperator(tokens []token, i int, t token) (Fault, bool) {
	word := strings.ToLower(t.text)
	between := i > 0 && endsOperand(tokens[i-1]) && i+1 < len(tokens) && startsOperand(tokens[i+1])
	switch {
	case word == "and" && between:
		return t.fault(wordOperatorUsed, t.text, "&&").replace("&&"), true
	case word == "or" && between:
		return t.fault(wordOperatorUsed, t.text, "||").replace("||"), true
	case word == "not" && i+1 < len(tokens) && startsOperand(tokens[i+1]) && (i == 0 || !endsOperand(tokens[i-1])):
		next := tokens[i+1]
		return t.fault(wordOperatorUsed, t.text, "!").fix(t.from, next.from, "!"), true
	}
	return Fault{}, false
}

// japaneseOperators are words that join conditions, the longer ones first.
var japaneseOperators = []struct{ word, right string }{
	{"かつ", "&&"},
	{"且つ", "&&"},
	{"または", "||"},
	{"又は", "||"},
	{"もしくは", "||"},
	{"あるいは", "||"},
	{"ではない", "!"},
	{"でない", "!"},
	{"じゃない", "!"},
}

// japaneseOperator finds かつ, または, でない, also where the next word follows without a space.
func japaneseOperator(tokens []token, i int, t token) (Fault, bool) {
	for _, o := range japaneseOperators {
		rest, found := strings.CutPrefix(t.text, o.word)
		if !found || (rest != "" && !isNameStart([]rune(rest)[0])) {
			continue
		}
		t.to = t.from + len([]rune(o.word))
		f := t.fault(wordOperatorUsed, o.word, o.right)
		after := i > 0 && endsOperand(tokens[i-1])
		before := rest != "" || i+1 < len(tokens) && startsOperand(tokens[i+1])
		switch {
		case o.right != "!" && after && before:
			return f.fix(tokens[i-1].to, nextPlace(tokens, i, t), " "+o.right+" "), true
		case o.right == "!" && after && rest == "":
			return negated(tokens[:i], t, f), true
		case o.right == "!" && !after && before:
			return f.fix(t.from, nextPlace(tokens, i, t), "!"), true
		}
	}
	return Fault{}, false
}

// nextPlace returns where what follows the word t begins, which may be a part of the same token.
func nextPlace(tokens []token, i int, t token) int {
	if t.to < tokens[i].to {
		return t.to
	}
	return tokens[i+1].from
}

// within is what may stand between the words of one operand.
var within = []string{".", "?", "(", "[", "{"}

// negated puts the condition before でない behind an exclamation mark.
func negated(before []token, t token, f Fault) Fault {
	start, depth, simple := len(before), 0, true
	for ; start > 0; start-- {
		u := before[start-1]
		switch u.text {
		case ")", "]", "}":
			depth++
		case "(", "[", "{":
			depth--
		}
		if depth < 0 || depth == 0 && (joins(u) || u.is("?") && start > 1 && !before[start-2].is(".")) {
			break
		}
		simple = simple && (depth > 0 || u.kind == tokenName && u.text != "in" || slices.Contains(within, u.text))
	}
	if start == len(before) {
		return f
	}
	text := written(before[start:])
	if !simple {
		text = "(" + text + ")"
	}
	return f.fix(before[start].from, t.to, "!"+text)
}

// joins says whether a token stands between two conditions.
func joins(t token) bool {
	switch t.text {
	case "&&", "||", ":", ",", "and", "or":
		return true
	}
	return t.kind == tokenOther
}

// written returns tokens as text, with one space where there were blanks.
func written(tokens []token) string {
	var text strings.Builder
	for i, t := range tokens {
		if i > 0 && t.from > tokens[i-1].to {
			text.WriteByte(' ')
		}
		text.WriteString(t.text)
	}
	return text.String()
}

// replacements are operators of other languages.
var replacements = map[string]string{"=": "==", "&": "&&", "|": "||", "<>": "!=", "===": "==", "!==": "!=", "=>": ">="}

func wrongOperator(tokens []token, i int, t token) (Fault, bool) {
	if right, found := replacements[t.text]; found {
		kind := otherOperator
		if t.text == "=" {
			kind = singleEquals
		}
		return t.fault(kind, t.text, right).replace(right), true
	}
	switch t.text {
	case "${":
		return dollarBrace(tokens, i, t), true
	case "//":
		return t.fault(commentInside), true
	}
	return Fault{}, false
}

// dollarBrace handles ${ } in a field that is an expression anyway.
func dollarBrace(tokens []token, i int, t token) Fault {
	f := t.fault(templateInside)
	last := tokens[len(tokens)-1]
	if i == 0 && last.is("}") {
		return f.fix(t.from, last.to, written(tokens[1:len(tokens)-1]))
	}
	return f
}

// balance finds the bracket that has no partner.
func balance(tokens []token) []Fault {
	closers := map[string]string{"(": ")", "[": "]", "{": "}"}
	var open []token
	for _, t := range tokens {
		if t.kind != tokenOp {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			open = append(open, t)
		case ")", "]", "}":
			if len(open) == 0 || closers[open[len(open)-1].text] != t.text {
				return []Fault{t.fault(strayBracket, t.text)}
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return nil
	}
	t, end := open[len(open)-1], tokens[len(tokens)-1].to
	return []Fault{t.fault(openBracket, t.text, closers[t.text]).fix(end, end, closers[t.text])}
}

func endsOperand(t token) bool {
	return t.kind == tokenName || t.kind == tokenNumber || t.kind == tokenString || t.is(")") || t.is("]") || t.is("}")
}

func startsOperand(t token) bool {
	return t.kind == tokenName || t.kind == tokenNumber || t.kind == tokenString || t.is("(") || t.is("[") || t.is("!")
}

// punctuation is what a Japanese keyboard or a word processor produces for the signs of expressions.
var punctuation = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "‘", "'", "’", "'", "「", `"`, "」", `"`, "『", `"`, "』", `"`,
	"、", ",", "。", ".", "×", "*", "÷", "/", "≠", "!=", "≦", "<=", "≧", ">=", "≤", "<=", "≥", ">=", "\u00a0", " ", "−", "-", "–", "-")

// narrow returns what was meant by full-width characters, or the text itself
// if they are Japanese text after all.
func narrow(text string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '\u3000':
			return ' '
		}
		return r
	}, punctuation.Replace(text))
	for _, r := range plain {
		if r >= 0x80 {
			return text
		}
	}
	return plain
}

// quote returns text as a CEL string in single quotes, which need no escape in YAML's double ones.
func quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
