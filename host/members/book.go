package members

import (
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
}

// LinkRule says by what a cart's customers are recognised as members of a channel.
type LinkRule struct {
	Name          string
	Channel, Cart string
	// Keys are looked at in this order, the surest first.
	Keys []string
	// RequireOrder lets a customer without orders wait for the first one.
	RequireOrder bool
	// Guests says that buyers without an account are linked too.
	Guests bool
}

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
	// Remove takes the tag away again when the condition no longer holds.
	Remove bool
	// Inputs are the fields of a member that the condition reads.
	Inputs []string
	Holds  func(view any, now time.Time) (bool, error)
	// Next is the next instant at which the outcome may change by time alone; nil
	// for a rule to which time does not matter.
	Next func(view any, now time.Time) (time.Time, bool)

	parts part
}

// NewBook prepares rules for use.
func NewBook(version string, links []LinkRule, tags []TagRule, view func(*commerce.Member) any) *Book {
	tags = slices.Clone(tags)
	for i := range tags {
		tags[i].parts = partsOf(tags[i].Inputs)
		if tags[i].Next != nil {
			tags[i].parts |= partTime
		}
	}
	return &Book{Version: version, Links: links, Tags: tags, View: view}
}

// linksOf are the rules for a cart's customers.
func (b *Book) linksOf(cart string) []LinkRule {
	return slices.DeleteFunc(slices.Clone(b.Links), func(r LinkRule) bool { return r.Cart != cart })
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

func partOf(field string) part {
	switch field {
	case "id", "registered_at":
		return partChannels
	case "name", "kana", "phones", "emails", "birthday", "sex":
		return partProfile | partLinks
	case "tags":
		return partTags
	case "flags":
		return partFlags
	case "points":
		return partPoints
	case "linked", "linked_at", "customers":
		return partLinks
	case "channels":
		return partChannels
	case "carts", "products", "totals":
		return partOrders | partSubscriptions | partLinks
	case "subscriptions":
		return partSubscriptions | partLinks
	default:
		return partAll
	}
}
