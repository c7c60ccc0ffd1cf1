package web_test

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host"
)

func TestSecretsOfBadNamesAreRefused(t *testing.T) {
	o, c := startAdmin(t)
	for _, name := range []string{"Crm", "1a", "a b", "a/b", strings.Repeat("a", 65)} {
		if err := c.SetSecret(t.Context(), name, "correct-horse"); err == nil || strings.Contains(err.Error(), "horse") {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := c.SetSecret(t.Context(), "crm", ""); err == nil {
		t.Error("an empty secret was kept")
	}
	if o.asked != nil {
		t.Errorf("the operator was asked %v", o.asked)
	}
	o.refuse = host.ErrNotFound
	if err := c.RemoveSecret(t.Context(), "crm"); err == nil || !strings.Contains(err.Error(), "crm") {
		t.Errorf("removing what is not there: %v", err)
	}
}
