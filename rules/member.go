package rules

import (
	"maps"
	"slices"
	"time"

	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// nameMember is the name under which tag rules, link rules and segments see a member.
const nameMember = "member"

// MemberView is a member as rules see it. It is typed field by field, when the
// first rule asks for one, and shared by all rules of a set. It belongs to one
// goroutine; the member must not change while it is used, but for its tags: see
// Retagged.
type MemberView struct{ *memberView }

type memberView struct {
	member *commerce.Member
	typ    *shape.Type
	native *shape.Native
	// scope is what all rules of the set see; it has room for one clock at a time.
	scope *Scope
}

// NewMemberView returns the view of a member.
func NewMemberView(m *commerce.Member) MemberView {
	return MemberView{&memberView{member: m}}
}

// Retagged is told that the member's tags have changed: what the next tag rule
// is to see after one has changed them.
func (v MemberView) Retagged() {
	if v.native != nil {
		v.native.Forget(fieldTags)
	}
}

// as returns what the rules of a set see of the member, with all that one of
// them asks for.
func (v MemberView) as(m *memberCondition) *Scope {
	if v.typ != m.member {
		v.typ, v.native = m.member, m.member.Native(v.member)
		v.scope = newScope(nil, "", nil)
		v.scope.bind(nameMember, v.native.Object())
		if m.tables != nil {
			v.scope.bind(nameTables, m.tables)
		}
	}
	v.native.Ask(m.inputs)
	return v.scope
}

// memberCondition is a condition over a member and a running clock.
type memberCondition struct {
	when   *Condition
	member *shape.Type
	tables ref.Val
	// inputs are the fields of a member that the condition reads, sorted.
	inputs []string
}

// memberCondition compiles a condition over a member; nil if it is wrong. It is
// told what it uses beside its own file.
func (l *loader) memberCondition(when func(v *values) *Condition, used map[string]bool) *memberCondition {
	m := &memberCondition{member: l.lang.Types().Of(nameMember, l.catalog.Member)}
	known := l.lang.Types()
	names := l.lang.Names(
		expr.Var{Name: nameMember, Type: m.member},
		expr.Var{Name: expr.NameNow, Type: known.Of(expr.NameNow, timeSchema)},
		expr.Var{Name: expr.NameToday, Type: known.Of(expr.NameToday, daySchema)},
	)
	if len(l.tables) > 0 {
		var tables *shape.Type
		tables, m.tables = l.allTables()
		names = names.With(expr.Var{Name: nameTables, Type: tables})
	}
	m.when = when(&values{loader: l, view: view{names: names}, used: used, clock: true})
	if m.when == nil {
		return nil
	}
	m.inputs = m.fields()
	return m
}

// daySchema is the schema of a day of the calendar.
var daySchema = &abi.Schema{Type: abi.TypeString, Format: "date"}

// at says whether the condition holds for a member at the time of a clock.
func (m *memberCondition) at(view MemberView, clock *expr.Clock) (bool, error) {
	s := view.as(m)
	s.clock = clock
	return m.when.Holds(s)
}

// clock returns the clock that the condition asks; nil if it asks none.
func (m *memberCondition) clock(now time.Time) *expr.Clock {
	if !m.when.timed() {
		return nil
	}
	return expr.NewClock(now)
}

// fields returns the fields of a member that the condition reads, sorted.
func (m *memberCondition) fields() []string {
	fields := map[string]bool{}
	for _, read := range m.when.reads() {
		switch {
		case read.Name != nameMember:
		case read.Field == "":
			return m.member.FieldNames()
		default:
			fields[read.Field] = true
		}
	}
	return slices.Sorted(maps.Keys(fields))
}
