package main

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

// TestAStockThatTheShopDoesNotNameIsTold: an error without a word helps nobody.
func TestAStockThatTheShopDoesNotNameIsTold(t *testing.T) {
	for _, body := range []string{`{}`, `{"success":[],"failure":[],"errors":[]}`} {
		in := map[string]any{"items": []map[string]any{{"sku": "P-1", "location": "default", "stock": 3}}}
		err := abi.AsError(answering(t, 200, body).Do("stock.set", in, nil))
		if err == nil || !strings.Contains(err.Message, "neither") {
			t.Errorf("%s: %+v", body, err)
		}
	}
}
