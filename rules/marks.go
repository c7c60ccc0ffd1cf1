package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

// marks reports a value that YAML takes for text although its writer meant
// something else: full-width signs, the marks of other template languages, a
// reference without ${ }. Only what nobody writes in a text for people counts.
func (v *values) marks(node *source.Node, want *shape.Type, at slot) bool {
	if node.CurlyQuotes(&v.report) {
		return true
	}
	text := literals(node.Text())
	if node.IsPlain() && v.wideComment(node, text, want, at) {
		return true
	}
	if v.wideURL(node, text) || !v.sample && v.secret(node, text) {
		return true
	}
	return !v.constant && (v.mistyped(node, text) || v.withoutMarks(node, text))
}

// literals returns a value with blanks instead of its expressions, so that
// places in it stay the same.
func literals(text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	text = strings.ReplaceAll(text, "$${", "\x00\x00\x00")
	parts, fault := expr.Split(text)
	if fault != nil {
		return ""
	}
	runes := []rune(text)
	for _, p := range parts {
		if p.IsExpr {
			for i := range len([]rune(p.Expr)) + 3 {
				runes[p.From-2+i] = '\x00'
			}
		}
	}
	return string(runes)
}

// marking is a way to mark a reference that other languages have, or that a
// Japanese keyboard produces.
type marking struct {
	form *regexp.Regexp
	// sure says that the marks alone tell what was meant.
	sure bool
}

var markings = []marking{
	{regexp.MustCompile(`[$＄][{｛]([^{}｛｝]*)[}｝]`), true},
	{regexp.MustCompile(`[{｛]{2}([^{}｛｝]*)[}｝]{2}`), false},
	{regexp.MustCompile(`[$＄][(（]([^()（）]*)[)）]`), false},
	{regexp.MustCompile(`｛([^{}｛｝]*)｝`), false},
}

// mistyped reports the first reference in other marks than ${ }.
func (v *values) mistyped(node *source.Node, text string) bool {
	if !strings.ContainsAny(text, "$＄{｛") {
		return false
	}
	for _, t := range markings {
		for _, m := range t.form.FindAllStringSubmatchIndex(text, -1) {
			inner := strings.TrimSpace(strings.ReplaceAll(text[m[2]:m[3]], "\u3000", " "))
			whole := m[0] == 0 && m[1] == len(text)
			if v.refers(inner, t.sure, whole) {
				v.mistypedAt(node, text, m[0], m[1], inner)
				return true
			}
		}
	}
	return false
}

// refers says whether what stands between marks is a reference rather than text.
func (v *values) refers(inner string, sure, whole bool) bool {
	switch {
	case inner == "":
		return false
	case sure && whole:
		return true
	case sure:
		_, known := v.view.names.Lookup(firstName.FindString(inner))
		return known
	case whole && plainName.MatchString(inner):
		_, known := v.view.names.Lookup(inner)
		return known
	default:
		return v.knownField(inner)
	}
}

// mistypedAt reports the bytes [from, to) of a node's text, which should be an expression in ${ }.
func (v *values) mistypedAt(node *source.Node, text string, from, to int, inner string) {
	right := "${" + inner + "}"
	start, end := len([]rune(text[:from])), len([]rune(text[:to]))
	at := node.Range(start, end)
	v.report.AddFix(at, templateFix(node, start, end, right), mistypedMarks, text[from:to], right)
}

var inBraces = regexp.MustCompile(`^\{\s*([^{}]*?)\s*\}$|^[$＄]([^{}]*)$`)

// withoutMarks reports a value that is exactly a field that is known here: one
// in braces, behind a dollar sign, or bare.
func (v *values) withoutMarks(node *source.Node, text string) bool {
	if m := inBraces.FindStringSubmatch(text); m != nil {
		inner := m[1] + m[2]
		if !v.knownField(inner) {
			return false
		}
		v.mistypedAt(node, text, 0, len(text), inner)
		return true
	}
	if !node.IsPlain() || !v.knownField(text) {
		return false
	}
	right := "${" + text + "}"
	v.report.AddFix(node.Span(), templateFix(node, 0, len([]rune(text)), right), bareReference, text, right)
	return true
}

// templateFix returns a node's line with an expression in it, in quotes where braces need them.
func templateFix(node *source.Node, from, to int, right string) string {
	if !node.IsPlain() {
		return node.Edit(from, to, right)
	}
	span := node.Span()
	whole := []rune(node.Text())
	if node.Range(len(whole), len(whole)).Line != span.Line {
		return ""
	}
	line := []rune(node.File.Line(span.Line))
	before, behind := string(line[:span.Column-1]), strings.TrimSpace(string(line[span.End-1:]))
	if strings.ContainsAny(before, "{[") || (behind != "" && behind[0] != '#') {
		return span.Fix(source.DoubleQuote(string(whole[:from]) + right + string(whole[to:])))
	}
	return node.Edit(from, to, right)
}

