package main

import (
	"fmt"
	"testing"

	"github.com/musubi-run/musubi/sdk"
)

// TestWhatIsNeverPaidIsNotCharged: the shop tells the total before removals, and what
// was paid back; a line that is taken out before it is paid shows in neither.
func TestWhatIsNeverPaidIsNotCharged(t *testing.T) {
	removed := []any{lineOf("4440001", 1, 0), lineOf("4440003", 1, 1)}
	for name, c := range map[string]struct {
		record map[string]any
		want   string
	}{
		"taken out":           {map[string]any{"lineItems": removed, "financialStatus": "PENDING"}, "900-0 true"},
		"returned, paid back": {map[string]any{"lineItems": removed, "refunded": "900"}, "1800-900 true"},
		"paid back only":      {map[string]any{"lineItems": []any{lineOf("4440001", 1, 1)}, "refunded": "300"}, "900-300 true"},
		"cancelled":           {map[string]any{"lineItems": removed, "cancelledAt": "2026-04-01T00:00:00Z"}, "1800-0 true"},
		"nothing left":        {map[string]any{"lineItems": removed[:1], "financialStatus": "PENDING"}, "900-0 false"},
		"all paid back":       {map[string]any{"lineItems": removed[:1], "financialStatus": "REFUNDED", "refunded": "900"}, "900-900 true"},
	} {
		s := openShop(t, map[string]any{"failed_payments": []string{"voided"}})
		s.put(t, "orders", "700001", c.record)
		var o order
		if err := s.Do("order.get", byID{"700001"}, &o); err != nil || charged(&o) != c.want {
			t.Errorf("%s: %s, %v", name, charged(&o), err)
		}
	}
}

func charged(o *order) string {
	return fmt.Sprintf("%d-%d %t", o.Total.Amount, o.Refunded.Amount, *o.IsPurchase)
}

func TestDeliveriesTellWhatIsCharged(t *testing.T) {
	s := openShop(t, nil)
	for figures, want := range map[string]int64{
		`"total_price":"1800","current_total_price":"900","refunds":[]`: 900,
		`"total_price":"1800","current_total_price":"900"`:              900,
		`"total_price":"1800","refunds":[]`:                             1800,
		`"total_price":"1800","current_total_price":"900","refunds":[{"transactions":[{"kind":"refund","status":"success","amount":"900"}]}]`: 1800,
	} {
		body := `{"id":1,"currency":"JPY",` + figures + `,"line_items":[{"sku":"A","quantity":1,"price":"900","current_quantity":0},{"sku":"B","quantity":1,"price":"900","current_quantity":1}]}`
		var o order
		if err := sdk.Decode(deliver(t, s, "orders/updated", body).Data, &o); err != nil || o.Total.Amount != want {
			t.Errorf("%s: %+v, %v", figures, o.Total, err)
		}
	}
}
