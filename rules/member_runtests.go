package rules

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// memberTest is a test of tag rules: a member in, tags out.
type memberTest struct {
	name  string
	node  *source.Node
	rules []*TagRule
	at    time.Time
	// member has the tags with which the test begins, want those that it expects.
	member *commerce.Member
	want   []string
	// tags and next are where the expectations stand; next is nil where the test does not care.
	tags, next *source.Node
}

var memberTestKeys = []string{"name", "tag", "at", "member", "expect"}

// testTime is when tests happen that do not say.
var testTime = time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)

// memberTest reads a test of the tag rules in a folder, or of the one that it names.
func (r *testReader) memberTest(node *source.Node, folder string) {
	before := len(r.report.Problems)
	keys := r.mapping(node, whatTest, memberTestKeys)
	t := &memberTest{name: r.sentence(keys["name"]), node: node, at: testTime, rules: r.tagRulesOf(node, keys["tag"], folder)}
	for _, key := range []string{"name", "member", "expect"} {
		if keys[key] == nil {
			r.add(node, keyMissing, key)
		}
	}
	if len(r.report.Problems) > before {
		return
	}
	if n := keys["at"]; n != nil {
		t.at = r.moment(n)
	}
	t.member = r.testMember(keys["member"])
	expect := r.mapping(keys["expect"], whatExpect, []string{"tags", "next"})
	if t.tags, t.next = expect["tags"], expect["next"]; t.tags == nil {
		r.add(keys["expect"], keyMissing, "tags")
	} else {
		t.want = r.texts(t.tags)
	}
	if len(r.report.Problems) == before {
		r.members = append(r.members, t)
	}
}

// tagRulesOf returns the rules that a test is about.
func (r *testReader) tagRulesOf(node, tag *source.Node, folder string) []*TagRule {
	var found []*TagRule
	for _, rule := range r.set.TagRules() {
		if (tag == nil && path.Dir(rule.File) == folder) || (tag != nil && rule.Tag == tag.Text()) {
			found = append(found, rule)
		}
	}
	switch {
	case found != nil:
	case tag != nil:
		r.add(tag, unknownTagOfTest, tag.Text())
	default:
		r.add(node, keyMissing, "tag")
	}
	return found
}

func (r *testReader) moment(node *source.Node) time.Time {
	t, err := time.Parse(time.RFC3339, node.Text())
	if err != nil {
		r.add(node, timeForm, node.Text())
	}
	return t
}

func (r *testReader) texts(node *source.Node) []string {
	texts := []string{}
	if !node.IsList() {
		r.add(node, listOfTexts)
	}
	for _, item := range node.Items() {
		texts = append(texts, r.plain(item))
	}
	slices.Sort(texts)
	return texts
}

// testMember reads a member of whom the test says only what matters.
func (r *testReader) testMember(node *source.Node) *commerce.Member {
	v := &values{loader: r.loader, constant: true, sample: true}
	typ := r.lang.Types().Of("member of a test", loose(r.catalog.Member))
	p := v.compile(node, typ, slot{name: nameMember})
	if p == nil {
		return nil
	}
	val, err := p.eval(nil)
	if err != nil {
		r.add(node, testDataWrong, faultText(err))
		return nil
	}
	data, err := shape.AppendJSON(nil, val)
	if err != nil {
		r.add(node, testDataWrong, faultText(err))
		return nil
	}
	r.accepts(node, typ, data)
	m := &commerce.Member{ID: "test", Recent: []commerce.DayTotals{}}
	if err := json.Unmarshal(data, m); err != nil {
		r.add(node, testDataWrong, faultText(err))
	}
	return m
}

// loose returns a schema all of whose fields may be absent.
func loose(s *abi.Schema) *abi.Schema {
	if s == nil {
		return nil
	}
	copied := *s
	copied.Required, copied.Items, copied.Additional = nil, loose(s.Items), loose(s.Additional)
	if s.Properties != nil {
		copied.Properties = make(map[string]*abi.Schema, len(s.Properties))
		for name, property := range s.Properties {
			copied.Properties[name] = loose(property)
		}
	}
	return &copied
}

// runMembers runs the tests of tag rules and adds to the report.
func (r *testReader) runMembers(report *TestReport) {
	given, left := map[*TagRule]bool{}, map[*TagRule]bool{}
	var found source.Report
	for _, t := range r.members {
		before := len(found.Problems)
		t.run(given, left, &found)
		if len(found.Problems) == before {
			report.Passed++
		} else {
			report.Failed++
		}
	}
	report.Problems = append(report.Problems, found.Problems...)
	var untaken source.Report
	for _, rule := range r.set.TagRules() {
		switch {
		case left[rule] && !given[rule]:
			untaken.Add(rule.doc.file.LineSpan(rule.doc.keys["when"].Line()), untakenTag, rule.Tag)
		case given[rule] && !left[rule]:
			untaken.Add(rule.doc.file.LineSpan(rule.doc.keys["when"].Line()), untakenNoTag, rule.Tag)
		}
	}
	report.Untaken = append(report.Untaken, untaken.Problems...)
}

// run asks the rules in order, each seeing the tags as those before it left them.
func (t *memberTest) run(given, left map[*TagRule]bool, r *source.Report) {
	member, next := *t.member, time.Time{}
	view := NewMemberView(&member)
	for _, rule := range t.rules {
		holds, err := rule.Holds(view, t.at)
		if err != nil {
			r.Add(t.node.Span(), testFailed, t.name, err.Error())
			return
		}
		if holds {
			given[rule] = true
		} else {
			left[rule] = true
		}
		if at, changes := rule.Next(view, t.at, next); changes && (next.IsZero() || at.Before(next)) {
			next = at
		}
		member.Tags = rule.Apply(member.Tags, holds)
		view.Retagged()
	}
	t.compare(slices.Sorted(slices.Values(member.Tags)), next, r)
}

func (t *memberTest) compare(tags []string, next time.Time, r *source.Report) {
	if !slices.Equal(tags, t.want) {
		r.Add(t.tags.Span(), testOtherInput, t.name, "tags", strings.Join(t.want, ", "), strings.Join(tags, ", "))
		return
	}
	if t.next == nil {
		return
	}
	got := "never"
	if !next.IsZero() {
		got = shape.FormatTime(next)
	}
	if want, err := time.Parse(time.RFC3339, t.next.Text()); (err == nil && want.Equal(next)) || t.next.Text() == got {
		return
	}
	r.Add(t.next.Span(), testOtherInput, t.name, "next", t.next.Text(), got)
}
