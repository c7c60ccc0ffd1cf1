package rules

import (
	"slices"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// link reads a step that remembers two records as the same.
func (b *builder) link(s *stepReader) outcome {
	keys := b.mapping(s.keys["link"], whatLink, []string{"kind", "from", "to"})
	d := &Link{}
	s.step.Do = d
	for _, key := range []string{"kind", "from", "to"} {
		if keys[key] == nil && s.keys["link"].IsMap() {
			b.add(s.keys["link"], keyMissing, key)
		}
	}
	if n := keys["kind"]; n != nil {
		d.Kind = b.linkKind(n)
	}
	d.FromConnection, d.FromID = b.linkEnd(s, keys["from"])
	d.ToConnection, d.ToID = b.linkEnd(s, keys["to"])
	return outcome{view: s.view}
}

func (b *builder) linkKind(node *source.Node) string {
	kind := b.word(node)
	if kind != "" && !isIdentifier(kind) {
		b.add(node, nameForm, kind)
	}
	return kind
}

func (b *builder) linkEnd(s *stepReader, node *source.Node) (string, *Template) {
	if node == nil {
		return "", nil
	}
	keys := b.mapping(node, whatLinkEnd, []string{"connection", "id"})
	for _, key := range []string{"connection", "id"} {
		if keys[key] == nil && node.IsMap() {
			b.add(node, keyMissing, key)
		}
	}
	var name string
	if n := keys["connection"]; n != nil {
		name, _ = b.connection(n)
	}
	if n := keys["id"]; n != nil {
		return name, b.values(s.view).template(n, b.lang.Types().Of("", textSchema), slot{name: "id", text: true, needed: true})
	}
	return name, nil
}

// emit reads a step that announces an event of the flow's own connection.
func (b *builder) emit(s *stepReader) outcome {
	d := &Emit{}
	s.step.Do = d
	after := outcome{view: s.view}
	d.Event = b.word(s.keys["emit"])
	connection := b.catalog.Connections[b.flow.On.Connection]
	if connection == nil {
		b.add(s.keys["emit"], emitNeedsConnection)
		return after
	}
	var names []string
	var data *abi.Schema
	for i := range connection.Manifest.Triggers {
		t := &connection.Manifest.Triggers[i]
		names = append(names, t.Name)
		if t.Name == d.Event {
			data = orEmpty(t.Data)
		}
	}
	if !slices.Contains(names, d.Event) {
		b.unknownEmit(s.keys["emit"], d.Event, names)
		return after
	}
	v := b.values(s.view)
	if n := s.keys["subject"]; n != nil {
		d.Subject = v.template(n, b.lang.Types().Of("", textSchema), slot{name: "subject", text: true, needed: true})
	} else {
		b.add(s.node, keyMissing, "subject")
	}
	d.Data = b.with(s, b.lang.Types().Of(b.flow.On.Connection+" "+d.Event, data), slot{name: d.Event})
	return after
}

func (b *builder) unknownEmit(node *source.Node, event string, names []string) {
	if event == "" {
		return
	}
	if near := diag.Closest(event, names); near != "" {
		b.report.AddFix(node.Span(), node.Span().Fix(near), unknownEventNear, b.flow.On.Connection, event, near)
		return
	}
	b.add(node, unknownEvent, b.flow.On.Connection, event, quotedSome(names))
}
