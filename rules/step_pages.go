package rules

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// pages reads foreach over a list that a platform hands out page by page:
// foreach: {pages: connection.noun.verb, with: {...}}, or a polled event with since.
// It returns the type of the items.
func (b *builder) pages(s *stepReader, d *Foreach) *shape.Type {
	keys := b.mapping(s.keys["foreach"], whatPages, []string{"pages", "with", "since"})
	source := keys["pages"]
	if source == nil {
		b.add(s.keys["foreach"], keyMissing, "pages")
		return b.lang.Types().Of("", nil)
	}
	d.Pages = b.paged(source)
	switch {
	case d.Pages == nil:
		return b.lang.Types().Of("", nil)
	case d.Pages.Action != nil:
		return b.pagesOfAction(s, keys, d.Pages)
	default:
		return b.pagesOfPoll(s, keys, d.Pages)
	}
}

func (b *builder) pagesOfAction(s *stepReader, keys map[string]*source.Node, p *Pages) *shape.Type {
	if n := keys["since"]; n != nil {
		b.add(n, sinceNeedsEvent, p.Name())
	}
	input := *orEmpty(p.Action.Input)
	input.Properties = maps.Clone(input.Properties)
	delete(input.Properties, abi.PageNext) // the engine's business
	inner := &stepReader{node: s.keys["foreach"], keys: keys, step: s.step, view: s.view}
	p.With = b.with(inner, b.lang.Types().Of(p.Name()+" pages", &input), slot{name: p.Name()})
	return b.lang.Types().Of(p.Name()+" item", p.Action.Output.Properties[p.Action.Pages].Items)
}

func (b *builder) pagesOfPoll(s *stepReader, keys map[string]*source.Node, p *Pages) *shape.Type {
	if n := keys["with"]; n != nil {
		b.add(n, withNeedsAction, p.Name())
	}
	if n := keys["since"]; n != nil {
		p.Since = b.moment(s, n, "since")
	} else {
		b.add(s.keys["foreach"], keyMissing, "since")
	}
	return b.lang.Types().Of(p.Name(), orEmpty(p.Trigger.Data))
}

// moment reads a time like 2025-02-11T21:03:09+09:00, or an expression that is one.
func (b *builder) moment(s *stepReader, node *source.Node, name string) *Expr {
	if node.IsScalar() && strings.Contains(node.Text(), "${") {
		return b.wholeExpression(s, node, types.TimestampType, name)
	}
	p := b.values(s.view).compile(node, b.lang.Types().Of("", timeSchema), slot{name: name})
	if c, ok := p.(constant); ok {
		return &Expr{literal: c.val, node: node}
	}
	return nil
}

// paged reads the name of what can be read page by page.
func (b *builder) paged(node *source.Node) *Pages {
	text := b.word(node)
	if text == "" {
		return nil
	}
	name, rest, ok := strings.Cut(text, ".")
	if !ok {
		b.add(node, callForm, text)
		return nil
	}
	connection := b.catalog.Connections[name]
	if connection == nil || connection.Manifest == nil {
		b.unknownConnection(node.Range(0, len([]rune(name))), name)
		return nil
	}
	m := connection.Manifest
	if a := actionOf(m, rest); a != nil && a.Pages != "" {
		return &Pages{Connection: name, Action: a}
	}
	for i := range m.Triggers {
		if t := &m.Triggers[i]; t.Name == rest && t.Poll {
			return &Pages{Connection: name, Trigger: t}
		}
	}
	b.notPaged(node, name, rest, m)
	return nil
}

func (b *builder) notPaged(node *source.Node, connection, rest string, m *abi.Manifest) {
	names := pagedNames(m)
	from := len([]rune(connection)) + 1
	to := from + len([]rune(rest))
	at := node.Range(from, to)
	if near := diag.Closest(rest, names); near != "" {
		b.report.AddFix(at, node.Edit(from, to, near), notPagedNear, connection, rest, near)
		return
	}
	b.report.Add(at, notPagedFault, connection, rest, quotedSome(names))
}

// pagedNames lists what a connector hands out page by page: actions and polled events.
func pagedNames(m *abi.Manifest) []string {
	var names []string
	for i := range m.Actions {
		if m.Actions[i].Pages != "" {
			names = append(names, m.Actions[i].Name)
		}
	}
	for i := range m.Triggers {
		if m.Triggers[i].Poll {
			names = append(names, m.Triggers[i].Name)
		}
	}
	slices.Sort(names)
	return names
}

var whatPages = abi.Text{EN: "foreach", JA: "foreach"}

// Faults of foreach over pages.
var (
	notPagedFault   = diag.Kind{Code: "not-paged", EN: "%[1]s does not hand out %[2]q page by page. It does: %[3]s.", JA: "%[1]s の「%[2]s」はページ単位で取得できません。取得できるもの: %[3]s"}
	notPagedNear    = diag.Kind{Code: "not-paged", EN: "%[1]s does not hand out %[2]q page by page. Did you mean %[3]q?", JA: "%[1]s の「%[2]s」はページ単位で取得できません。「%[3]s」ではありませんか?"}
	sinceNeedsEvent = diag.Kind{Code: "since-needs-event", EN: "%[1]s is an action and takes `with`; `since` belongs to an event that is polled.", JA: "%[1]s はアクションなので `with` を使います。`since` は定期的に確認するイベントに書きます。"}
	withNeedsAction = diag.Kind{Code: "with-needs-action", EN: "%[1]s is an event that is polled and takes `since`; `with` belongs to an action.", JA: "%[1]s は定期的に確認するイベントなので `since` を使います。`with` はアクションに書きます。"}
)
