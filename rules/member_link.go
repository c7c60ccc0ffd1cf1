package rules

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// LinkRule says when a person of a channel and a customer of a cart are the
// same. It is immutable and may be used by many goroutines.
type LinkRule struct {
	Name, Title, Owner, File string
	// Version is the hash of all that decides what the rule does.
	Version string
	// Channel and Cart are the connections that it ties together.
	Channel, Cart string
	// Keys are tried in order; the first that finds anybody decides.
	Keys []LinkKey
	// ReviewBelow sends a match by a key of less confidence to people, who decide.
	ReviewBelow int
	// RequireOrder lets a customer without orders wait until the first one.
	RequireOrder bool
	Guests       Guests
	// Take says whose word counts for a member's attribute, for those that have no default.
	Take map[string]Take

	when *customerCondition
	doc  *document
}

// LinkKey is something that must be the same on both sides.
type LinkKey struct {
	Field Key
	// Confidence is how sure a match is, in percent.
	Confidence int
}

// Key is what a person is recognised by.
type Key string

// The keys: a telephone number and an e-mail address in the form in which they
// are compared, and the person's id at the channel, stored at the cart.
const (
	KeyPhone  Key = "phone"
	KeyEmail  Key = "email"
	KeyLineID Key = "line_id"
)

// Guests says what happens to customers without an account at the cart.
type Guests string

// The policies for guests.
const (
	GuestsLink   Guests = "link"
	GuestsIgnore Guests = "ignore"
)

// Take says whose word counts when several customers of a member say different
// things. Nothing ever overwrites something.
type Take string

// The policies for attributes.
const (
	TakeFirst  Take = "first"
	TakeNewest Take = "newest"
	TakeNever  Take = "never"
)

// takenAttributes are what a member may have from a cart.
var takenAttributes = []string{"name", "kana", "phone", "email", "birthday", "sex"}

// fullConfidence is the confidence of a key that does not name one.
const fullConfidence = 100

// TakeOf returns the policy for an attribute; the first linked customer wins
// unless the rule says otherwise.
func (r *LinkRule) TakeOf(attribute string) Take { return cmp.Or(r.Take[attribute], TakeFirst) }

// Conditional says whether the rule is about some customers only; see Wants.
func (r *LinkRule) Conditional() bool { return r.when != nil }

// Wants says whether the rule is about a customer: whether its condition holds.
// The customer is JSON in the shape in which the cart announces customers.
func (r *LinkRule) Wants(customer []byte) (bool, error) {
	if r.when == nil {
		return true, nil
	}
	return r.when.holds(customer)
}

// customerCondition is a condition over a cart's customer.
type customerCondition struct {
	*Condition
	customer *shape.Type
}

// nameCustomer is the name under which link rules see a customer.
const nameCustomer = "customer"

func (c *customerCondition) holds(customer []byte) (bool, error) {
	v, err := c.customer.Decode(customer)
	if err != nil {
		return false, &abi.Error{Kind: abi.Invalid, Message: "reading a customer: " + faultText(err).EN}
	}
	s := newScope(nil, "", nil)
	s.bind(nameCustomer, v)
	return c.Holds(s)
}

// readLinkRule reads a link rule.
func (l *loader) readLinkRule(d *document) {
	if l.catalog.Member == nil {
		l.add(d.keys["link"], noMembers)
		return
	}
	if !l.enabled(d) {
		l.offMembers = append(l.offMembers, offRule{d.id, d.file.Name})
		return
	}
	r := &LinkRule{
		Name: d.id, File: d.file.Name, doc: d, Guests: GuestsIgnore,
		Title: l.sentence(d.keys["title"]), Owner: l.sentence(d.keys["owner"]),
	}
	for _, other := range l.linkRules {
		if other.Name == r.Name {
			l.add(d.keys["link"], duplicateName, r.Name, other.File)
			return
		}
	}
	for _, key := range []string{"channel", "cart", "keys"} {
		if d.keys[key] == nil {
			l.add(d.node, keyMissing, key)
		}
	}
	l.linkRules = append(l.linkRules, r)
}

// buildLinks checks link rules, once lockfiles and tables are known.
func (l *loader) buildLinks() {
	slices.SortFunc(l.linkRules, func(a, b *LinkRule) int { return cmp.Compare(a.Name, b.Name) })
	pairs := map[[2]string]string{}
	for _, r := range l.linkRules {
		l.linkSides(r, pairs)
		l.linkPolicies(r)
		if n := r.doc.keys["keys"]; n != nil {
			l.linkKeys(r, n)
		}
		if n := r.doc.keys["take"]; n != nil {
			l.linkTakes(r, n)
		}
		r.Version = l.versionOf(map[string]bool{r.File: true})
	}
}

