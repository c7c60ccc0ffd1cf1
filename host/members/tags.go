package members

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// settle ends a fact: customers whose keys others gained are matched, and for
// everybody who was touched it is kept what the rules have to decide on. They
// decide at the end of the change, see [tx.decide], on the member as it is now.
func (t *tx) settle(ctx context.Context) error {
	if err := t.rematch(ctx); err != nil {
		return err
	}
	for _, id := range t.queue {
		parts := t.changed[id]
		delete(t.changed, id)
		if err := t.refer(ctx, id, parts); err != nil {
			return err
		}
	}
	t.queue = t.queue[:0]
	return nil
}

// refer puts a member before the rules.
func (t *tx) refer(ctx context.Context, id string, parts part) error {
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
	d := t.pending[p.ID]
	if d == nil {
		d = &decision{m: t.m, now: t.now, book: book, p: p, fresh: t.fresh}
		t.pending[p.ID] = d
		t.deciding = append(t.deciding, d)
	}
	c := matter{member: m, parts: parts, origin: t.origin, quiet: t.quiet, sweeping: t.sweeping, told: parts&^(partTags|partTime) != 0 && !t.sweeping}
	c.links, t.links = linksOf(p.ID, t.links)
	d.matters = append(d.matters, c)
	return nil
}

// decide has the rules decide. Members have nothing to do with one another, so
// they are decided on all processors; what happened to one member is decided
// in order. It is half of the work of an import.
func (t *tx) decide() error {
	err := inParallel(len(t.deciding), func(i int) error {
		t.deciding[i].run()
		return nil
	})
	for _, d := range t.deciding {
		t.accept(d)
	}
	t.deciding, t.pending = nil, make(map[string]*decision)
	return err
}

// accept makes what the rules decided part of the change.
func (t *tx) accept(d *decision) {
	for _, n := range d.notes {
		t.note(d.p.ID, n.what, n.tag, n.cause)
	}
	t.news = append(t.news, d.news...)
	t.sweep.gave(d.quietly, t.now)
	same := d.due.Equal(d.p.Due)
	if len(d.notes) > 0 || d.changed || !same {
		t.save(d.p)
	}
	if same {
		return
	}
	if !d.p.Due.IsZero() {
		t.drop(timerKey(d.p.Due, d.p.ID))
	}
	d.p.Due = d.due
	t.write(timerKey(d.due, d.p.ID), &mark{})
	t.alarms = append(t.alarms, d.due)
}

// matter is one thing that happened to a member, and the member after it.
type matter struct {
	member *commerce.Member
	parts  part
	links  []linkNews
	origin string
	// quiet announces nothing; told says that the member itself changed; sweeping
	// that rules did.
	quiet, told, sweeping bool
}

// ruling is one tag that a rule gave or took.
type ruling struct {
	what, tag string
	cause     host.Cause
}

// decision is what the rules say of one member. It has the member to itself
// while it runs, and touches nothing else.
type decision struct {
	m    *Members
	now  time.Time
	book *Book
	p    *person
	// matters are in the order in which they happened.
	matters []matter

	// fresh are the versions of rules of which not everybody was asked yet.
	fresh map[string]bool

	// changed says that the member is to be stored though no tag is another.
	changed bool
	notes   []ruling
	news    []announcement
	// quietly are tags that were given because rules are new or changed.
	quietly []string
	due     time.Time
	// asked says which rules were asked, by their place in the book.
	asked []bool
	// seen is the member under way as rules see it, facts what was said of it;
	// stale says that both, and the member, do not have the newest tags.
	seen  any
	facts map[string]string
	stale bool
}

func (d *decision) run() {
	d.due = d.p.Due
	d.asked = make([]bool, len(d.book.Tags))
	for i := range d.matters {
		c := &d.matters[i]
		d.seen, d.facts, d.stale = nil, nil, true
		for _, l := range c.links {
			d.announce(c, c.sweeping, l.event, func() any {
				return LinkChange{Connection: l.customer.Connection, CustomerID: l.customer.ID, Key: l.key, Member: *d.member(c)}
			})
		}
		d.tags(c)
		if c.told {
			d.announce(c, c.sweeping, EventUpdated, func() any { return Update{Member: *d.member(c)} })
		}
	}
	d.schedule(&d.matters[len(d.matters)-1])
}

// member is the member with the tags of now.
func (d *decision) member(c *matter) *commerce.Member {
	if d.stale {
		d.stale = false
		c.member.Tags = d.p.tagNames()
		delete(d.facts, fieldTags)
		if d.seen != nil {
			d.book.Retagged(d.seen)
		}
	}
	return c.member
}

// look is the member for a rule, made when it is needed. Few rules ask for tags,
// so these are brought up to date for those only.
func (d *decision) look(c *matter, rule *TagRule) any {
	if rule.parts&partTags != 0 {
		d.member(c)
	}
	if d.seen == nil {
		d.seen = d.book.View(c.member)
	}
	return d.seen
}

// tags asks the rules that read what changed, in their order, which has every
// tag decided before the rules that read it: each sees what the ones before it did.
func (d *decision) tags(c *matter) {
	parts := c.parts
	for i := range d.book.Tags {
		rule := &d.book.Tags[i]
		if rule.parts&parts == 0 || d.settled(rule) {
			continue
		}
		d.asked[i] = true
		holds, err := rule.Holds(d.look(c, rule), d.now)
		if err != nil {
			d.m.Logger.Warn("tag rule cannot be decided", "rule", rule.Name, "member", d.p.ID, "error", err)
			continue
		}
		if d.obey(c, rule, holds) {
			parts |= partTags
		}
	}
}

