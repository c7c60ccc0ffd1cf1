package ledger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
)

func TestEveryLinkAndRunIsVisitedOnce(t *testing.T) {
	l, _ := open(t)
	var c ledger.Change
	for _, id := range []string{"R1", "R2"} {
		c.AddRun(&host.Run{ID: id, Event: "E1"})
	}
	if err := l.Commit(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	for _, link := range []*host.Link{customerLink("1", "A"), customerLink("2", "B")} {
		if err := putLink(l, t, link); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	err := l.EachLink(t.Context(), func(link host.Link) error { seen = append(seen, link.From.ID+link.To.ID); return nil })
	if slices.Sort(seen); err != nil || !slices.Equal(seen, []string{"1A", "2B"}) {
		t.Errorf("links are %v, %v", seen, err)
	}
	seen = nil
	err = l.EachRun(t.Context(), func(r host.Run) error { seen = append(seen, r.ID); return nil })
	if err != nil || !slices.Equal(seen, []string{"R1", "R2"}) {
		t.Errorf("runs are %v, %v", seen, err)
	}
}

func TestAuditsAreNewestFirstWithinThePeriod(t *testing.T) {
	l, _ := open(t)
	var c ledger.Change
	for i, id := range []string{"01A", "01B", "01C"} {
		c.PutAudit(&host.Audit{ID: id, Time: noon.Add(time.Duration(i) * time.Hour), Who: "hanako", Act: host.ActCancel})
	}
	if err := l.Commit(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]struct {
		filter host.AuditFilter
		want   []string
	}{
		"all":    {host.AuditFilter{}, []string{"01C", "01B", "01A"}},
		"since":  {host.AuditFilter{Since: noon.Add(time.Hour)}, []string{"01C", "01B"}},
		"until":  {host.AuditFilter{Until: noon.Add(time.Hour)}, []string{"01A"}},
		"before": {host.AuditFilter{Before: "01C", Limit: 1}, []string{"01B"}},
	} {
		audits, err := l.Audits(t.Context(), check.filter)
		var ids []string
		for _, a := range audits {
			ids = append(ids, a.ID)
		}
		if err != nil || !slices.Equal(ids, check.want) {
			t.Errorf("%s: %v, %v", name, ids, err)
		}
	}
	if newest, err := l.NewestID(t.Context()); err != nil || newest != "01C" {
		t.Errorf("newest id is %q, %v", newest, err)
	}
}