var (
	firstName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*`)
	plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	fieldPath = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)((?:\.\??[A-Za-z_][A-Za-z0-9_]*|\[\??'[^']*'\]|\[[0-9]+\])+)$`)
	pathStep  = regexp.MustCompile(`\.\??([A-Za-z_][A-Za-z0-9_]*)|\[\??'([^']*)'\]|\[[0-9]+\]`)
)

// knownField says whether text is a way to a field that is declared: a name
// that is known here and at least one step further.
func (v *values) knownField(text string) bool {
	m := fieldPath.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	first, known := v.view.names.Lookup(m[1])
	if !known {
		return false
	}
	typ := first.Type
	for _, step := range pathStep.FindAllStringSubmatch(m[2], -1) {
		if typ = stepInto(typ, step[1]+step[2]); typ == nil {
			return false
		}
	}
	return true
}

// stepInto returns the type of a field, or of an item if it has no name; nil if there is none.
func stepInto(typ *shape.Type, name string) *shape.Type {
	switch {
	case typ == nil || typ.IsAny():
		return nil
	case name == "" || !typ.IsObject():
		return typ.Elem()
	}
	if f, found := typ.Field(name); found {
		return f.Type
	}
	return nil
}

// wideAddress is an address with full-width signs where no address has them:
// around its scheme, before its port, or a number with more of the address, or nothing, behind it.
var wideAddress = regexp.MustCompile(`(https?(?:：[/／]{2}|:／[/／]|:/／)|[ｈＨ][ｔＴ]{2}[ｐＰ][ｓＳ]?[:：][/／]{2}|` +
	`https?://[\x21-\x2e\x30-\x7e]*：[0-9\x{ff10}-\x{ff19}]{2,5}|https?://[[:graph:]]*[/=&#._-][\x{ff10}-\x{ff19}]+)(?:[[:graph:]\s]|$)`)

// wideURL reports an address that nobody can open, because some of it is full-width.
func (v *values) wideURL(node *source.Node, text string) bool {
	m := wideAddress.FindStringSubmatchIndex(text)
	if m == nil {
		return false
	}
	start, end := len([]rune(text[:m[2]])), len([]rune(text[:m[3]]))
	v.report.AddFix(node.Range(start, end), node.Edit(start, end, jp.Narrow(text[m[2]:m[3]])), wideInURL)
	return true
}

// secretReference is what stands for a secret in musubi.yaml, alone or as a header has it.
var secretReference = regexp.MustCompile(`^(?:(?:Bearer|Basic|Token) )?((?:env:[A-Za-z_]\w*)|(?:vault:\w[\w.-]*)|(?:file:/?\w[\w./-]*))$`)

// environment is a variable of the environment, alone or as a header has it.
var environment = regexp.MustCompile(`^(?:(?:Bearer|Basic|Token) )?([$＄](?:[A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z]*(?:TOKEN|SECRET|PASSWORD|KEY)))$`)

// withinText is a variable of the environment that is called as secrets are, somewhere in a text.
var withinText = regexp.MustCompile(`(?:^|[^$＄])([$＄](?:[A-Z0-9]+_)*(?:TOKEN|SECRET|PASSWORD|KEY)(?:_[A-Z0-9_]+)?)(?:[^A-Za-z0-9_]|$)`)

// secret reports a reference to a secret, which rules do not resolve.
func (v *values) secret(node *source.Node, text string) bool {
	m := secretReference.FindStringSubmatch(text)
	if m == nil {
		m = environment.FindStringSubmatch(text)
	}
	if m == nil {
		m = withinText.FindStringSubmatch(text)
	}
	switch {
	case m == nil:
		return false
	case v.constant:
		v.add(node, secretInConstant, m[1])
	default:
		v.add(node, secretInRules, m[1])
	}
	return true
}

var wideHash = regexp.MustCompile(`^(.*?\S)([\s\x{3000}]+)＃`)

// wideComment reports a comment that begins with a full-width sign and so
// belongs to the value, where the value cannot have one.
func (v *values) wideComment(node *source.Node, text string, want *shape.Type, at slot) bool {
	m := wideHash.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	schema := want.Schema()
	switch {
	case slices.Contains(schema.Enum, m[1]):
	case at.name == "object" && plainName.MatchString(m[1]):
	case want.IsAny() || schema.Type == abi.TypeObject:
		return false
	case schema.Type == abi.TypeString && schema.Format == "":
		return false
	}
	before, blank := len([]rune(m[1])), len([]rune(m[2]))
	span := node.Range(before+blank, before+blank+1)
	all := node.Range(before, before+blank+1)
	v.report.AddFix(span, all.Fix(" #"), wideHashSign)
	return true
}
