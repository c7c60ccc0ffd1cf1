package rules

import (
	"strings"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/shape"
)

// words writes a value as a person would read it: literals as they are,
// expressions as they were written.
func words(p part) string {
	switch p := p.(type) {
	case constant:
		data, err := shape.AppendJSON(nil, p.val)
		if err != nil {
			return "?"
		}
		return string(data)
	case *Expr:
		return p.Text()
	case bareDecimal:
		return p.Text()
	case verified:
		return words(p.part)
	case mixed:
		var b strings.Builder
		for _, piece := range p {
			b.WriteString(piece.literal)
			if piece.expr != nil {
				b.WriteString("${" + piece.expr.Text() + "}")
			}
		}
		return `"` + b.String() + `"`
	case sequence:
		items := make([]string, len(p))
		for i, item := range p {
			items[i] = words(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case record:
		fields := make([]string, len(p))
		for i, f := range p {
			fields[i] = string(f.name) + ": " + words(f.part)
		}
		return "{" + strings.Join(fields, ", ") + "}"
	default:
		return ""
	}
}

func (t *Template) words() string {
	if t == nil {
		return ""
	}
	return words(t.root)
}

// plainWords is words, without quotes around text that holds no expression.
func (t *Template) plainWords() string {
	if t == nil {
		return ""
	}
	switch p := t.root.(type) {
	case constant:
		if s, ok := p.val.(types.String); ok {
			return string(s)
		}
	case mixed:
		return strings.Trim(words(p), `"`)
	}
	return t.words()
}

// fromWords names the record whose link is looked up.
func (d *Linked) fromWords() string {
	if d.FromID == nil {
		return "event.subject"
	}
	return d.FromConnection + " " + d.FromID.plainWords()
}

// flatten returns every value of a template under its path, as in fields.Name.
func (t *Template) flatten(prefix string, into map[string]string) {
	if t != nil {
		flatten(prefix, t.root, into)
	}
}

func flatten(prefix string, p part, into map[string]string) {
	r, ok := p.(record)
	if !ok || len(r) == 0 {
		if !ok {
			into[prefix] = words(p)
		}
		return
	}
	for _, f := range r {
		name := string(f.name)
		if prefix != "" {
			name = prefix + "." + name
		}
		flatten(name, f.part, into)
	}
}