// settled says that a rule can change nothing, whatever it says: its tag stays,
// or a person does not want it.
func (d *decision) settled(rule *TagRule) bool {
	has := d.p.tagged(rule.Tag)
	if has == nil {
		return slices.Contains(d.p.Refused, rule.Tag)
	}
	return !rule.Remove || has.cause(rule.Tag) != host.Cause{By: host.ByRule, Name: rule.Name}
}

// obey does what a rule says, unless it is settled, and returns whether a tag
// changed. A rule takes away only what it gave itself, and gives nothing that a
// person took away, nor again what a flow did before it has not held.
func (d *decision) obey(c *matter, rule *TagRule, holds bool) bool {
	there := d.p.tagged(rule.Tag) != nil
	switch {
	case holds && !there && slices.Contains(d.p.Waived, rule.Tag):
		return false
	case !holds && remove(&d.p.Waived, rule.Tag):
		d.changed = true
		return false
	case holds && !there:
		d.p.give(rule.Tag, d.now, host.Cause{By: host.ByRule, Name: rule.Name})
		d.retagged(c, rule, EventTagAdded, host.MemberTagged)
		return true
	case !holds && there:
		d.p.untag(rule.Tag)
		d.retagged(c, rule, EventTagRemoved, host.MemberUntagged)
		return true
	default:
		return false
	}
}

// retagged notes and announces what a rule did.
func (d *decision) retagged(c *matter, rule *TagRule, event, what string) {
	cause := host.Cause{By: host.ByRule, Name: rule.Name, Facts: d.factsFor(c.member, rule.Inputs)}
	d.notes = append(d.notes, ruling{what, rule.Tag, cause})
	d.stale = true
	quietly := !rule.AnnounceAll && (c.sweeping || d.fresh[rule.Version])
	if quietly && event == EventTagAdded && !c.quiet {
		d.quietly = append(d.quietly, rule.Tag)
	}
	d.announce(c, quietly, event, func() any {
		return TagChange{Tag: rule.Tag, Reason: cause.Text().EN, Member: *d.member(c)}
	})
}

// announce has an event made, if anybody listens. What is so because rules are
// new or changed is kept quiet: nothing happened, and it is so of many at once.
func (d *decision) announce(c *matter, quietly bool, event string, data func() any) {
	if !c.quiet && !quietly && d.m.Listens(event) {
		d.news = append(d.news, announcement{event: event, subject: d.p.ID, origin: c.origin, data: data()})
	}
}

// schedule finds the next instant at which a rule may decide otherwise by time
// alone. A timer that is too early does no harm: it is only looked at. So it is
// moved only to an earlier time, and rules that were not asked keep to the one
// they have, unless somebody else changed tags: what was settled may not be.
func (d *decision) schedule(c *matter) {
	unsettled := slices.ContainsFunc(d.matters, func(c matter) bool { return c.parts&partTags != 0 })
	for i := range d.book.Tags {
		rule := &d.book.Tags[i]
		if rule.Next == nil || d.settled(rule) || (!d.asked[i] && !unsettled) {
			continue
		}
		if at, ok := rule.Next(d.look(c, rule), d.now, d.due); ok && (d.due.IsZero() || at.Before(d.due)) {
			d.due = at.UTC()
		}
	}
}

// longestFact is how many bytes of a fact a reason shows.
const longestFact = 80

// mostDays is how many days of orders a reason tells.
const mostDays = 3

// factsFor says what a rule saw: "birthday --04-02, orders 3". Rules see the same.
func (d *decision) factsFor(m *commerce.Member, inputs []string) string {
	facts := make([]string, 0, len(inputs))
	for _, input := range inputs {
		text, known := d.facts[input]
		if !known {
			text = shortened(factOf(m, input))
			if d.facts == nil {
				d.facts = make(map[string]string)
			}
			d.facts[input] = text
		}
		if text != "" {
			facts = append(facts, text)
		}
	}
	return strings.Join(facts, ", ")
}

func shortened(fact string) string {
	if len(fact) <= longestFact {
		return fact
	}
	return strings.ToValidUTF8(fact[:longestFact], "") + "…"
}

func factOf(m *commerce.Member, input string) string {
	switch input {
	case "birthday":
		return named(input, string(m.Birthday))
	case "points":
		return named(input, strconv.FormatInt(m.Points, 10))
	case fieldTags:
		return named(input, strings.Join(m.Tags, " "))
	case "flags":
		return named(input, strings.Join(m.Flags, " "))
	case "linked", "linked_at":
		return fmt.Sprintf("linked %t", m.Linked)
	case "totals", "carts":
		return totalsFact(&m.Totals)
	case "recent":
		return recentFact(m.Recent)
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

// recentFact tells the newest days, the last one first.
func recentFact(days []commerce.DayTotals) string {
	var newest []string
	for _, d := range slices.Backward(days) {
		if len(newest) < mostDays && !d.Cut {
			newest = append(newest, fmt.Sprintf("%s %d", d.Day, d.Amount))
		}
	}
	return named("ordered", strings.Join(newest, ", "))
}

func productsFact(products []commerce.MemberProduct) string {
	codes := make([]string, 0, len(products))
	for i := range products {
		codes = append(codes, fmt.Sprintf("%s×%d", products[i].Code, products[i].Orders))
	}
	return named("bought", strings.Join(codes, " "))
}
