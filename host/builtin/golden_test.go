package builtin_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk/abi"
)

// The shipped flows are tested, in package rules, against the notices as they
// stand in its catalog, because it must not import the host: both are the same.
func TestNoticesAreThoseThatShippedFlowsAreTestedWith(t *testing.T) {
	raw, err := os.ReadFile("../../rules/testdata/catalog/musubi.json")
	if err != nil {
		t.Fatal(err)
	}
	var known struct {
		Manifest struct {
			Triggers []abi.Trigger `json:"triggers"`
		} `json:"manifest"`
	}
	if err := json.Unmarshal(raw, &known); err != nil {
		t.Fatal(err)
	}
	ours := connector(t).Manifest().Triggers
	if diff := cmp.Diff(ours, known.Manifest.Triggers[:len(ours)]); diff != "" {
		t.Errorf("rules/testdata/catalog/musubi.json (-want +got):\n%s", diff)
	}
}
