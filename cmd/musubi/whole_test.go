package main

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// TestReasonsAreShownToTheirEnd looks for the remedy, which stands there.
func TestReasonsAreShownToTheirEnd(t *testing.T) {
	p := &program{lang: diag.English, configFile: "none.yaml"}
	long := strings.Repeat("The signature does not match. ", 10) + "Set the secret anew."
	w := &page{}
	p.showDeadLetter(w, host.DeadLetter{ID: "01KE5D0001", Error: &abi.Error{Kind: abi.Auth, Message: long}})
	p.showBulk(w, bulkWords{}, bulkResult{Count: 1, Failed: []api.BulkFailure{{ID: "01KE5R0001", Error: long, ErrorJA: long}}})
	if n := strings.Count(w.String(), "Set the secret anew."); n != 2 {
		t.Errorf("%d of 2 ends are shown:\n%s", n, w)
	}
}
