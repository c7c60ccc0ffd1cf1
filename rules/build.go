package rules

import (
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// builder turns one document into a flow.
type builder struct {
	*loader
	doc  *document
	flow *Flow
	// calls are the flows that this one runs as steps, used the files that it reads.
	calls []*Flow
	used  map[string]bool
	// including are the snippets within which the builder is.
	including []string
	// ids are the steps' names with the lines on which they stand.
	ids   map[string]int
	paths map[string]bool
	// untriggered is there in a flow without on, and true once that was reported.
	untriggered *bool
}

// build checks a document and makes its flow, once.
func (l *loader) build(d *document) {
	if d.state != notBuilt || d.broken {
		return
	}
	d.state = building
	b := &builder{
		loader: l, doc: d, ids: map[string]int{}, paths: map[string]bool{}, used: map[string]bool{},
		flow: &Flow{ID: d.id, File: d.file.Name, OnFailure: Block, source: d.file},
	}
	if d.keys["on"] == nil {
		b.untriggered = new(bool)
	}
	b.header()
	v := b.trigger()
	if node := d.keys["when"]; node != nil {
		b.flow.When = b.values(v).conditionFor(node, expr.Use{Facts: v.facts, Test: true})
		v = v.holding(b.flow.When)
	}
	if node := d.keys["key"]; node != nil {
		b.flow.Lane = b.values(v).lane(node)
	}
	b.steps(d.keys["steps"], v)
	b.flow.Version = b.version()
	d.flow = b.flow
	d.state = built
}

// values returns the compiler of values for a place.
func (b *builder) values(v view) *values {
	return &values{loader: b.loader, view: v, used: b.used, untriggered: b.untriggered}
}

func (b *builder) header() {
	keys := b.doc.keys
	b.flow.Title = b.sentence(keys["title"])
	b.flow.Owner = b.sentence(keys["owner"])
	if node := keys["on_failure"]; node != nil {
		b.flow.OnFailure = OnFailure(b.choice(node, string(Block), string(Skip)))
	}
	if node := keys["retry"]; node != nil {
		b.retry(node)
	}
	if keys["steps"] == nil {
		b.add(b.doc.node, keyMissing, "steps")
	}
	for _, pair := range b.doc.node.Pairs() {
		if pair.Key.Text() == "steps" {
			b.collectIDs(pair.Value)
		}
	}
}

func (b *builder) retry(node *source.Node) {
	keys := b.mapping(node, whatRetry, []string{"for", "attempts"})
	if n := keys["for"]; n != nil {
		b.flow.Retry.For = b.duration(n)
	}
	if n := keys["attempts"]; n != nil {
		b.flow.Retry.Attempts = b.count(n)
	}
}

// collectIDs notes every step's name, so that a name can be explained where it cannot be seen yet.
func (b *builder) collectIDs(node *source.Node) {
	if id := node.Get("id"); id != nil && id.IsScalar() {
		if _, known := b.ids[id.Text()]; !known {
			b.ids[id.Text()] = id.Line()
		}
	}
	for _, p := range node.Pairs() {
		b.collectIDs(p.Value)
	}
	for _, item := range node.Items() {
		b.collectIDs(item)
	}
}

// trigger reads what starts the flow and returns the view of its first step.
func (b *builder) trigger() view {
	var data *shape.Type
	if node := b.doc.keys["on"]; node != nil {
		data = b.on(node)
		for _, name := range b.doc.params.missing {
			b.add(b.doc.keys["params"].Get(name), paramWithoutValue, name)
		}
	} else if b.misnamedKey() {
		data = b.anyData()
	}
	known, envelope := b.lang.Types(), b.envelope(data)
	b.flow.types = &flowTypes{
		known: known, envelope: envelope, data: data, params: b.doc.params.typ,
		paramValues: b.doc.params.typ.Object(b.doc.params.values), results: map[string]*shape.Type{},
	}
	names := b.lang.Names(
		expr.Var{Name: nameEvent, Type: envelope},
		expr.Var{Name: nameParams, Type: b.doc.params.typ},
		expr.Var{Name: nameNow, Type: known.Of("now", timeSchema)},
	)
	if len(b.tables) > 0 {
		var tables *shape.Type
		tables, b.flow.types.tables = b.allTables()
		names = names.With(expr.Var{Name: nameTables, Type: tables})
	}
	names.Hidden = b.hidden
	return view{names: names}
}

// envelope returns the type of event, the same one for all flows of a trigger.
func (l *loader) envelope(data *shape.Type) *shape.Type {
	if made := l.envelopes[data]; made != nil {
		return made
	}
	var schema *abi.Schema
	if data != nil {
		schema = data.Schema()
	}
	made := l.lang.Types().Of("event", envelopeSchema(schema))
	l.envelopes[data] = made
	return made
}

// hidden explains a step's name where its result cannot be seen.
func (b *builder) hidden(name string) (diag.Kind, bool) {
	line, known := b.ids[name]
	if !known {
		return diag.Kind{}, false
	}
	return hiddenStep(line), true
}

// holding returns the view after a condition was found to hold.
func (v view) holding(c *Condition) view {
	if c == nil {
		return v
	}
	return view{v.names, v.facts.With(c.checked.True)}
}

// failing returns the view after a condition was found not to hold.
func (v view) failing(c *Condition) view {
	if c == nil {
		return v
	}
	return view{v.names, v.facts.With(c.checked.False)}
}

// anyData is the type of event.data where it cannot be told: whatever is read of it is no fault of its own.
func (b *builder) anyData() *shape.Type { return b.lang.Types().Of("", nil) }

// misnamedKey says whether the flow has a key that flows do not have, which may be what starts it.
func (b *builder) misnamedKey() bool {
	return slices.ContainsFunc(b.doc.node.Pairs(), func(p source.Pair) bool {
		return !slices.Contains(b.doc.kind.keys, p.Key.Text())
	})
}

// on reads what starts the flow; the result is the type of event.data, nil for
// schedules, anything where on itself has a fault.
func (b *builder) on(node *source.Node) *shape.Type {
	keys := b.mapping(node, whatOn, []string{"connection", "event", "schedule", "zone", "catch_up", "jitter"})
	if !node.IsMap() {
		return b.anyData()
	}
	if keys["schedule"] != nil {
		b.schedule(node, keys)
		if keys["connection"] != nil || keys["event"] != nil {
			return b.anyData()
		}
		return nil
	}
	for _, key := range []string{"zone", "catch_up", "jitter"} {
		if keys[key] != nil {
			b.add(keys[key], onlyWithSchedule, key)
		}
	}
	for _, key := range []string{"connection", "event"} {
		if keys[key] == nil {
			b.add(node, keyMissing, key)
		}
	}
	if keys["connection"] == nil {
		return b.anyData()
	}
	name, connection := b.connection(keys["connection"])
	if connection == nil || keys["event"] == nil {
		return b.anyData()
	}
	b.flow.On.Connection = name
	return b.event(keys["event"], name, connection)
}

// connection reads the name of a connection.
func (l *loader) connection(node *source.Node) (string, *Connection) {
	name := l.word(node)
	if name == "" {
		return "", nil
	}
	if c := l.catalog.Connections[name]; c != nil && c.Manifest != nil {
		return name, c
	}
	l.unknownConnection(node.Span(), name)
	return name, nil
}

func (l *loader) unknownConnection(at source.Span, name string) {
	names := slices.Sorted(maps.Keys(l.catalog.Connections))
	if near := diag.Closest(name, names); near != "" {
		l.report.AddFix(at, strings.Replace(at.File.Line(at.Line), name, near, 1), unknownConnectionNear, name, near)
		return
	}
	l.report.Add(at, unknownConnectionFault, name, quotedSome(names))
}

func (b *builder) event(node *source.Node, name string, connection *Connection) *shape.Type {
	event := b.word(node)
	var names []string
	for i := range connection.Manifest.Triggers {
		trigger := &connection.Manifest.Triggers[i]
		if trigger.Name == event {
			b.flow.On.Event = event
			return b.lang.Types().Of(name+" "+event, orEmpty(trigger.Data))
		}
		names = append(names, trigger.Name)
	}
	if event == "" {
		return b.anyData()
	}
	if near := diag.Closest(event, names); near != "" {
		b.report.AddFix(node.Span(), node.Span().Fix(near), unknownEventNear, name, event, near)
	} else {
		b.add(node, unknownEvent, name, event, quotedSome(names))
	}
	return b.anyData()
}

var (
	timeSchema  = &abi.Schema{Type: abi.TypeString, Format: "date-time"}
	emptySchema = &abi.Schema{Type: abi.TypeObject}
)

func orEmpty(s *abi.Schema) *abi.Schema {
	if s == nil {
		return emptySchema
	}
	return s
}
