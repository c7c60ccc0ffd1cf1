package ledger_test

import (
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
)

// A plugin chooses its keys, and none of them leads into another connection's state.
func TestStateOfConnectionsIsApart(t *testing.T) {
	l, _ := open(t)
	rows := [][2]string{{"shop", "k"}, {"shop", ""}, {"shop", "\x00k"}, {"shop", "2\x00k"}, {"shop\x002", "k"}, {"shop2", "k"}, {"shop", "../shop2/k"}, {"shop", "\xffk"}}
	commit(t, l, func(c *ledger.Change) {
		for _, row := range rows {
			c.PutState(row[0], []host.StateWrite{{Key: row[1], Value: []byte(row[0] + "|" + row[1])}})
		}
	})
	for _, row := range rows {
		got, err := l.State(t.Context(), row[0], row[1])
		if err != nil || string(got) != row[0]+"|"+row[1] {
			t.Errorf("%q is %q, %v", row, got, err)
		}
	}
	if got, err := l.State(t.Context(), "other", "k"); err != nil || got != nil {
		t.Errorf("a connection that kept nothing finds %q, %v", got, err)
	}
}
