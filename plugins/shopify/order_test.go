package main

import (
	"testing"

	"github.com/musubi-run/musubi/sdk"
)

func TestTestsAndFailedPaymentsAreNoPurchase(t *testing.T) {
	s := openShop(t, map[string]any{"failed_payments": []string{"voided", "expired", "pending"}})
	for body, want := range map[string]bool{
		`{"id":1,"financial_status":"paid"}`:               true,
		`{"id":1,"financial_status":"partially_refunded"}`: true,
		`{"id":1,"financial_status":"paid","test":true}`:   false,
		`{"id":1,"financial_status":"voided"}`:             false,
		`{"id":1,"financial_status":"expired"}`:            false,
		`{"id":1,"financial_status":"pending"}`:            false,
	} {
		var o order
		if err := sdk.Decode(deliver(t, s, "orders/updated", body).Data, &o); err != nil {
			t.Fatal(err)
		}
		if o.IsPurchase == nil || *o.IsPurchase != want {
			t.Errorf("%s: got %v", body, o.IsPurchase)
		}
	}
	s.put(t, "orders", "5550001112223", map[string]any{"financialStatus": "VOIDED"})
	var fetched order
	if err := s.Do("order.get", byID{ID: "5550001112223"}, &fetched); err != nil || fetched.IsPurchase == nil || *fetched.IsPurchase {
		t.Errorf("a voided order is %v, %v", fetched.IsPurchase, err)
	}
}
