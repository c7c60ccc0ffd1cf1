package main

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// condition says whether a record fits; look returns what a record has under a
// filter's name, and whether there is such a filter.
type condition func(look lookup) bool

type lookup func(filter string) (values []string, known bool)

// parseSearch reads the search syntax. Nothing in it is an error: a filter that
// does not exist is ignored, and so may return everything.
func parseSearch(query string) condition {
	p := &searchParser{tokens: searchTokens(query)}
	return p.either()
}

type searchParser struct{ tokens []string }

func (p *searchParser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *searchParser) take() string {
	token := p.peek()
	if token != "" {
		p.tokens = p.tokens[1:]
	}
	return token
}

// either reads terms joined by OR.
func (p *searchParser) either() condition {
	all := []condition{p.both()}
	for p.peek() == "OR" {
		p.take()
		all = append(all, p.both())
	}
	return func(look lookup) bool {
		return slices.ContainsFunc(all, func(c condition) bool { return c(look) })
	}
}

// both reads terms joined by AND or by nothing.
func (p *searchParser) both() condition {
	var all []condition
	for p.peek() != "" && p.peek() != "OR" && p.peek() != ")" {
		if p.peek() == "AND" {
			p.take()
			continue
		}
		all = append(all, p.term())
	}
	return func(look lookup) bool {
		return !slices.ContainsFunc(all, func(c condition) bool { return !c(look) })
	}
}

func (p *searchParser) term() condition {
	token := p.take()
	switch {
	case token == "NOT":
		inner := p.term()
		return func(look lookup) bool { return !inner(look) }
	case token == "(":
		inner := p.either()
		p.take()
		return inner
	case strings.HasPrefix(token, "-"):
		inner := filterOf(token[1:])
		return func(look lookup) bool { return !inner(look) }
	}
	return filterOf(token)
}

// filterOf reads field:value with its comparator; free text fits everything.
func filterOf(token string) condition {
	name, value, ok := strings.Cut(token, ":")
	if !ok {
		return func(lookup) bool { return true }
	}
	comparator := ""
	for _, c := range []string{">=", "<=", ">", "<"} {
		if rest, found := strings.CutPrefix(value, c); found {
			comparator, value = c, rest
			break
		}
	}
	value = unquote(value)
	return func(look lookup) bool {
		values, known := look(name)
		if !known {
			return true
		}
		return slices.ContainsFunc(values, func(has string) bool { return fits(name, has, comparator, value) })
	}
}

func fits(name, has, comparator, want string) bool {
	switch comparator {
	case ">=":
		return compareValues(has, want) >= 0
	case "<=":
		return compareValues(has, want) <= 0
	case ">":
		return compareValues(has, want) > 0
	case "<":
		return compareValues(has, want) < 0
	}
	if want == "*" {
		return has != ""
	}
	if prefix, ok := strings.CutSuffix(want, "*"); ok {
		return strings.HasPrefix(strings.ToLower(has), strings.ToLower(prefix))
	}
	if name == "email" {
		return containsWords(words(has), words(want))
	}
	return strings.EqualFold(has, want)
}

// compareValues compares as times, else as numbers, else as text.
func compareValues(a, b string) int {
	if x, err := time.Parse(time.RFC3339, a); err == nil {
		if y, err := parseSearchTime(b); err == nil {
			return x.Compare(y)
		}
	}
	if x, err := strconv.ParseFloat(a, 64); err == nil {
		if y, err := strconv.ParseFloat(b, 64); err == nil {
			return cmp.Compare(x, y)
		}
	}
	return strings.Compare(a, b)
}

func parseSearchTime(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	return time.Parse(time.DateOnly, text)
}

// words are what the index splits a text into: addresses are found by their parts.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func containsWords(has, want []string) bool {
	for at := 0; at+len(want) <= len(has); at++ {
		if slices.Equal(has[at:at+len(want)], want) {
			return len(want) > 0
		}
	}
	return false
}

// searchTokens splits at blanks and parentheses outside of quotes.
func searchTokens(query string) []string {
	var tokens []string
	var current strings.Builder
	quote := rune(0)
	flush := func() {
		if current.Len() > 0 {
			tokens = append(tokens, current.String())
			current.Reset()
		}
	}
	escaped := false
	for _, r := range query {
		switch {
		case escaped:
			current.WriteRune(r)
			escaped = false
		case r == '\\':
			current.WriteRune(r)
			escaped = true
		case quote != 0:
			current.WriteRune(r)
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
			current.WriteRune(r)
		case r == ' ':
			flush()
		case r == '(' || r == ')':
			flush()
			tokens = append(tokens, string(r))
		default:
			current.WriteRune(r)
		}
	}
	flush()
	return tokens
}

// unquote takes quotes and backslashes away.
func unquote(value string) string {
	if len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
		value = value[1 : len(value)-1]
	}
	var out strings.Builder
	escaped := false
	for _, r := range value {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		out.WriteRune(r)
		escaped = false
	}
	return out.String()
}
