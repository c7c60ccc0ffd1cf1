package rules

import (
	"slices"
	"strconv"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
)

// outcome is what is known behind a step.
type outcome struct {
	view view
	// bound are the names that the step gives to later ones.
	bound []expr.Var
	// ends says that no step behind it is ever reached.
	ends bool
}

// doing is one kind of step: the key that names it, the keys that may stand
// beside it, and how it is read.
type doing struct {
	key   string
	extra []string
	read  func(b *builder, s *stepReader) outcome
}

var commonKeys = []string{"id", "title", "when"}

// doings are the kinds of step.
func doings() []doing {
	return []doing{
		{"call", []string{"with"}, (*builder).call},
		{"upsert", []string{"object", "match", "set", "create", "link", "from"}, (*builder).upsert},
		{"switch", nil, (*builder).switchStep},
		{"if", []string{"then", "else"}, (*builder).ifStep},
		{"foreach", []string{"as", "steps", "concurrency", "on_error"}, (*builder).foreach},
		{"wait", nil, (*builder).wait},
		{"stop", nil, (*builder).stop},
		{"fail", nil, (*builder).fail},
		{"link", nil, (*builder).link},
		{"linked", nil, (*builder).linked},
		{"emit", []string{"subject", "with"}, (*builder).emit},
		{"flow", []string{"with"}, (*builder).subFlow},
		{"set", nil, (*builder).assign},
	}
}

// stepReader is one step on its way from the file to the plan.
type stepReader struct {
	node *source.Node
	keys map[string]*source.Node
	step *Step
	// place is the step's place in the flow, as in 3.1; view is what it sees.
	place string
	view  view
}

// steps reads the flow's own steps.
func (b *builder) steps(node *source.Node, v view) {
	if node == nil {
		return
	}
	b.flow.Steps, _ = b.sequence(node, "", v)
}

// sequence reads a list of steps, each seeing what the ones before it found.
func (b *builder) sequence(node *source.Node, prefix string, v view) ([]*Step, outcome) {
	out := outcome{view: v}
	if !node.IsList() {
		b.add(node, stepsWanted)
		return nil, out
	}
	if len(node.Items()) == 0 {
		b.add(node, noSteps)
	}
	var steps []*Step
	for i, item := range node.Items() {
		if out.ends {
			b.add(item, neverReached)
			break
		}
		more, after := b.item(item, prefix+strconv.Itoa(i+1), out.view)
		steps = append(steps, more...)
		out = outcome{view: after.view, bound: append(out.bound, after.bound...), ends: after.ends}
	}
	return steps, out
}

// item reads one item of a list of steps: a step, or the steps that it includes.
func (b *builder) item(node *source.Node, place string, v view) ([]*Step, outcome) {
	if node.Get("include") != nil {
		return b.include(node, place, v)
	}
	step, out := b.step(node, place, v)
	if step == nil {
		return nil, out
	}
	return []*Step{step}, out
}

// step reads one step.
func (b *builder) step(node *source.Node, place string, v view) (*Step, outcome) {
	kind, ok := b.kindOf(node)
	if !ok {
		return nil, b.anyResult(node, v)
	}
	s := &stepReader{node: node, place: place, view: v, step: &Step{Line: node.Line()}}
	s.keys = b.mapping(node, whatStep(kind.key), slices.Concat(commonKeys, []string{kind.key}, kind.extra))
	s.step.Title = b.sentence(s.keys["title"])
	b.name(s)
	if n := s.keys["when"]; n != nil {
		s.step.When = b.values(v).condition(n)
		s.view = v.holding(s.step.When)
	}
	out := kind.read(b, s)
	if s.step.Do == nil {
		return nil, b.behind(s, v, out)
	}
	return s.step, b.behind(s, v, out)
}

// anyResult is what is known behind a step that nobody can tell what it does:
// whatever later steps read of its result is no fault of their own.
func (b *builder) anyResult(node *source.Node, v view) outcome {
	id := node.Get("id")
	if id == nil {
		return outcome{view: v}
	}
	name := b.newName(id, v)
	if name == "" {
		return outcome{view: v}
	}
	bound := expr.Var{Name: name, Type: b.anyData()}
	return outcome{view: view{v.names.With(bound), v.facts}, bound: []expr.Var{bound}}
}

// behind combines what a step found with whether it is performed at all.
func (b *builder) behind(s *stepReader, before view, out outcome) outcome {
	if s.keys["when"] == nil {
		return out
	}
	for i := range out.bound {
		out.bound[i].Maybe = true
	}
	after := view{before.names.With(out.bound...), before.facts}
	if out.ends {
		after.facts = after.facts.With(before.failing(s.step.When).facts)
	}
	return outcome{view: after, bound: out.bound}
}

