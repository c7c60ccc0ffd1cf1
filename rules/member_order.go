package rules

import (
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/source"
)

// fieldTags is the field of a member that tag rules change themselves.
const fieldTags = "tags"

// asksOf returns the tags that a rule's condition asks for. A condition that
// looks at the tags in another way would depend on its own.
func (l *loader) asksOf(r *TagRule) map[string]expr.Read {
	asks := map[string]expr.Read{}
	for _, read := range r.condition.when.reads() {
		if read.Name != nameMember || (read.Field != fieldTags && read.Field != "") {
			continue
		}
		if !read.Named {
			l.report.Add(r.span(read), tagsNotNamed, r.Tag)
			continue
		}
		for _, tag := range read.Asked {
			if _, known := asks[tag]; !known {
				asks[tag] = read
			}
		}
	}
	return asks
}

// span is where a rule reads something.
func (r *TagRule) span(read expr.Read) source.Span {
	e := r.condition.when
	return e.node.Range(e.from+read.From, e.from+read.To)
}

// orderTags sorts the rules so that each comes after those that give the tags
// it asks for, and otherwise by tag. Rules that ask for each other in a circle
// have no order: they are reported.
func (l *loader) orderTags() []*TagRule {
	o := &tagOrder{loader: l, byTag: map[string]*TagRule{}, state: map[*TagRule]buildState{}}
	for _, r := range l.tags {
		o.byTag[r.Tag] = r
	}
	for _, tag := range slices.Sorted(maps.Keys(o.byTag)) {
		o.visit(o.byTag[tag])
	}
	return o.sorted
}

type tagOrder struct {
	*loader
	byTag  map[string]*TagRule
	state  map[*TagRule]buildState
	way    []*TagRule
	sorted []*TagRule
}

func (o *tagOrder) visit(r *TagRule) {
	if o.state[r] != notBuilt {
		return
	}
	o.state[r] = building
	o.way = append(o.way, r)
	for _, tag := range r.Asks() {
		giver := o.byTag[tag]
		switch {
		case giver == nil:
		case o.state[giver] == building:
			o.report.Add(r.span(r.asks[tag]), tagCircle, o.circle(giver))
		default:
			o.visit(giver)
		}
	}
	o.way = o.way[:len(o.way)-1]
	o.state[r] = built
	o.sorted = append(o.sorted, r)
}

// circle names the rules from one back to itself.
func (o *tagOrder) circle(from *TagRule) string {
	names := []string{}
	for _, r := range o.way[slices.Index(o.way, from):] {
		names = append(names, r.Tag)
	}
	return strings.Join(append(names, from.Tag), " → ")
}
