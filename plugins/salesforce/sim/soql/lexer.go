package soql

import (
	"fmt"
	"strings"
)

type tokenKind uint8

const (
	end tokenKind = iota
	word
	text // a quoted string, still escaped
	constant
	symbol
)

type token struct {
	kind tokenKind
	text string
	at   int
}

func (t token) is(keyword string) bool {
	return (t.kind == word || t.kind == symbol) && strings.EqualFold(t.text, keyword)
}

// malformed is raised with panic inside the package and turned into an error
// by Parse, so that the grammar reads like the grammar.
func malformed(at int, format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...) + fmt.Sprintf(" (column %d)", at+1)}
}

type lexer struct {
	input string
	at    int
}

func (l *lexer) next() token {
	for l.at < len(l.input) && strings.IndexByte(" \t\r\n", l.input[l.at]) >= 0 {
		l.at++
	}
	if l.at == len(l.input) {
		return token{kind: end, at: l.at}
	}
	start := l.at
	switch c := l.input[start]; {
	case c == '\'':
		return l.quoted()
	case isLetter(c):
		return l.run(word, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '.' })
	case isDigit(c) || c == '-' || c == '+':
		return l.run(constant, func(c byte) bool { return isDigit(c) || isLetter(c) || strings.IndexByte("+-:.", c) >= 0 })
	}
	return l.symbol()
}

func (l *lexer) run(kind tokenKind, belongs func(byte) bool) token {
	start := l.at
	for l.at++; l.at < len(l.input) && belongs(l.input[l.at]); {
		l.at++
	}
	return token{kind: kind, text: l.input[start:l.at], at: start}
}

func (l *lexer) quoted() token {
	start := l.at
	for l.at++; l.at < len(l.input); l.at++ {
		switch l.input[l.at] {
		case '\\':
			l.at++
		case '\'':
			l.at++
			return token{kind: text, text: l.input[start+1 : l.at-1], at: start}
		}
	}
	panic(malformed(start, "unexpected token: the string is not closed"))
}

func (l *lexer) symbol() token {
	start := l.at
	for _, s := range [...]string{"<=", ">=", "!=", "<>", "<", ">", "=", "(", ")", ","} {
		if strings.HasPrefix(l.input[start:], s) {
			l.at += len(s)
			return token{kind: symbol, text: s, at: start}
		}
	}
	panic(malformed(start, "unexpected character: %q", l.input[start:min(start+1, len(l.input))]))
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
