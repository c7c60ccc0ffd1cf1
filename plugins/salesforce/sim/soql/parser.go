package soql

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxText is the longest query that Salesforce reads, in characters.
const maxText = 100_000

// Parse reads one query. Every error is an [*Error].
func Parse(query string) (q *Query, err error) {
	if len(query) > maxText {
		return nil, &Error{Message: "SOQL statements cannot be longer than 100000 characters."}
	}
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case *Error:
			q, err = nil, fault
		default:
			panic(fault)
		}
	}()
	p := &parser{lexer: lexer{input: query}}
	p.advance()
	return p.query(), nil
}

type parser struct {
	lexer lexer
	token token
}

func (p *parser) advance() token {
	before := p.token
	p.token = p.lexer.next()
	return before
}

func (p *parser) accept(keyword string) bool {
	if !p.token.is(keyword) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(keyword string) {
	if !p.accept(keyword) {
		p.fail("expecting %s", keyword)
	}
}

func (p *parser) fail(format string, args ...any) {
	seen := "'" + p.token.text + "'"
	if p.token.kind == end {
		seen = "<EOF>"
	}
	fault := malformed(p.token.at, format, args...)
	fault.Message = "unexpected token: " + seen + ", " + fault.Message
	panic(fault)
}

func (p *parser) query() *Query {
	q := &Query{Limit: -1}
	p.expect("SELECT")
	p.selection(q)
	p.expect("FROM")
	q.From = p.name()
	if p.accept("WHERE") {
		q.Where = p.disjunction()
	}
	if p.accept("ORDER") {
		p.expect("BY")
		q.OrderBy = p.order()
	}
	if p.accept("LIMIT") {
		q.Limit = p.count()
	}
	if p.accept("OFFSET") {
		q.Offset = p.count()
	}
	if p.token.kind != end {
		p.fail("expecting the end")
	}
	return q
}

func (p *parser) selection(q *Query) {
	for {
		name := p.advance()
		switch {
		case name.is("COUNT") && p.accept("("):
			p.expect(")")
			q.Count = true
			return
		case name.is("FIELDS") && p.accept("("):
			q.Preset = strings.ToUpper(p.name())
			p.expect(")")
		default:
			q.Fields = append(q.Fields, p.asName(name))
		}
		if !p.accept(",") {
			return
		}
	}
}

func (p *parser) name() string { return p.asName(p.advance()) }

// reserved has no ORDER: there is an object of that name.
var reserved = map[string]bool{
	"SELECT": true, "FROM": true, "WHERE": true, "LIMIT": true, "OFFSET": true,
	"AND": true, "OR": true, "NOT": true, "IN": true, "LIKE": true, "NULL": true, "TRUE": true, "FALSE": true,
}

var namePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$`)

func (p *parser) asName(t token) string {
	if t.kind != word || reserved[strings.ToUpper(t.text)] || !namePattern.MatchString(t.text) {
		panic(malformed(t.at, "unexpected token: '%s', expecting a name", t.text))
	}
	return t.text
}

func (p *parser) disjunction() Expr {
	terms := []Expr{p.conjunction()}
	for p.accept("OR") {
		terms = append(terms, p.conjunction())
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return Or{Terms: terms}
}

func (p *parser) conjunction() Expr {
	terms := []Expr{p.term()}
	for p.accept("AND") {
		terms = append(terms, p.term())
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return And{Terms: terms}
}

func (p *parser) term() Expr {
	if p.accept("NOT") {
		return Not{Term: p.term()}
	}
	if p.accept("(") {
		inner := p.disjunction()
		p.expect(")")
		return inner
	}
	return p.comparison()
}

func (p *parser) comparison() Expr {
	c := Compare{Field: p.name(), Op: p.operator()}
	if c.Op == In || c.Op == NotIn {
		c.Values = p.list()
		return c
	}
	c.Values = []Literal{p.literal(c.Op == Like)}
	return c
}

func (p *parser) operator() Op {
	t := p.advance()
	switch {
	case t.is("NOT"):
		p.expect("IN")
		return NotIn
	case t.is("IN"), t.is("LIKE"):
		return Op(strings.ToUpper(t.text))
	case t.is("<>"):
		return NotEqual
	case t.kind == symbol && strings.ContainsAny(t.text, "<>="):
		return Op(t.text)
	}
	panic(malformed(t.at, "unexpected token: '%s', expecting an operator", t.text))
}

func (p *parser) list() []Literal {
	p.expect("(")
	var values []Literal
	for {
		values = append(values, p.literal(false))
		if !p.accept(",") {
			p.expect(")")
			return values
		}
	}
}

func (p *parser) literal(like bool) Literal {
	t := p.advance()
	switch {
	case t.kind == text && like:
		return Literal{Kind: String, Pattern: decodePattern(t.text, t.at)}
	case t.kind == text:
		return Literal{Kind: String, Text: decodeText(t.text, t.at)}
	case t.is("NULL"):
		return Literal{Kind: Null}
	case t.is("TRUE"), t.is("FALSE"):
		return Literal{Kind: Boolean, Bool: t.is("TRUE")}
	case t.kind == constant:
		return number(t)
	}
	panic(malformed(t.at, "unexpected token: '%s', expecting a value", t.text))
}

// number reads a bare constant: a number, a date or a time.
func number(t token) Literal {
	if value, err := strconv.ParseFloat(t.text, 64); err == nil && strings.IndexFunc(t.text, notNumeric) < 0 {
		return Literal{Kind: Number, Number: value}
	}
	if _, err := time.Parse(time.DateOnly, t.text); err == nil {
		return Literal{Kind: Date, Text: t.text}
	}
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if at, err := time.Parse(layout, t.text); err == nil {
			return Literal{Kind: DateTime, Time: at.UTC()}
		}
	}
	panic(malformed(t.at, "unexpected token: '%s'", t.text))
}

func notNumeric(r rune) bool { return !strings.ContainsRune("0123456789.+-eE", r) }

func (p *parser) order() []Order {
	var terms []Order
	for {
		term := Order{Field: p.name()}
		if !p.accept("ASC") {
			term.Descending = p.accept("DESC")
		}
		if p.accept("NULLS") {
			term.NullsLast = p.accept("LAST")
			if !term.NullsLast {
				p.expect("FIRST")
			}
		}
		terms = append(terms, term)
		if !p.accept(",") {
			return terms
		}
	}
}

func (p *parser) count() int {
	t := p.advance()
	n, err := strconv.Atoi(t.text)
	if t.kind != constant || err != nil || n < 0 {
		panic(malformed(t.at, "unexpected token: '%s', expecting a number", t.text))
	}
	return n
}
