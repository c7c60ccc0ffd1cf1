package main

import (
	"testing"

	"github.com/musubi-run/musubi/sdk"
)

func TestTestsFailedAndRefundedPaymentsAreNoPurchase(t *testing.T) {
	s := openShop(t, map[string]any{"failed_payments": []string{"voided", "expired", "pending"}})
	isPurchase(t, s, map[string]bool{
		`{"id":1,"financial_status":"paid","test":true}`: false,
		`{"id":1,"financial_status":"pending"}`:          false,
		`{"id":1,"financial_status":"refunded"}`:         true,
	})
	s = openShop(t, nil)
	isPurchase(t, s, map[string]bool{
		`{"id":1,"financial_status":"paid"}`:               true,
		`{"id":1,"financial_status":"pending"}`:            true,
		`{"id":1,"financial_status":"partially_refunded"}`: true,
		`{"id":1,"financial_status":"refunded"}`:           false,
		`{"id":1,"financial_status":"voided"}`:             false,
		`{"id":1,"financial_status":"expired"}`:            false,
	})
	for _, word := range []string{"VOIDED", "REFUNDED"} {
		s.put(t, "orders", "5550001112223", map[string]any{"financialStatus": word})
		var fetched order
		if err := s.Do("order.get", byID{ID: "5550001112223"}, &fetched); err != nil || fetched.IsPurchase == nil || *fetched.IsPurchase {
			t.Errorf("an order that is %s is %v, %v", word, fetched.IsPurchase, err)
		}
	}
}

// isPurchase checks what deliveries of orders come to.
func isPurchase(t *testing.T, s *shopSim, wanted map[string]bool) {
	t.Helper()
	for body, want := range wanted {
		var o order
		if err := sdk.Decode(deliver(t, s, "orders/updated", body).Data, &o); err != nil {
			t.Fatal(err)
		}
		if o.IsPurchase == nil || *o.IsPurchase != want {
			t.Errorf("%s: got %v", body, o.IsPurchase)
		}
	}
}
