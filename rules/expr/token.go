package expr

import (
	"strings"
	"unicode"
)

// tokenKind is the kind of a token.
type tokenKind int

const (
	tokenName tokenKind = iota
	tokenNumber
	tokenString
	tokenOp
	// tokenOpenString is a string whose end is missing.
	tokenOpenString
	// tokenOther is a character that no expression has outside of strings.
	tokenOther
)

// token is one word of an expression; from and to count runes.
type token struct {
	kind     tokenKind
	text     string
	from, to int
}

func (t token) is(op string) bool { return t.kind == tokenOp && t.text == op }

// scan splits an expression into tokens. It never fails: what CEL does not
// know becomes tokenOther, so that it can be explained.
func scan(text string) []token {
	s := &scanner{runes: []rune(text)}
	for s.skipBlank(); s.pos < len(s.runes); s.skipBlank() {
		s.next()
	}
	return s.tokens
}

type scanner struct {
	runes  []rune
	pos    int
	tokens []token
}

func (s *scanner) at(i int) rune {
	if i < len(s.runes) {
		return s.runes[i]
	}
	return 0
}

func (s *scanner) skipBlank() {
	for s.pos < len(s.runes) && strings.ContainsRune(" \t\r\n\f", s.runes[s.pos]) {
		s.pos++
	}
}

func (s *scanner) add(kind tokenKind, to int) {
	to = min(to, len(s.runes))
	s.tokens = append(s.tokens, token{kind, string(s.runes[s.pos:to]), s.pos, to})
	s.pos = to
}

func (s *scanner) next() {
	r := s.at(s.pos)
	switch {
	case s.stringPrefix() >= 0:
		s.string(s.stringPrefix())
	case isNameStart(r):
		s.add(tokenName, s.while(s.pos, isNamePart))
	case unicode.IsDigit(r) && r < 0x80:
		s.add(tokenNumber, s.number())
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		s.add(tokenOther, s.while(s.pos, func(r rune) bool { return r >= 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || isNamePart(r) }))
	default:
		s.op(r)
	}
}

// operators of two characters; "=", "&" and "|" alone, "===" and "<>" are mistakes that are kept whole.
var longOperators = []string{"===", "!==", "&&", "||", "==", "!=", "<=", ">=", "<>", "=>", "${", "//"}

func (s *scanner) op(r rune) {
	rest := string(s.runes[s.pos:min(s.pos+3, len(s.runes))])
	for _, op := range longOperators {
		if strings.HasPrefix(rest, op) {
			s.add(tokenOp, s.pos+len(op))
			return
		}
	}
	if strings.ContainsRune("+-*/%<>!?:.,()[]{}=&|", r) {
		s.add(tokenOp, s.pos+1)
		return
	}
	s.add(tokenOther, s.pos+1)
}

// stringPrefix returns how many letters (r for raw, b for bytes) stand before
// a quote that begins here, or -1.
func (s *scanner) stringPrefix() int {
	for n := range 3 {
		switch s.at(s.pos + n) {
		case '"', '\'':
			return n
		case 'r', 'R', 'b', 'B':
		default:
			return -1
		}
	}
	return -1
}

func (s *scanner) string(prefix int) {
	raw := strings.ContainsAny(string(s.runes[s.pos:s.pos+prefix]), "rR")
	start := s.pos + prefix
	quote := s.at(start)
	long := s.at(start+1) == quote && s.at(start+2) == quote
	i := start + 1
	if long {
		i = start + 3
	}
	for ; i < len(s.runes); i++ {
		switch {
		case s.runes[i] == '\\' && !raw:
			i++
		case s.runes[i] != quote:
		case !long:
			s.add(tokenString, i+1)
			return
		case s.at(i+1) == quote && s.at(i+2) == quote:
			s.add(tokenString, i+3)
			return
		}
	}
	s.add(tokenOpenString, len(s.runes))
}

func (s *scanner) number() int {
	end := s.while(s.pos, isNamePart)
	if s.at(end) == '.' && unicode.IsDigit(s.at(end+1)) {
		end = s.while(end+1, isNamePart)
	}
	if e := s.at(end - 1); (e == 'e' || e == 'E') && (s.at(end) == '+' || s.at(end) == '-') {
		end = s.while(end+1, isNamePart)
	}
	return end
}

func (s *scanner) while(i int, part func(rune) bool) int {
	for i < len(s.runes) && part(s.runes[i]) {
		i++
	}
	return i
}

func isNameStart(r rune) bool {
	return r == '_' || (r|0x20 >= 'a' && r|0x20 <= 'z')
}

func isNamePart(r rune) bool { return isNameStart(r) || (r >= '0' && r <= '9') }
