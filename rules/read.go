package rules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

// mapping returns the values of a mapping by key and reports keys that do not belong there.
func (l *loader) mapping(node *source.Node, what abi.Text, allowed []string) map[string]*source.Node {
	values := map[string]*source.Node{}
	if !node.IsMap() {
		l.wantMapping(node, what)
		return values
	}
	for _, p := range node.Pairs() {
		key := p.Key.Text()
		if slices.Contains(allowed, key) {
			values[key] = p.Value
			continue
		}
		if near := l.unknownKey(p.Key, what, allowed); near != "" && values[near] == nil && node.Get(near) == nil {
			values[near] = p.Value // checked as what it was meant to be
		}
	}
	return values
}

func (l *loader) wantMapping(node *source.Node, what abi.Text) {
	if node.IsScalar() && node.Explain(&l.report) {
		return
	}
	l.add(node, mappingWanted, what)
}

// unknownKey returns the key that was most likely meant.
func (l *loader) unknownKey(key *source.Node, what abi.Text, allowed []string) string {
	span := key.Span()
	if near := diag.Closest(key.Text(), allowed); near != "" {
		l.report.AddFix(span, span.Fix(near), unknownKeyNear, key.Text(), what, near)
		return near
	}
	l.report.Add(span, unknownKeyFault, key.Text(), what, quoted(allowed))
	return ""
}

// plain returns the text of a field that holds neither expressions nor structure.
func (l *loader) plain(node *source.Node) string {
	switch {
	case !node.IsScalar():
		l.add(node, textWanted)
		return ""
	case node.IsEmpty():
		l.add(node, emptyValue)
		return ""
	}
	parts, fault := expr.Split(node.Text())
	if fault != nil || slices.ContainsFunc(parts, func(p expr.Part) bool { return p.IsExpr }) {
		l.add(node, noExpressionHere)
		return ""
	}
	return strings.ReplaceAll(node.Text(), "$${", "${")
}

var wideSign = regexp.MustCompile(`[\x{ff01}-\x{ff5e}\x{3000}]`)

// word returns a field of plain text that names something: such names are half-width.
func (l *loader) word(node *source.Node) string {
	text := l.plain(node)
	if !wideSign.MatchString(text) {
		return text
	}
	right := jp.Narrow(text)
	l.report.AddFix(node.Span(), node.Edit(0, len([]rune(node.Text())), right), wideWord, text, right)
	return right
}

// sentence returns a field of text for people.
func (l *loader) sentence(node *source.Node) string {
	if node == nil {
		return ""
	}
	if node.IsScalar() && node.Literal(&l.report) != source.String {
		span := node.Span()
		l.report.AddFix(span, span.Fix(`"`+node.Text()+`"`), textWanted)
		return ""
	}
	return l.plain(node)
}

// truths are words for true and false that people write, some of which YAML takes for them and some not.
var truths = map[string]string{
	"yes": "true", "y": "true", "on": "true", "true": "true", "はい": "true", "オン": "true", "有効": "true",
	"no": "false", "n": "false", "off": "false", "false": "false", "いいえ": "false", "オフ": "false", "無効": "false",
}

func (l *loader) boolean(node *source.Node) bool {
	if right := truths[strings.ToLower(jp.Narrow(node.Text()))]; node.IsScalar() && right != "" && (right != node.Text() || !node.IsPlain()) {
		l.report.AddFix(node.Span(), node.Span().Fix(right), boolWanted)
		return false
	}
	if !node.IsScalar() || node.Literal(&l.report) != source.Bool {
		l.add(node, boolWanted)
		return false
	}
	return node.Text() == "true"
}

// count returns a whole number of at least 1.
func (l *loader) count(node *source.Node) int {
	n, err := strconv.Atoi(node.Text())
	if !node.IsScalar() || !node.IsPlain() || err != nil || n < 1 {
		l.add(node, countWanted)
		return 0
	}
	return n
}

// choice returns one of the words that a field allows.
func (l *loader) choice(node *source.Node, allowed ...string) string {
	text := l.word(node)
	if text == "" || slices.Contains(allowed, text) {
		return text
	}
	if near := diag.Closest(text, allowed); near != "" {
		l.report.AddFix(node.Span(), node.Span().Fix(near), notAChoice, text, quoted(allowed))
		return ""
	}
	l.add(node, notAChoice, text, quoted(allowed))
	return ""
}

var durationPart = regexp.MustCompile(`^(\d+)(w|d|h|m|s)`)

// duration reads 3d, 12h, 1h30m.
func parseDuration(text string) (time.Duration, bool) {
	units := map[string]time.Duration{"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}
	var sum time.Duration
	rest := text
	for rest != "" {
		m := durationPart.FindStringSubmatch(rest)
		if m == nil {
			return 0, false
		}
		n, err := strconv.ParseInt(m[1], 10, 32)
		if err != nil {
			return 0, false
		}
		sum += time.Duration(n) * units[m[2]]
		rest = rest[len(m[0]):]
	}
	return sum, text != "" && sum >= 0
}

func (l *loader) duration(node *source.Node) time.Duration {
	text := l.word(node)
	if text == "" {
		return 0
	}
	d, ok := parseDuration(text)
	if !ok {
		l.add(node, durationForm, text)
	}
	return d
}
