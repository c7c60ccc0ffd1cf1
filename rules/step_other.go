package rules

import (
	"slices"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// assign reads a step that gives names to values; each sees the ones before it.
func (b *builder) assign(s *stepReader) outcome {
	node := s.keys["set"]
	out := outcome{view: s.view}
	if !node.IsMap() || len(node.Pairs()) == 0 {
		b.wantMapping(node, whatSet)
		return out
	}
	a := &Assign{}
	s.step.Do = a
	anything := b.lang.Types().Of("", nil)
	for _, p := range node.Pairs() {
		name := b.newName(p.Key, out.view)
		t := b.values(out.view).template(p.Value, anything, slot{name: p.Key.Text()})
		if name == "" || t == nil {
			continue
		}
		a.Names, a.Values = append(a.Names, name), append(a.Values, t)
		inner := *s
		inner.view = out.view
		after := b.bindsAs(&inner, name, b.typeOfPart(t.root))
		out = outcome{view: after.view, bound: append(out.bound, after.bound...)}
	}
	return out
}

// typeOfPart returns the type that a value will have.
func (b *builder) typeOfPart(p part) *shape.Type {
	known := b.lang.Types()
	switch p := p.(type) {
	case *Expr:
		return known.From(p.checked.Type)
	case constant:
		return known.From(value.TypeOf(p.val))
	case mixed:
		return known.From(types.StringType)
	case record:
		s := &abi.Schema{Type: abi.TypeObject, Properties: map[string]*abi.Schema{}}
		for _, f := range p {
			typ := b.typeOfPart(f.part)
			s.Properties[string(f.name)] = typ.Schema()
			if !typ.Schema().Nullable {
				s.Required = append(s.Required, string(f.name))
			}
		}
		return known.Of("set", s)
	case sequence:
		if len(p) > 0 {
			return known.Of("", &abi.Schema{Type: abi.TypeArray, Items: b.typeOfPart(p[0]).Schema()})
		}
	}
	return known.Of("", nil)
}

// stop reads a step that ends the run as done. Its value is the reason, for people.
func (b *builder) stop(s *stepReader) outcome {
	d := &Stop{}
	s.step.Do = d
	d.Reason = b.message(s, s.keys["stop"])
	return outcome{view: s.view, ends: true}
}

// fail reads a step that ends the run as failed.
func (b *builder) fail(s *stepReader) outcome {
	d := &Fail{}
	s.step.Do = d
	d.Message = b.message(s, s.keys["fail"])
	return outcome{view: s.view, ends: true}
}

func (b *builder) message(s *stepReader, node *source.Node) *Template {
	if node.IsEmpty() {
		b.add(node, reasonWanted)
		return nil
	}
	return b.values(s.view).template(node, b.lang.Types().Of("", textSchema), slot{name: "text", text: true})
}

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
	kind := b.plain(node)
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
		return name, b.values(s.view).template(n, b.lang.Types().Of("", textSchema), slot{name: "id", text: true})
	}
	return name, nil
}

// foreach reads steps that are performed once for each item of a list.
func (b *builder) foreach(s *stepReader) outcome {
	d := &Foreach{As: "item", Concurrency: 1}
	s.step.Do = d
	after := outcome{view: s.view}
	d.In = b.values(s.view).bare(s.keys["foreach"], expr.Use{Facts: s.view.facts})
	if n := s.keys["as"]; n != nil {
		d.As = b.newName(n, s.view)
	} else if _, taken := s.view.names.Lookup(d.As); taken {
		b.add(s.node, nameTaken, d.As)
	}
	if n := s.keys["concurrency"]; n != nil {
		d.Concurrency = b.count(n)
	}
	if n := s.keys["on_error"]; n != nil {
		d.Continue = b.choice(n, "stop", "continue") == "continue"
	}
	if s.keys["steps"] == nil {
		b.add(s.node, keyMissing, "steps")
		return after
	}
	item := b.itemType(d.In)
	d.Item = item.Schema()
	if d.As == "" {
		return after
	}
	inner := b.bindsAs(s, d.As, item)
	d.Steps, _ = b.sequence(s.keys["steps"], s.place+".", inner.view)
	return after
}

// itemType returns the type of a list's items; of a map they are its keys.
func (b *builder) itemType(list *Expr) *shape.Type {
	known := b.lang.Types()
	if list == nil {
		return known.Of("", nil)
	}
	t := list.checked.Type
	switch t.Kind() {
	case types.ListKind, types.MapKind:
		return known.From(t.Parameters()[0])
	case types.DynKind:
	default:
		if shape.IsOptional(t) {
			b.add(list.node, optionalForeach, list.checked.Text)
		} else {
			b.add(list.node, listWanted, shape.TypeName(t))
		}
	}
	return known.Of("", nil)
}

// emit reads a step that announces an event of the flow's own connection.
func (b *builder) emit(s *stepReader) outcome {
	d := &Emit{}
	s.step.Do = d
	after := outcome{view: s.view}
	d.Event = b.plain(s.keys["emit"])
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
		d.Subject = v.template(n, b.lang.Types().Of("", textSchema), slot{name: "subject", text: true})
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

// subFlow reads a step that runs another flow's steps as part of this run.
func (b *builder) subFlow(s *stepReader) outcome {
	after := outcome{view: s.view}
	node := s.keys["flow"]
	id := b.plain(node)
	if id == "" {
		return after
	}
	target := b.byID[id]
	switch {
	case target == nil:
		b.unknownFlow(node, id)
		return after
	case target.broken:
		return after
	case target.state == building:
		b.add(node, flowCircle, id)
		return after
	}
	b.build(target)
	if target.keys["on"] != nil {
		b.add(node, flowHasTrigger, id)
		return after
	}
	d := &SubFlow{Flow: target.flow}
	s.step.Do = d
	b.calls = append(b.calls, target.flow)
	d.Params = b.params(s, target)
	return after
}

// params compiles the parameters of a sub-flow; those not given have the values of its file.
func (b *builder) params(s *stepReader, target *document) *Template {
	schema := *target.params.typ.Schema()
	schema.Required = target.params.missing
	t := b.with(s, b.lang.Types().Of("params of "+target.id, &schema), slot{name: target.id})
	if t == nil {
		return nil
	}
	given, ok := t.root.(record)
	if !ok {
		return t
	}
	return &Template{root: withDefaults(given, target.params), at: t.at}
}

func withDefaults(given record, params *paramSet) record {
	all := slices.Clone(given)
	for name, val := range params.values {
		if !slices.ContainsFunc(given, func(f recordField) bool { return string(f.name) == name }) {
			all = append(all, recordField{types.String(name), constant{val}})
		}
	}
	return all
}

func (b *builder) unknownFlow(node *source.Node, id string) {
	var names []string
	for name, d := range b.byID {
		if d.keys["on"] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if near := diag.Closest(id, names); near != "" {
		b.report.AddFix(node.Span(), node.Span().Fix(near), unknownFlowNear, id, near)
		return
	}
	b.add(node, unknownFlowFault, id)
}
