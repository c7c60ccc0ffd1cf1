package memberbench

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// begin is the day on which the import takes place, noon in Japan.
var begin = time.Date(2026, 3, 31, 3, 0, 0, 0, time.UTC)

// The connections of the shop.
const (
	channel = "line"
	cart    = "shop"
)

// catalog has a channel that announces contacts and a cart that announces customers.
func catalog() (*rules.Catalog, error) {
	member, err := commerce.MemberSchema()
	if err != nil {
		return nil, err
	}
	announces := func(id string, model abi.Model) *rules.Connection {
		return &rules.Connection{Manifest: &abi.Manifest{ID: id, Triggers: []abi.Trigger{
			{Name: string(model) + ".updated", Model: model, Data: &abi.Schema{Type: abi.TypeObject}},
		}}}
	}
	return &rules.Catalog{Member: member, Connections: map[string]*rules.Connection{
		channel: announces(channel, abi.ModelContact), cart: announces(cart, abi.ModelCustomer),
	}}, nil
}

// conditions are what tag rules of real shops ask; %d is a number that differs.
var conditions = []string{
	"has(member.birthday) && member.birthday.isOn(today)",
	"member.totals.orders >= %d",
	"member.totals.amount >= %d * 1000",
	"member.products.exists(p, p.code == 'P%d')",
	"member.products.exists(p, p.code == 'P%d' && p.subscription_count >= 2)",
	"has(member.totals.last_order_at) && today.daysSince(member.totals.last_order_at) >= 30 + %d",
	"has(member.totals.subscription_status) && member.totals.subscription_status == 'active' && member.totals.orders > %d",
	"has(member.birthday) && member.birthday.month() == %d %% 12 + 1",
	"member.linked && member.totals.orders > 0 && member.totals.shipments >= %d",
	"member.tags.hasAll(['tag 1', 'tag 2']) && member.totals.orders > %d",
}

// sources are the rules files: n tag rules and a link rule.
func sources(n int) map[string][]byte {
	files := map[string][]byte{"link.yaml": []byte(
		"language: 1\nlink: friends\nchannel: line\ncart: shop\nkeys: [phone, email]\n")}
	for i := range n {
		condition := conditions[i%len(conditions)]
		if strings.Contains(condition, "%d") {
			condition = fmt.Sprintf(condition, 1+i/len(conditions))
		}
		// Most tags of real shops stay; those of days and states are taken away again.
		remove := i%len(conditions) == 0 || i%3 == 0
		files[fmt.Sprintf("tag%02d.yaml", i)] = fmt.Appendf(nil, "language: 1\ntag: 'tag %d'\nwhen: %q\nremove: %t\n", i, condition, remove)
	}
	return files
}

// phone, email and birthday make member i somebody of their own.
func phone(i int) string { return fmt.Sprintf("090%08d", i) }

func email(i int) string { return fmt.Sprintf("member%d@example.com", i) }

func birthday(i int) commerce.Date {
	day := time.Date(2001, 1, 1+i%365, 0, 0, 0, 0, time.UTC) // no leap year: every day has its people
	return commerce.DateOf(day.AddDate(-i%40, 0, 0))
}

func contact(i int) *commerce.Contact {
	following := true
	return &commerce.Contact{UserID: fmt.Sprintf("U%032d", i), Following: &following, Name: fmt.Sprintf("member %d", i), Phone: phone(i)}
}

func customer(i int) *commerce.Customer {
	return &commerce.Customer{
		ID: strconv.Itoa(1_000_000 + i), Number: fmt.Sprintf("C%d", i), FullName: fmt.Sprintf("山田 花子%d", i),
		Email: email(i), Phone: phone(i), Birthday: birthday(i), UpdatedAt: begin.AddDate(0, -6, 0),
	}
}

// products is how many products the shop sells.
const products = 40

func order(n, member int) *commerce.Order {
	at := begin.Add(-time.Duration(n%(500*24)) * time.Hour)
	line := func(code int, times int64) commerce.OrderItem {
		return commerce.OrderItem{
			ProductID: strconv.Itoa(code), Number: fmt.Sprintf("P%d", code), Name: fmt.Sprintf("商品 %d", code),
			Quantity: 1, Times: times, Price: commerce.Yen(1980),
		}
	}
	return &commerce.Order{
		ID: strconv.Itoa(9_000_000 + n), Number: fmt.Sprintf("N%d", n), CustomerID: strconv.Itoa(1_000_000 + member),
		Items: []commerce.OrderItem{line(n%products, int64(n%5)), line((n*7+3)%products, 0)},
		Total: commerce.Yen(int64(2000 + n%8000)), OrderedAt: at, ShippedAt: at.AddDate(0, 0, 1), UpdatedAt: at.AddDate(0, 0, 1),
	}
}
