package members_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// rule is a tag rule as a function of the member and the time.
func rule(tag string, remove bool, inputs []string, holds func(*commerce.Member, time.Time) bool) members.TagRule {
	return members.TagRule{
		Name: tag, Tag: tag, Remove: remove, Inputs: inputs,
		Holds: func(v any, now time.Time) (bool, error) { return holds(v.(*commerce.Member), now), nil },
	}
}

const month = 30 * 24 * time.Hour

// variousRules depend on all that members are: orders, products, subscriptions, other tags, time.
func variousRules() []members.TagRule {
	lapsed := rule("lapsed", true, []string{"totals"}, func(m *commerce.Member, now time.Time) bool {
		return m.Totals.Orders > 0 && now.Sub(m.Totals.LastOrderAt) >= month
	})
	lapsed.Next = func(v any, now, _ time.Time) (time.Time, bool) {
		at := v.(*commerce.Member).Totals.LastOrderAt.Add(month)
		return at, at.After(now)
	}
	return []members.TagRule{
		lapsed,
		rule("linked", true, []string{"linked"}, func(m *commerce.Member, _ time.Time) bool { return m.Linked }),
		rule("bought", false, []string{"totals"}, func(m *commerce.Member, _ time.Time) bool { return m.Totals.Orders > 0 }),
		rule("rich", true, []string{"totals"}, func(m *commerce.Member, _ time.Time) bool { return m.Totals.Amount >= 3000 }),
		rule("tea", true, []string{"products"}, func(m *commerce.Member, _ time.Time) bool {
			return slices.ContainsFunc(m.Products, func(p commerce.MemberProduct) bool { return p.Code == "TEA" && p.Orders > 1 })
		}),
		rule("subscriber", true, []string{"subscriptions"}, func(m *commerce.Member, _ time.Time) bool {
			return m.Totals.SubscriptionStatus == commerce.Active
		}),
		rule("vip", true, []string{"flags", "tags"}, func(m *commerce.Member, _ time.Time) bool {
			return slices.Contains(m.Flags, "vip") && slices.Contains(m.Tags, "rich")
		}),
		rule("april", true, []string{"birthday"}, func(m *commerce.Member, _ time.Time) bool { return m.Birthday == "--04-02" }),
	}
}

var users = []string{"U1", "U2"}

// happen has something happen that may change tags.
func (r *rig) happen(t *rapid.T) {
	user := rapid.SampledFrom(users).Draw(t, "user")
	customer := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "customer")
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0:
		r.tell("line", follow(user))
	case 1:
		r.tell("line", commerce.Contact{UserID: user, Phone: "0901111222" + customer})
	case 2:
		r.tell("shop", commerce.Customer{ID: customer, Phone: "0901111222" + customer, Birthday: rapid.SampledFrom([]commerce.Date{"", "--04-02"}).Draw(t, "birthday")})
	case 3:
		r.tell("shop", subscriptionOf(t, customer))
	case 4:
		r.now = r.now.Add(time.Duration(rapid.IntRange(1, 40*24).Draw(t, "hours")) * time.Hour)
		must(r.members.Tick(r.t.Context()))(r.t)
	case 5:
		if m := r.known(user); m != nil {
			up := rapid.Bool().Draw(t, "up")
			if err := r.members.Flag(r.t.Context(), person, m.ID, "vip", up); err != nil {
				t.Fatal(err)
			}
		}
	default:
		r.tell("shop", orderOf(t, customer))
	}
}

func (r *rig) known(user string) *commerce.Member {
	found := must(r.members.Find(r.t.Context(), members.Query{User: host.Ref{Connection: "line", ID: user}}))(r.t)
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

func subscriptionOf(t *rapid.T, customer string) commerce.Subscription {
	return commerce.Subscription{
		ID: rapid.SampledFrom([]string{"s1", "s2"}).Draw(t, "subscription"), CustomerID: customer,
		Status: rapid.SampledFrom([]commerce.Status{"", commerce.Active, commerce.Paused}).Draw(t, "status"),
		Items:  []commerce.OrderItem{{SKU: "TEA"}},
	}
}

func orderOf(t *rapid.T, customer string) commerce.Order {
	o := order(rapid.SampledFrom([]string{"o1", "o2", "o3", "o4"}).Draw(t, "order"), customer, rapid.IntRange(0, 50).Draw(t, "day"))
	if rapid.IntRange(0, 3).Draw(t, "cancelled") == 0 {
		o.CancelledAt = start
	}
	o.Items[0].SKU = rapid.SampledFrom([]string{"TEA", "CUP"}).Draw(t, "sku")
	return o
}

func TestTagsEqualAFullRecomputation(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rules := variousRules()
		r := newRig(t, rules...)
		given := map[string]map[string]bool{} // by member, what was ever given and stays
		for range rapid.IntRange(1, 25).Draw(rt, "events") {
			r.happen(rt)
			for _, m := range r.all() {
				if given[m.ID] == nil {
					given[m.ID] = map[string]bool{}
				}
				if diff := cmp.Diff(recomputed(rules, m, r.now, given[m.ID]), m.Tags); diff != "" {
					rt.Fatalf("tags are not what all rules together say (-all +kept):\n%s", diff)
				}
				r.recountTotals(rt, m)
			}
		}
	})
}