// linkSides reads the two connections that a rule ties together.
func (l *loader) linkSides(r *LinkRule, pairs map[[2]string]string) {
	keys := r.doc.keys
	if n := keys["channel"]; n != nil {
		r.Channel, _ = l.modelled(n, abi.ModelContact, noContactsOf)
	}
	if n := keys["cart"]; n != nil {
		var trigger *abi.Trigger
		r.Cart, trigger = l.modelled(n, abi.ModelCustomer, noCustomersOf)
		if when := keys["when"]; when != nil && trigger != nil {
			r.when = l.customerCondition(when, r.Cart, trigger)
		}
	}
	pair := [2]string{r.Channel, r.Cart}
	if other, known := pairs[pair]; known && r.Channel != "" && r.Cart != "" {
		l.add(keys["link"], duplicateLinked, r.Channel, r.Cart, other)
	}
	pairs[pair] = r.File
}

// modelled reads a connection that announces a type of the shared model.
func (l *loader) modelled(node *source.Node, model abi.Model, otherwise diag.Kind) (string, *abi.Trigger) {
	name, connection := l.connection(node)
	if connection == nil {
		return "", nil
	}
	for i := range connection.Manifest.Triggers {
		if t := &connection.Manifest.Triggers[i]; t.Model == model {
			return name, t
		}
	}
	l.add(node, otherwise, name)
	return "", nil
}

func (l *loader) customerCondition(node *source.Node, cart string, trigger *abi.Trigger) *customerCondition {
	typ := l.lang.Types().Of(cart+" "+trigger.Name, orEmpty(trigger.Data))
	names := l.lang.Names(expr.Var{Name: nameCustomer, Type: typ})
	c := (&values{loader: l, view: view{names: names}}).condition(node)
	if c == nil {
		return nil
	}
	return &customerCondition{c, typ}
}

func (l *loader) linkPolicies(r *LinkRule) {
	keys := r.doc.keys
	if n := keys["require_order"]; n != nil {
		r.RequireOrder = l.boolean(n)
	}
	if n := keys["guests"]; n != nil {
		r.Guests = Guests(l.choice(n, string(GuestsLink), string(GuestsIgnore)))
	}
	if n := keys["review_below"]; n != nil {
		r.ReviewBelow = l.percent(n)
	}
}

// linkKeys reads the keys, each a name or a name with its confidence.
func (l *loader) linkKeys(r *LinkRule, node *source.Node) {
	if !node.IsList() || len(node.Items()) == 0 {
		l.add(node, keysOfLink, quoted(keyNames()))
		return
	}
	surest := 0
	for _, item := range node.Items() {
		key, at := LinkKey{Confidence: fullConfidence}, item
		if item.IsMap() {
			fields := l.mapping(item, whatLinkKey, []string{"key", "confidence"})
			if at = fields["key"]; at == nil {
				l.add(item, keyMissing, "key")
				continue
			}
			if n := fields["confidence"]; n != nil {
				key.Confidence = l.percent(n)
			}
		}
		key.Field = Key(l.choice(at, keyNames()...))
		if slices.ContainsFunc(r.Keys, func(k LinkKey) bool { return k.Field == key.Field }) {
			l.add(at, keyTwice, string(key.Field))
		}
		r.Keys, surest = append(r.Keys, key), max(surest, key.Confidence)
	}
	if n := r.doc.keys["review_below"]; n != nil && surest < r.ReviewBelow {
		l.add(n, neverSure, r.ReviewBelow)
	}
}

func keyNames() []string { return []string{string(KeyPhone), string(KeyEmail), string(KeyLineID)} }

func (l *loader) percent(node *source.Node) int {
	n, err := strconv.Atoi(node.Text())
	if !node.IsPlain() || err != nil || n < 1 || n > fullConfidence {
		l.add(node, percentWanted)
		return fullConfidence
	}
	return n
}

func (l *loader) linkTakes(r *LinkRule, node *source.Node) {
	r.Take = map[string]Take{}
	for attribute, n := range l.mapping(node, whatTake, takenAttributes) {
		r.Take[attribute] = Take(l.choice(n, string(TakeFirst), string(TakeNewest), string(TakeNever)))
	}
}
