package ledger_test

import (
	"slices"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Whoever acts on many goes from page to page in either direction.
func TestListingsGoBothWays(t *testing.T) {
	l, _ := open(t)
	commit(t, l, func(c *ledger.Change) {
		for _, id := range []string{"01A", "01B", "01C", "01D"} {
			c.AddRun(&host.Run{ID: id, Event: "01E", Flow: "sync", State: host.RunFailed, Created: noon, Error: &abi.Error{Kind: abi.Invalid}})
			c.MarkFailed(id)
		}
	})
	for name, filter := range map[string]host.RunFilter{"of all": {}, "failed": {State: host.RunFailed}, "of an event": {Event: "01E"}} {
		for _, ask := range []struct {
			before, after string
			oldest        bool
			want          []string
		}{
			{want: []string{"01D", "01C"}},
			{before: "01C", want: []string{"01B", "01A"}},
			{after: "01A", before: "01C", want: []string{"01B"}},
			{oldest: true, want: []string{"01A", "01B"}},
			{oldest: true, after: "01B", want: []string{"01C", "01D"}},
			{oldest: true, after: "01D"},
		} {
			filter.Before, filter.After, filter.Oldest, filter.Limit = ask.before, ask.after, ask.oldest, 2
			runs, err := l.Runs(t.Context(), filter)
			var ids []string
			for i := range runs {
				ids = append(ids, runs[i].ID)
			}
			if err != nil || !slices.Equal(ids, ask.want) {
				t.Errorf("runs %s, %+v: %v, %v", name, ask, ids, err)
			}
		}
	}
}
