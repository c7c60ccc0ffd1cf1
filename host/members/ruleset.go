package members

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"time"

	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// BookOf returns what a set of rules says about members.
func BookOf(set *rules.Set) *Book {
	b := Book{
		View:     func(m *commerce.Member) any { return rules.NewMemberView(m) },
		Retagged: func(view any) { view.(rules.MemberView).Retagged() }, //nolint:errcheck // View's
	}
	version := sha256.New()
	for _, r := range set.LinkRules() {
		_, _ = io.WriteString(version, r.Version) //nolint:errcheck // a hash takes everything
		b.Links = append(b.Links, linkRule(r))
	}
	for _, r := range set.TagRules() {
		_, _ = io.WriteString(version, r.Version) //nolint:errcheck // as above
		b.Tags = append(b.Tags, tagRule(r))
	}
	b.Version = hex.EncodeToString(version.Sum(nil)[:8])
	return NewBook(b)
}

func linkRule(r *rules.LinkRule) LinkRule {
	rule := LinkRule{
		Name: r.Name, Channel: r.Channel, Cart: r.Cart, RequireOrder: r.RequireOrder,
		Guests: r.Guests == rules.GuestsLink, Take: make(map[string]string, len(r.Take)),
	}
	if r.Conditional() {
		rule.Wants = r.Wants
	}
	for _, k := range r.Keys {
		rule.Keys = append(rule.Keys, LinkKey{Name: string(k.Field), Unsure: k.Confidence < r.ReviewBelow})
	}
	for attribute, take := range r.Take {
		rule.Take[attribute] = string(take)
	}
	return rule
}

func tagRule(r *rules.TagRule) TagRule {
	rule := TagRule{
		Name: r.Tag, Tag: r.Tag, Version: r.Version, Remove: r.Remove, AnnounceAll: r.Announce == rules.AnnounceAll, Inputs: slices.Clone(r.Inputs()),
		Holds: func(view any, now time.Time) (bool, error) {
			return r.Holds(view.(rules.MemberView), now) //nolint:errcheck // View's
		},
	}
	if r.Timed() {
		rule.Next = func(view any, now, end time.Time) (time.Time, bool) {
			return r.Next(view.(rules.MemberView), now, end) //nolint:errcheck // View's
		}
	}
	return rule
}
