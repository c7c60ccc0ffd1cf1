package members

import (
	"cmp"
	"slices"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
)

// Book is the rules about members that are in force. It is immutable.
type Book struct {
	// Version changes whenever a tag rule does.
	Version string
	Links   []LinkRule
	// Tags are in the order in which they are decided.
	Tags []TagRule
	// View makes what tag rules look at: once for all of them.
	View func(*commerce.Member) any
	// Retagged tells a view that the member's tags have changed.
	Retagged func(view any)
}

// LinkRule says by what a cart's customers are recognised as members of a channel.
type LinkRule struct {
	Name          string
	Channel, Cart string
	// Keys are looked at in this order; the first that finds anybody decides.
	Keys []LinkKey
	// Wants says whether the rule is about a customer, JSON as the cart announced
	// it; nil for all of them.
	Wants func(customer []byte) (bool, error)
	// Take says whose word counts for an attribute, TakeFirst where it is silent.
	Take map[string]string
	// RequireOrder lets a customer without orders wait for the first one.
	RequireOrder bool
	// Guests says that buyers without an account are linked too.
	Guests bool
}

// LinkKey is something that must be the same on both sides.
type LinkKey struct {
	Name string
	// Unsure has a person decide where this key decides.
	Unsure bool
}

// Whose word counts for an attribute: the customer's who was linked first, the
// one's who was changed last, or none.
const (
	TakeFirst  = "first"
	TakeNewest = "newest"
	TakeNever  = "never"
)

// What a customer can be recognised by.
const (
	KeyPhone  = "phone"
	KeyEmail  = "email"
	KeyLineID = "line_id"
	// KeyPerson marks a link that a person made.
	KeyPerson = "person"
)

// TagRule gives a tag while a condition holds.
type TagRule struct {
	Name, Tag string
	// Version changes whenever the rule does.
	Version string
	// Remove takes the tag away again when the condition no longer holds.
	Remove bool
	// AnnounceAll announces the tag also to members whom the rule fits because it is new or changed.
	AnnounceAll bool
	// Inputs are the fields of a member that the condition reads.
	Inputs []string
	Holds  func(view any, now time.Time) (bool, error)
	// Next is the next instant at which the outcome may change by time alone, if it
	// is before end (zero: any); nil for a rule to which time does not matter.
	Next func(view any, now, end time.Time) (time.Time, bool)

	parts part
}

// NewBook prepares rules for use.
func NewBook(b Book) *Book {
	b.Tags = slices.Clone(b.Tags)
	for i := range b.Tags {
		rule := &b.Tags[i]
		rule.parts = partsOf(rule.Inputs)
		if rule.Next != nil {
			rule.parts |= partTime
		}
	}
	return &b
}

// versions are those of the tag rules.
func (b *Book) versions() []string {
	all := make([]string, 0, len(b.Tags))
	for i := range b.Tags {
		all = append(all, b.Tags[i].Version)
	}
	return all
}

// linksOf are the rules for a cart's customers.
func (b *Book) linksOf(cart string) []LinkRule {
	return slices.DeleteFunc(slices.Clone(b.Links), func(r LinkRule) bool { return r.Cart != cart })
}

// take says whose word counts for an attribute of a cart's customers.
func (b *Book) take(cart, attribute string) string {
	for i := range b.Links {
		if b.Links[i].Cart == cart {
			return cmp.Or(b.Links[i].Take[attribute], TakeFirst)
		}
	}
	return TakeFirst
}

// part is a set of fields of a member.
type part uint32

// The parts that change together.
const (
	partProfile part = 1 << iota
	partTags
	partFlags
	partPoints
	partLinks
	partChannels
	partOrders
	partSubscriptions
	// partTime is what time alone may change.
	partTime
	partAll part = 1<<iota - 1
)

// partsOf says what can alter these fields.
func partsOf(fields []string) part {
	var all part
	for _, f := range fields {
		all |= partOf(f)
	}
	return all
}

// fieldTags is the field of a member that tag rules change themselves.
const fieldTags = "tags"

func partOf(field string) part {
	switch field {
	case "id", "registered_at":
		return partChannels
	case "name", "kana", "phones", "emails", "birthday", "sex":
		return partProfile | partLinks
	case fieldTags:
		return partTags
	case "flags":
		return partFlags
	case "points":
		return partPoints
	case "linked", "linked_at", "customers":
		return partLinks
	case "channels":
		return partChannels
	case "recent":
		return partOrders | partLinks
	case "carts", "products", "totals":
		return partOrders | partSubscriptions | partLinks
	case "subscriptions":
		return partSubscriptions | partLinks
	default:
		return partAll
	}
}
