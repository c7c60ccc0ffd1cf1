package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/rules/diag"
)

// Every limit that a connection can set is among those that inspect prints.
func TestInspectPrintsEveryLimit(t *testing.T) {
	p := &program{lang: diag.English}
	printed := map[string]bool{}
	for _, row := range p.boundTable().rows {
		printed[row[0]] = true
	}
	for _, limits := range []any{wasm.Limits{}, egress.Limits{}} {
		for field := range reflect.TypeOf(limits).Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !printed[name] {
				t.Errorf("%s is not printed", name)
			}
		}
	}
}
