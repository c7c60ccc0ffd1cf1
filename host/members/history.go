package members

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk"
)

// page is a row of a history: all that one change did to a member, in its
// order; the key has the rest. Histories are most of what members take on the
// disk, so what many entries share stands once.
type page struct {
	At time.Time `json:"t"`
	// Facts are what rules saw.
	Facts   []string `json:"f,omitempty"`
	Entries []noted  `json:"e"`
}

// noted is one entry of a history.
type noted struct {
	What   string `json:"w"`
	Detail string `json:"d,omitempty"`
	By     string `json:"b,omitempty"` // empty: the rule whose name is Detail
	Name   string `json:"n,omitempty"`
	// Facts is the place of a text in the page's, from 1; 0 is none.
	Facts int `json:"f,omitempty"`
}

func (p *page) add(what, detail string, cause host.Cause) {
	n := noted{What: what, Detail: detail, By: cause.By, Name: cause.Name}
	if n.By == host.ByRule && n.Name == n.Detail {
		n.By, n.Name = "", ""
	}
	if cause.Facts != "" {
		n.Facts = 1 + slices.Index(p.Facts, cause.Facts)
		if n.Facts == 0 {
			p.Facts = append(p.Facts, cause.Facts)
			n.Facts = len(p.Facts)
		}
	}
	p.Entries = append(p.Entries, n)
}

func (p *page) cause(n *noted) host.Cause {
	cause := host.Cause{By: n.By, Name: n.Name}
	if n.By == "" {
		cause = host.Cause{By: host.ByRule, Name: n.Detail}
	}
	if n.Facts > 0 && n.Facts <= len(p.Facts) {
		cause.Facts = p.Facts[n.Facts-1]
	}
	return cause
}

// note adds to the member's history.
func (t *tx) note(member, what, detail string, cause host.Cause) {
	p := t.pages[member]
	if p == nil {
		p = &page{At: t.now}
		t.pages[member] = p
		t.write(key(tableHistory, member, t.m.NewID()), p)
	}
	p.add(what, detail, cause)
}

// History returns what changed about a member, newest first, at most limit (0: all).
func (m *Members) History(ctx context.Context, id string, limit int) ([]host.MemberChange, error) {
	prefix := under(tableHistory, id)
	all := []host.MemberChange{}
	err := m.Store.Scan(ctx, store.Range{Prefix: prefix, Reverse: true}, func(k string, raw []byte) error {
		var p page
		if err := sdk.Decode(raw, &p); err != nil {
			return fmt.Errorf("a stored history of a member cannot be read: %w", err)
		}
		for i, n := range slices.Backward(p.Entries) {
			if limit > 0 && len(all) == limit {
				return store.ErrStop
			}
			all = append(all, host.MemberChange{
				ID: k[len(prefix):] + "." + strconv.Itoa(i), Member: id, At: p.At, What: n.What, Detail: n.Detail, Cause: p.cause(&n),
			})
		}
		return nil
	})
	return all, err
}
