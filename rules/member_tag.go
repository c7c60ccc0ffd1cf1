package rules

import (
	"maps"
	"slices"
	"time"

	"github.com/musubi-run/musubi/rules/expr"
)

// TagRule gives members a tag while a condition holds. It is immutable and may
// be used by many goroutines.
type TagRule struct {
	// Tag is the tag, and names the rule. Title and Owner are for people.
	Tag, Title, Owner, File string
	// Version is the hash of all that decides what the rule does.
	Version string
	// Remove says that the tag is taken away again when the condition no longer holds.
	Remove bool
	// Announce says whether flows hear of members whom the rule fits already when it is new or changed.
	Announce Announce

	condition *memberCondition
	inputs    []string
	// asks are the tags that the condition asks for, with where it does.
	asks map[string]expr.Read
	doc  *document
}

// Announce says of whom flows hear that the rule gave the tag.
type Announce string

// The policies for announcing.
const (
	// AnnounceNew is who comes to fit the rule by what happens or by time; the default.
	AnnounceNew Announce = "new"
	// AnnounceAll is also everybody who fits because the rule is new or changed.
	AnnounceAll Announce = "all"
)

// Holds says whether a member should have the tag at a time. The clock of tag
// rules ticks in whole seconds. An error is of kind Invalid and names the place
// in the rule.
func (r *TagRule) Holds(m MemberView, now time.Time) (bool, error) {
	return r.condition.at(m, r.condition.clock(now))
}

// Apply returns the tags of a member after the rule was asked: with the tag if
// its condition holds, without if it does not and the rule removes.
func (r *TagRule) Apply(tags []string, holds bool) []string {
	i := slices.Index(tags, r.Tag)
	switch {
	case holds && i < 0:
		return append(slices.Clone(tags), r.Tag)
	case !holds && r.Remove && i >= 0:
		return slices.Delete(slices.Clone(tags), i, i+1)
	default:
		return tags
	}
}

// Inputs returns the fields of a member that the rule reads, sorted: only a
// change of one of them, or time, can change what Holds says.
func (r *TagRule) Inputs() []string { return r.inputs }

// Asks returns the tags on which the rule depends, sorted. The rules that give
// them come before this one in [Set.TagRules].
func (r *TagRule) Asks() []string { return slices.Sorted(maps.Keys(r.asks)) }

// Timed says whether what Holds says can change by time alone.
func (r *TagRule) Timed() bool { return r.condition.when.timed() }

const (
	// mostSteps is how far Next looks past instants at which nothing changes after all.
	mostSteps = 400
	// farYears is how far ahead changes are told: differences of times are reckoned over 292 years at most.
	farYears = 100
)

// Next returns the next instant at which what Holds says of this member may
// change by time alone; false if it never does, not within a hundred years, or
// not before end, which says when the caller asks again anyway (zero: never).
// Until then nothing changes; then the rule must be asked again.
func (r *TagRule) Next(m MemberView, now, end time.Time) (time.Time, bool) {
	if !r.Timed() {
		return time.Time{}, false
	}
	if far := now.AddDate(farYears, 0, 0); end.IsZero() || end.After(far) {
		end = far.Add(1)
	}
	clock := expr.NewClock(now)
	before, err := r.condition.at(m, clock)
	for range mostSteps {
		at, changes := clock.Next()
		if !changes || !at.Before(end) {
			return time.Time{}, false
		}
		clock = expr.NewClock(at)
		holds, fault := r.condition.at(m, clock)
		if holds != before || (err == nil) != (fault == nil) {
			break
		}
	}
	return clock.Now(), true
}

// readTag reads a tag rule.
func (l *loader) readTag(d *document) {
	if l.catalog.Member == nil {
		l.add(d.keys["tag"], noMembers)
		return
	}
	if !l.enabled(d) {
		l.offMembers = append(l.offMembers, offRule{d.id, d.file.Name})
		return
	}
	r := &TagRule{Tag: d.id, File: d.file.Name, Title: l.sentence(d.keys["title"]), Owner: l.sentence(d.keys["owner"]), doc: d, Announce: AnnounceNew}
	if n := d.keys["remove"]; n != nil {
		r.Remove = l.boolean(n)
	}
	if n := d.keys["announce"]; n != nil {
		r.Announce = Announce(l.choice(n, string(AnnounceNew), string(AnnounceAll)))
	}
	if d.keys["when"] == nil {
		l.add(d.node, keyMissing, "when")
		return
	}
	for _, other := range l.tags {
		if other.Tag == r.Tag {
			l.add(d.keys["tag"], duplicateName, r.Tag, other.File)
			return
		}
	}
	l.tags = append(l.tags, r)
}

// buildTags checks the conditions of tag rules and brings the rules into the
// order in which they are asked.
func (l *loader) buildTags() {
	for _, r := range l.tags {
		used := map[string]bool{r.File: true}
		r.condition = l.memberCondition(func(v *values) *Condition { return v.condition(r.doc.keys["when"]) }, used)
		if r.condition != nil {
			r.inputs = r.condition.inputs
			r.asks = l.asksOf(r)
		}
		r.Version = l.versionOf(used)
	}
	l.tags = l.orderTags()
}
