package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// lineOf is a line of the simulated shop of which some pieces are left.
func lineOf(variant string, quantity, left int) map[string]any {
	return map[string]any{"variantId": variant, "quantity": quantity, "currentQuantity": left, "price": "1000", "discount": "100"}
}

// bought is what an order's lines say.
func bought(o *order) string {
	all := make([]string, 0, len(o.Items))
	for _, item := range o.Items {
		all = append(all, fmt.Sprintf("%s×%d=%d", item.SKU, item.Quantity, item.Total.Amount))
	}
	return strings.Join(all, " ")
}

// TestWhatWasReturnedIsNotBought reads orders in every way there is.
func TestWhatWasReturnedIsNotBought(t *testing.T) {
	long := make([]any, 0, 12)
	for range 11 {
		long = append(long, lineOf("4440001", 1, 0))
	}
	for name, c := range map[string]struct {
		record map[string]any
		want   string
	}{
		"partly":    {map[string]any{"lineItems": []any{lineOf("4440001", 3, 1), lineOf("4440003", 1, 0)}}, "TEA-01×1=967"},
		"all":       {map[string]any{"lineItems": []any{lineOf("4440001", 2, 0)}}, "TEA-01×2=1900"},
		"cancelled": {map[string]any{"cancelledAt": "2026-04-01T00:00:00Z", "lineItems": []any{lineOf("4440001", 2, 0), lineOf("4440003", 2, 1)}}, "TEA-01×2=1900 POT-01×2=1900"},
		"long":      {map[string]any{"lineItems": append(long, lineOf("4440003", 2, 2))}, "POT-01×2=1900"},
	} {
		s := openShop(t, nil)
		s.freeze(t, april)
		s.put(t, "orders", "700001", c.record)
		var fetched order
		if err := s.Do("order.get", byID{"700001"}, &fetched); err != nil || bought(&fetched) != c.want {
			t.Errorf("%s, fetched: %s, %v", name, bought(&fetched), err)
		}
		in := abi.PollInput{Since: april.AddDate(-1, 0, 0)}
		events, _ := export(t, s, "order.updated", &in)
		exported := 0
		for _, e := range events {
			var o order
			if err := sdk.Decode(e.Data, &o); err != nil {
				t.Fatal(err)
			}
			if o.ID == "700001" {
				exported++
				if bought(&o) != c.want {
					t.Errorf("%s, exported: %s", name, bought(&o))
				}
			}
		}
		if exported == 0 {
			t.Errorf("%s: not exported", name)
		}
	}
}

func TestDeliveriesTellWhatIsLeft(t *testing.T) {
	s := openShop(t, nil)
	const line = `{"sku":"A","quantity":2,"price":"500","current_quantity":%s,"discount_allocations":[{"amount":"100"}]}`
	for left, want := range map[string]string{"1": "A×1=450 A×2=900", "0": "A×2=900", "null": "A×2=900 A×2=900"} {
		body := `{"id":1,"currency":"JPY","line_items":[` + fmt.Sprintf(line, left) + `,` + fmt.Sprintf(line, "2") + `]}`
		var o order
		if err := sdk.Decode(deliver(t, s, "orders/updated", body).Data, &o); err != nil || bought(&o) != want {
			t.Errorf("%s left: %s, %v", left, bought(&o), err)
		}
	}
}

// TestAReturnMakesNoOtherLineADelivery: the tags of an order speak of the line with a plan, though it went back.
func TestAReturnMakesNoOtherLineADelivery(t *testing.T) {
	s := openShop(t, map[string]any{"subscription_order_tags": []string{"定期*"}})
	gone := lineOf("4440001", 1, 0)
	gone["sellingPlan"] = map[string]any{"name": "毎月"}
	s.put(t, "orders", "700001", map[string]any{"tags": []string{"定期2回目"}, "lineItems": []any{gone, lineOf("4440003", 1, 1)}})
	var o order
	if err := s.Do("order.get", byID{"700001"}, &o); err != nil || len(o.Items) != 1 || o.Items[0].IsSubscription == nil || *o.Items[0].IsSubscription {
		t.Errorf("%+v, %v", o.Items, err)
	}
}
