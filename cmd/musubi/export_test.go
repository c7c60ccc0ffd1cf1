package main

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestExportedCSVHoldsNoFormulas(t *testing.T) {
	const formula = `=HYPERLINK("http://evil.example.com","?")`
	var b strings.Builder
	put, flush := runSheet().lines(&b, true, clock{zone: time.UTC})
	run := host.Run{ID: "01", Subject: "@SUM(A1)", Outcome: formula, State: host.RunFailed, Error: &abi.Error{Message: "+1+cmd|' /C calc'!A0"}}
	if err := put(run); err != nil {
		t.Fatal(err)
	}
	if err := flush(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range rows[1] {
		if cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
			t.Errorf("%s is a formula", cell)
		}
	}
	if !strings.Contains(strings.Join(rows[1], " "), "'"+formula) {
		t.Errorf("the text itself is lost: %q", rows[1])
	}
}