// recomputed asks every rule about the member, in their order.
func recomputed(rules []members.TagRule, m *commerce.Member, now time.Time, stays map[string]bool) []string {
	view := *m
	view.Tags = []string{}
	for i := range rules {
		holds, _ := rules[i].Holds(&view, now)
		if !rules[i].Remove {
			stays[rules[i].Tag] = stays[rules[i].Tag] || holds
			holds = stays[rules[i].Tag]
		}
		if holds {
			view.Tags = append(view.Tags, rules[i].Tag)
		}
	}
	slices.Sort(view.Tags)
	return view.Tags
}

// recountTotals compares the member's totals with its list of purchases.
func (r *rig) recountTotals(t *rapid.T, m *commerce.Member) {
	var orders, amount int64
	for _, p := range must(r.members.Purchases(r.t.Context(), m.ID, 0))(r.t) {
		if !p.Cancelled {
			orders++
			amount += p.Total.Amount
		}
	}
	if m.Totals.Orders != orders || m.Totals.Amount != amount {
		t.Fatalf("totals are %+v, but purchases come to %d orders and %d", m.Totals, orders, amount)
	}
}

func (r *rig) all() []*commerce.Member {
	var all []*commerce.Member
	err := r.members.Each(r.t.Context(), "", func(m *commerce.Member) error {
		all = append(all, m)
		return nil
	})
	return must(all, err)(r.t)
}

// life is all that is ever told of one person, in no order.
func life(n int) (facts []commerce.Modelled, carts []string) {
	phone, user := fmt.Sprintf("0901111000%d", n), fmt.Sprintf("U%d", n)
	email := fmt.Sprintf("hanako%d@example.com", n)
	shop, mall := fmt.Sprintf("s%d", n), fmt.Sprintf("m%d", n)
	facts = []commerce.Modelled{
		follow(user),
		commerce.Contact{UserID: user, Phone: phone},
		commerce.Contact{UserID: user, Email: email},
		commerce.Customer{ID: shop, Email: email},
		order("so"+shop, shop, n),
		commerce.Subscription{ID: "ss" + shop, CustomerID: shop},
		commerce.Customer{ID: mall, Phone: phone},
		order("mo"+mall, mall, n),
		commerce.Customer{ID: mall, Phone: phone, FullName: "花子"},
	}
	return facts, []string{"line", "line", "line", "shop", "shop", "shop", "mall", "mall", "mall"}
}

func TestLinksDoNotDependOnWhoComesFirst(t *testing.T) {
	type told struct {
		cart string
		fact commerce.Modelled
	}
	var facts []told
	for n := range 3 {
		some, carts := life(n)
		for i := range some {
			facts = append(facts, told{carts[i], some[i]})
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t)
		for _, f := range rapid.Permutation(facts).Draw(rt, "order") {
			r.tell(f.cart, f.fact)
		}
		for n := range 3 {
			m := r.friend(fmt.Sprintf("U%d", n))
			want := []string{fmt.Sprintf("mall/m%d", n), fmt.Sprintf("shop/s%d", n)}
			if got := r.customers(fmt.Sprintf("U%d", n)); !slices.Equal(got, want) || m.Totals.Orders != 2 || m.Name != "花子" {
				rt.Fatalf("U%d has %v, want %v; %+v", n, got, want, m.Totals)
			}
		}
		if reviews := must(r.members.Reviews(t.Context(), 0))(t); len(reviews) != 0 {
			rt.Fatalf("put up for review: %+v", reviews)
		}
	})
}