// kindOf finds the one key that says what a step does.
func (b *builder) kindOf(node *source.Node) (doing, bool) {
	if !node.IsMap() {
		b.wantMapping(node, whatAStep)
		return doing{}, false
	}
	var found []doing
	for _, d := range doings() {
		if node.Get(d.key) == nil {
			continue
		}
		modifier := slices.ContainsFunc(found, func(f doing) bool { return slices.Contains(f.extra, d.key) })
		if !modifier {
			found = append(found, d)
		}
	}
	if len(found) > 0 && b.misspeltKind(node, found) {
		return doing{}, false
	}
	switch len(found) {
	case 1:
		return found[0], true
	case 0:
		b.noKind(node)
	default:
		b.add(keyOf(node, found[1].key), twoKinds, found[0].key, found[1].key)
	}
	return doing{}, false
}

// misspeltKind reports a key that is meant to say what the step does, where the
// keys that were found only go with it: a misspelt upsert beside link and set.
func (b *builder) misspeltKind(node *source.Node, found []doing) bool {
	for _, p := range node.Pairs() {
		for _, d := range doings() {
			if diag.Closest(p.Key.Text(), []string{d.key}) == "" || p.Key.Text() == d.key || slices.Contains(d.extra, p.Key.Text()) ||
				slices.ContainsFunc(found, func(f doing) bool { return f.key == p.Key.Text() || !slices.Contains(d.extra, f.key) }) {
				continue
			}
			b.report.AddFix(p.Key.Span(), p.Key.Span().Fix(d.key), unknownKindNear, p.Key.Text(), d.key)
			return true
		}
	}
	return false
}

// noKind reports a step that does nothing, mostly because of a slip in its key.
func (b *builder) noKind(node *source.Node) {
	all := slices.Clone(commonKeys)
	var kinds []string
	for _, d := range doings() {
		kinds = append(kinds, d.key)
		all = append(all, d.extra...)
	}
	for _, p := range node.Pairs() {
		if slices.Contains(all, p.Key.Text()) {
			continue
		}
		if near := diag.Closest(p.Key.Text(), kinds); near != "" {
			b.report.AddFix(p.Key.Span(), p.Key.Span().Fix(near), unknownKindNear, p.Key.Text(), near)
			return
		}
		b.add(p.Key, unknownKind, p.Key.Text(), quoted(kinds))
		return
	}
	b.add(node, noKindFault, quoted(kinds))
}

func keyOf(node *source.Node, key string) *source.Node {
	for _, p := range node.Pairs() {
		if p.Key.Text() == key {
			return p.Key
		}
	}
	return node
}

// name gives the step its id and its path.
func (b *builder) name(s *stepReader) {
	s.step.Path = s.place
	if n := s.keys["id"]; n != nil {
		s.step.ID = b.newName(n, s.view)
		if s.step.ID != "" {
			s.step.Path = s.step.ID
		}
	}
	if b.paths[s.step.Path] {
		s.step.Path = s.place + "." + s.step.ID
	}
	b.paths[s.step.Path] = true
}

// newName reads a name that later expressions will use.
func (b *builder) newName(node *source.Node, v view) string {
	name := b.word(node)
	switch {
	case name == "":
		return ""
	case !isIdentifier(name):
		b.add(node, nameForm, name)
		return ""
	case b.lang.Reserved(name):
		b.add(node, nameReserved, name)
		return ""
	}
	if _, taken := v.names.Lookup(name); taken {
		b.add(node, nameTaken, name)
		return ""
	}
	return name
}

// binds makes a result visible behind the step under its id.
func (b *builder) binds(s *stepReader, typ *shape.Type) outcome {
	if s.step.ID == "" {
		return outcome{view: s.view}
	}
	return b.bindsAs(s, s.step.ID, typ)
}

func (b *builder) bindsAs(s *stepReader, name string, typ *shape.Type) outcome {
	if known := b.flow.types.results[name]; known != nil && known != typ && !known.CEL().IsExactType(typ.CEL()) {
		b.add(s.node, nameOfOtherKind, name)
		return s.view.knows(name, typ)
	}
	b.flow.types.results[name] = typ
	return s.view.knows(name, typ)
}

// knows returns what is seen once a name has a value.
func (v view) knows(name string, typ *shape.Type) outcome {
	bound := expr.Var{Name: name, Type: typ}
	return outcome{view: view{v.names.With(bound), v.facts}, bound: []expr.Var{bound}}
}
