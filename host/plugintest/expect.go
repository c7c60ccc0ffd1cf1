package plugintest

import (
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

// errorWant is the error that a case wants; empty fields may be anything.
type errorWant struct {
	Kind   abi.Kind `json:"kind"`
	Code   string   `json:"code,omitempty"`
	Status int      `json:"status,omitempty"`
	Fields []string `json:"fields,omitempty"`
}

// check compares an error with the wanted one; a nil one wants none.
func (w *errorWant) check(t *testing.T, got *abi.Error) {
	t.Helper()
	switch {
	case w == nil && got == nil:
	case w == nil:
		t.Errorf("failed with %s: %s", got.Kind, got)
	case got == nil:
		t.Errorf("succeeded, want %s %s", w.Kind, w.Code)
	case got.Kind != w.Kind || (w.Code != "" && got.Code != w.Code) || (w.Status != 0 && got.Status != w.Status):
		t.Errorf("failed with %s %s (status %d): %s; want %s %s (status %d)", got.Kind, got.Code, got.Status, got, w.Kind, w.Code, w.Status)
	default:
		checkFields(t, w.Fields, got.Fields)
	}
}

func checkFields(t *testing.T, want, got []string) {
	t.Helper()
	for i, field := range want {
		if i >= len(got) || got[i] != field {
			t.Errorf("the error is about the fields %q, want %q", got, want)
			return
		}
	}
}
