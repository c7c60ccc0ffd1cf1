package members

import (
	"context"
	"slices"

	"github.com/musubi-run/musubi/host"
)

// greeted is who was linked with customers of these carts before, and maybe is
// no more: flows heard of it once, and greeted.
type greeted struct {
	Carts []string `json:"c"`
}

func greetedKey(connection, user string) string { return key(tableState, "linked", connection, user) }

// greetedKeys are the rows of all that the member is: users of channels, or only itself.
func (p *person) greetedKeys() []string {
	if len(p.Channels) == 0 {
		return []string{greetedKey("", p.ID)}
	}
	keys := make([]string, 0, len(p.Channels))
	for i := range p.Channels {
		keys = append(keys, greetedKey(p.Channels[i].Connection, p.Channels[i].UserID))
	}
	return keys
}

// linkMade adds that a link was made, if it is the first one of the member with a
// customer of the cart: that a cart replaces customers, and people put records in order, is no news
// to anybody. Neither is what a look at everybody finds.
func (t *tx) linkMade(ctx context.Context, p *person, b *buyer, by string) error {
	if t.quiet || t.sweeping || !t.m.Listens(EventLinked) {
		return nil
	}
	if slices.ContainsFunc(p.Customers, func(c host.Ref) bool { return c.Connection == b.Connection && c.ID != b.ID }) {
		return nil
	}
	for _, k := range p.greetedKeys() {
		g, err := read[greeted](ctx, t, k)
		if err != nil || (g != nil && slices.Contains(g.Carts, b.Connection)) {
			return err
		}
	}
	t.links = append(t.links, linkNews{EventLinked, p.ID, b.ref(), by})
	return nil
}

// remember keeps that the member was linked with a customer of the cart.
func (t *tx) remember(ctx context.Context, p *person, cart string) error {
	for _, k := range p.greetedKeys() {
		g, err := read[greeted](ctx, t, k)
		if err != nil {
			return err
		}
		if g == nil {
			g = new(greeted)
		}
		if addOnce(&g.Carts, cart) {
			t.write(k, g)
		}
	}
	return nil
}

// reachable says whether somebody would read what is sent to the member.
func (p *person) reachable() bool {
	for i := range p.Channels {
		if p.Channels[i].Following {
			return true
		}
	}
	return false
}
