package members

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// settle brings everybody whom the change touched up to date: links first, then tags.
func (t *tx) settle(ctx context.Context) error {
	if err := t.rematch(ctx); err != nil {
		return err
	}
	for len(t.queue) > 0 {
		id := t.queue[0]
		t.queue = t.queue[1:]
		parts := t.changed[id]
		delete(t.changed, id)
		if err := t.decide(ctx, id, parts); err != nil {
			return err
		}
	}
	return nil
}

// decide gives and takes the tags of one member, as the rules that read any of
// the parts say, and sets the timer of those that depend on time.
func (t *tx) decide(ctx context.Context, id string, parts part) error {
	p, err := t.person(ctx, id)
	if err != nil || p == nil {
		return err
	}
	book := t.m.Book()
	if len(book.Tags)+len(t.links) == 0 && !t.m.Listens(EventUpdated) {
		return nil
	}
	m, err := t.view(ctx, p)
	if err != nil {
		return err
	}
	t.announceLinks(m)
	d := decision{tx: t, book: book, p: p, m: m}
	d.tags(parts)
	d.schedule()
	if parts&^(partTags|partTime) != 0 && !t.sweeping {
		t.announce(EventUpdated, p.ID, Update{Member: *d.m})
	}
	return nil
}

// decision is what the rules say of one member now.
type decision struct {
	*tx
	book *Book
	p    *person
	m    *commerce.Member
	seen any
}

// look is the member for rules, made when it is needed.
func (d *decision) look() any {
	if d.seen == nil {
		d.seen = d.book.View(d.m)
	}
	return d.seen
}

// tags asks the rules in their order, which has every tag decided before the
// rules that read it: each sees what the ones before it did.
func (d *decision) tags(parts part) {
	for i := range d.book.Tags {
		rule := &d.book.Tags[i]
		if rule.parts&parts == 0 {
			continue
		}
		holds, err := rule.Holds(d.look(), d.now)
		if err != nil {
			d.tx.m.Logger.Warn("tag rule cannot be decided", "rule", rule.Name, "member", d.p.ID, "error", err)
			continue
		}
		if d.obey(rule, holds) {
			changed := *d.m
			changed.Tags = d.p.tagNames()
			d.m, d.seen = &changed, d.book.Retag(d.seen, changed.Tags)
			parts |= partTags
		}
	}
}

// obey does what a rule says and returns whether a tag changed. A rule takes
// away only what a rule gave, and gives nothing that a person took away.
func (d *decision) obey(rule *TagRule, holds bool) bool {
	has, there := d.p.Tags[rule.Tag]
	cause := host.Cause{By: host.ByRule, Name: rule.Name}
	switch {
	case holds && !there && !slices.Contains(d.p.Refused, rule.Tag):
		cause.Facts = factsFor(d.m, rule.Inputs)
		d.give(d.p, rule.Tag, cause, d.m)
		return true
	case !holds && there && rule.Remove && has.cause(rule.Tag) == cause:
		cause.Facts = factsFor(d.m, rule.Inputs)
		d.strip(d.p, rule.Tag, cause, d.m)
		return true
	default:
		return false
	}
}

// give tags the member; m is the member before, for the announcement.
func (t *tx) give(p *person, name string, cause host.Cause, m *commerce.Member) {
	if p.Tags == nil {
		p.Tags = make(map[string]tag)
	}
	p.Tags[name] = newTag(name, t.now, cause)
	t.retagged(p, EventTagAdded, host.MemberTagged, name, cause, m)
}

// strip takes a tag away.
func (t *tx) strip(p *person, name string, cause host.Cause, m *commerce.Member) {
	delete(p.Tags, name)
	t.retagged(p, EventTagRemoved, host.MemberUntagged, name, cause, m)
}

func (t *tx) retagged(p *person, event, what, name string, cause host.Cause, m *commerce.Member) {
	t.save(p)
	t.note(p.ID, what, name, cause)
	t.announceTag(event, p, m, name, cause)
}

func (p *person) tagNames() []string {
	names := slices.AppendSeq(make([]string, 0, len(p.Tags)), maps.Keys(p.Tags))
	slices.Sort(names)
	return names
}

// schedule sets the member's timer to the next instant at which a rule may
// decide otherwise. A timer that is too early does no harm: it is only looked
// at; so it is moved only to an earlier time.
func (d *decision) schedule() {
	next := d.next()
	if next.IsZero() || (!d.p.Due.IsZero() && !next.Before(d.p.Due)) {
		return
	}
	if !d.p.Due.IsZero() {
		d.drop(timerKey(d.p.Due, d.p.ID))
	}
	d.p.Due = next
	d.save(d.p)
	d.write(timerKey(next, d.p.ID), &mark{})
	d.alarms = append(d.alarms, next)
}

func (d *decision) next() time.Time {
	var next time.Time
	for i := range d.book.Tags {
		rule := &d.book.Tags[i]
		if rule.Next == nil {
			continue
		}
		if at, ok := rule.Next(d.look(), d.now); ok && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// longestFact is how many bytes of a fact a reason shows.
const longestFact = 80

// factsFor says what a rule saw: "birthday --04-02, orders 3".
func factsFor(m *commerce.Member, inputs []string) string {
	var facts []string
	for _, input := range inputs {
		if text := factOf(m, input); text != "" {
			if len(text) > longestFact {
				text = strings.ToValidUTF8(text[:longestFact], "") + "…"
			}
			facts = append(facts, text)
		}
	}
	return strings.Join(facts, ", ")
}

func factOf(m *commerce.Member, input string) string {
	switch input {
	case "birthday":
		return named(input, string(m.Birthday))
	case "points":
		return named(input, strconv.FormatInt(m.Points, 10))
	case "tags":
		return named(input, strings.Join(m.Tags, " "))
	case "flags":
		return named(input, strings.Join(m.Flags, " "))
	case "linked", "linked_at":
		return fmt.Sprintf("linked %t", m.Linked)
	case "totals", "carts":
		return totalsFact(&m.Totals)
	case "products":
		return productsFact(m.Products)
	case "subscriptions":
		return named("subscription", string(m.Totals.SubscriptionStatus))
	default:
		return ""
	}
}

func named(name, value string) string {
	if value == "" {
		return ""
	}
	return name + " " + value
}

func totalsFact(t *commerce.Totals) string {
	text := fmt.Sprintf("orders %d, amount %d", t.Orders, t.Amount)
	if !t.LastOrderAt.IsZero() {
		text += ", last order " + jp.FormatDate(t.LastOrderAt)
	}
	return text
}

func productsFact(products []commerce.MemberProduct) string {
	codes := make([]string, 0, len(products))
	for i := range products {
		codes = append(codes, fmt.Sprintf("%s×%d", products[i].Code, products[i].Orders))
	}
	return named("bought", strings.Join(codes, " "))
}
