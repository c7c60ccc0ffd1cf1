package rules

import (
	"maps"
	"slices"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// nameMember is the name under which tag rules, link rules and segments see a member.
const nameMember = "member"

// MemberView is a member as rules see it. It is typed when the first rule asks
// for it, and shared by all rules of a set. It belongs to one goroutine; the
// member must not change while it is used, but for its tags: see Retagged.
type MemberView struct{ *memberView }

type memberView struct {
	member *commerce.Member
	typ    *shape.Type
	val    ref.Val
	err    error
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
	object, ok := v.val.(*shape.Object)
	if !ok {
		return
	}
	tags := types.NewStringList(types.DefaultTypeAdapter, v.member.Tags)
	v.val, v.scope = object.With(fieldTags, tags), nil
}

// as returns what the rules of a set see of the member.
func (v MemberView) as(m *memberCondition) (*Scope, error) {
	if v.typ != m.member {
		v.typ, v.scope = m.member, nil
		v.val, v.err = typed(m.member, v.member)
	}
	if v.scope == nil && v.err == nil {
		v.scope = newScope(nil, "", nil)
		v.scope.bind(nameMember, v.val)
		if m.tables != nil {
			v.scope.bind(nameTables, m.tables)
		}
	}
	return v.scope, v.err
}

func typed(typ *shape.Type, member *commerce.Member) (ref.Val, error) {
	v, err := typ.FromGo(member)
	if err != nil {
		return nil, &abi.Error{Kind: abi.Internal, Message: "reading a member: " + faultText(err).EN}
	}
	return v, nil
}

// memberCondition is a condition over a member and a running clock.
type memberCondition struct {
	when   *Condition
	member *shape.Type
	tables ref.Val
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
	return m
}

// daySchema is the schema of a day of the calendar.
var daySchema = &abi.Schema{Type: abi.TypeString, Format: "date"}

// at says whether the condition holds for a member at the time of a clock.
func (m *memberCondition) at(view MemberView, clock *expr.Clock) (bool, error) {
	s, err := view.as(m)
	if err != nil {
		return false, err
	}
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

// inputs returns the fields of a member that the condition reads, sorted.
func (m *memberCondition) inputs() []string {
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
