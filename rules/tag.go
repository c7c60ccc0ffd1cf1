package rules

import (
	"time"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/sdk/abi"
)

// nameMember is the name under which tag rules see a member.
const nameMember = "member"

// TagRule gives members a tag while a condition holds.
type TagRule struct {
	// Tag is the tag's name, Title and Owner are for people.
	Tag, Title, Owner, File string
	// Remove says that the tag is taken away again when the condition no longer holds.
	Remove bool

	when   *Condition
	member *shape.Type
}

// Holds says whether a member, JSON in the catalog's shape, should have the tag at a time.
func (r *TagRule) Holds(member []byte, now time.Time) (bool, error) {
	v, err := r.member.Decode(member)
	if err != nil {
		return false, &abi.Error{Kind: abi.Invalid, Message: "reading a member: " + faultText(err).EN}
	}
	s := newScope(nil, "", nil)
	s.bind(nameMember, v)
	s.bind(nameNow, types.Timestamp{Time: now})
	return r.when.Holds(s)
}

// readTag reads a tag rule.
func (l *loader) readTag(d *document) {
	if l.catalog.Member == nil {
		l.add(d.keys["tag"], noMembers)
		return
	}
	if !l.enabled(d) {
		return
	}
	r := &TagRule{Tag: d.id, File: d.file.Name, Title: l.sentence(d.keys["title"]), Owner: l.sentence(d.keys["owner"])}
	r.member = l.lang.Types().Of(nameMember, l.catalog.Member)
	if n := d.keys["remove"]; n != nil {
		r.Remove = l.boolean(n)
	}
	if d.keys["when"] == nil {
		l.add(d.node, keyMissing, "when")
		return
	}
	names := l.lang.Names(
		expr.Var{Name: nameMember, Type: r.member},
		expr.Var{Name: nameNow, Type: l.lang.Types().Of(nameNow, timeSchema)},
	)
	v := &values{loader: l, view: view{names: names}}
	r.when = v.condition(d.keys["when"])
	for _, other := range l.tags {
		if other.Tag == r.Tag {
			l.add(d.keys["tag"], duplicateName, r.Tag, other.File)
			return
		}
	}
	l.tags = append(l.tags, r)
}
