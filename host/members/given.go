package members

import (
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
)

// given is tags of a member that were given at one moment: when, and by whom.
// What a rule saw then is in the history. Members have dozens of tags, most of
// them from rules of their own names and many from the same order, so these
// are kept together and say nothing more.
type given struct {
	At   time.Time `json:"t"`
	By   string    `json:"b,omitempty"` // empty: the rules of the tags' names
	Name string    `json:"n,omitempty"`
	Tags []string  `json:"g"`
}

// cause is who gave a tag of these.
func (g *given) cause(tag string) host.Cause {
	if g.By == "" {
		return host.Cause{By: host.ByRule, Name: tag}
	}
	return host.Cause{By: g.By, Name: g.Name}
}

// tagged finds a tag of the member; nil if it is not there.
func (p *person) tagged(tag string) *given {
	for i := range p.Tags {
		if slices.Contains(p.Tags[i].Tags, tag) {
			return &p.Tags[i]
		}
	}
	return nil
}

// give tags the member, who does not have the tag.
func (p *person) give(tag string, at time.Time, cause host.Cause) {
	by, name := cause.By, cause.Name
	if by == host.ByRule && name == tag {
		by, name = "", ""
	}
	for i := range p.Tags {
		if g := &p.Tags[i]; g.At.Equal(at) && g.By == by && g.Name == name {
			g.Tags = append(g.Tags, tag)
			return
		}
	}
	p.Tags = append(p.Tags, given{At: at, By: by, Name: name, Tags: []string{tag}})
}

// untag takes a tag away and says whether the member had it.
func (p *person) untag(tag string) bool {
	g := p.tagged(tag)
	if g == nil {
		return false
	}
	remove(&g.Tags, tag)
	p.Tags = slices.DeleteFunc(p.Tags, func(g given) bool { return len(g.Tags) == 0 })
	return true
}

// tagNames are the member's tags, sorted.
func (p *person) tagNames() []string {
	names := []string{}
	for i := range p.Tags {
		names = append(names, p.Tags[i].Tags...)
	}
	slices.Sort(names)
	return names
}
