package rules

import (
	"maps"
	"slices"
)

// Set is all the rules of a folder, checked as a whole. It is immutable and
// may be used by many goroutines. The zero Set has no rules.
type Set struct {
	version    string
	flows      []*Flow
	byID       map[string]*Flow
	byEvent    map[eventKey]*matcher
	sources    map[string][]byte
	tags       []*TagRule
	links      []*LinkRule
	offMembers []offRule
}

type eventKey struct{ connection, event string }

// Version is a hash of all the set's files.
func (s *Set) Version() string { return s.version }

// Flows returns the flows that are enabled, sorted by ID.
func (s *Set) Flows() []*Flow { return s.flows }

// Off returns the flows that are switched off by enabled: false, sorted by ID.
func (s *Set) Off() []*Flow {
	var off []*Flow
	for _, id := range slices.Sorted(maps.Keys(s.byID)) {
		if s.byID[id].Off {
			off = append(off, s.byID[id])
		}
	}
	return off
}

// offRule is a tag rule or a link rule that is switched off.
type offRule struct{ name, file string }

// OffMembers returns the names of the tag rules and link rules that are switched off, sorted.
func (s *Set) OffMembers() []string {
	names := make([]string, len(s.offMembers))
	for i, r := range s.offMembers {
		names[i] = r.name
	}
	slices.Sort(names)
	return names
}

// On returns the enabled flows that start on events of this connection and type, sorted by ID.
func (s *Set) On(connection, eventType string) []*Flow {
	if m := s.byEvent[eventKey{connection, eventType}]; m != nil {
		return m.flows
	}
	return nil
}

// Flow returns the flow of that ID, enabled or not, or nil.
func (s *Set) Flow(id string) *Flow { return s.byID[id] }

// TagRules returns the tag rules that are enabled, in the order in which they are
// asked: a rule comes after those that give the tags it asks for.
func (s *Set) TagRules() []*TagRule { return s.tags }

// LinkRules returns the link rules that are enabled, sorted by name.
func (s *Set) LinkRules() []*LinkRule { return s.links }

// Sources returns the files that the set was loaded from. A map file system of
// them loads to an equal set.
func (s *Set) Sources() map[string][]byte { return s.sources }
