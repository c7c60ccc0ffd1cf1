package rules

import (
	"time"

	"github.com/musubi-run/musubi/rules/source"
)

// Segment is a condition that divides members into those who belong to it and
// those who do not. It is immutable and may be used by many goroutines.
type Segment struct{ condition *memberCondition }

// segmentFile is the file that the faults of a segment's condition name.
const segmentFile = "--where"

// CompileSegment checks a condition over members. When it is wrong the error
// is [Problems].
func CompileSegment(where string, catalog *Catalog) (*Segment, error) {
	l, err := newLoader(catalog, map[string][]byte{segmentFile: []byte(where)})
	if err != nil {
		return nil, err
	}
	node := source.New(segmentFile, []byte(where)).Whole()
	if l.catalog.Member == nil {
		l.add(node, noMembers)
		return nil, l.report.Problems
	}
	condition := l.memberCondition(func(v *values) *Condition { return v.condition(node) }, map[string]bool{})
	if len(l.report.Problems) > 0 {
		l.report.Problems.Sort()
		return nil, l.report.Problems
	}
	return &Segment{condition}, nil
}

// Holds says whether a member belongs to the segment at a time.
func (s *Segment) Holds(m MemberView, now time.Time) (bool, error) {
	return s.condition.at(m, s.condition.clock(now))
}
