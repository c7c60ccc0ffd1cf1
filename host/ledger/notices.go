package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/abi"
)

// NoticeGroup are the failures that people are told of together.
type NoticeGroup struct {
	Flow       string   `json:"flow"`
	Connection string   `json:"connection,omitempty"`
	Kind       abi.Kind `json:"kind"`
}

// ID names the group in keys and timers.
func (g NoticeGroup) ID() string {
	sum := sha256.Sum256([]byte(key(g.Flow, g.Connection, g.Kind.String())))
	return hex.EncodeToString(sum[:12])
}

// NoticeWindow is the time in which the failures of a group are only counted.
// Runs are counted under the window's ID, one row each, so that a thousand
// runs that fail at once do not contend for one row.
type NoticeWindow struct {
	NoticeGroup

	ID     string    `json:"id"`
	Opened time.Time `json:"opened"`
	Until  time.Time `json:"until"`
	// Closing says that nobody joins any more: the count is being taken.
	Closing bool `json:"closing,omitempty"`
	// Previous is a window whose count is being taken while this one is open already.
	Previous       string    `json:"previous,omitempty"`
	PreviousOpened time.Time `json:"previous_opened,omitzero"`
}

// Pending returns the window whose count is to be taken, "" if there is none.
func (w *NoticeWindow) Pending() (id string, opened time.Time) {
	if w.Closing {
		return w.ID, w.Opened
	}
	return w.Previous, w.PreviousOpened
}

// NoticeWindowRow is a window as it was read, so that replacing it can be conditional.
type NoticeWindowRow struct {
	NoticeWindow

	old []byte
}

// NoticeWindow returns the window of a group by its id; one that is not open is returned empty.
func (l *Ledger) NoticeWindow(ctx context.Context, group string) (NoticeWindowRow, error) {
	var row NoticeWindowRow
	old, err := l.raw(ctx, key(tableNotice, group))
	if err != nil || old == nil {
		return row, err
	}
	row.old = old
	err = decode(old, &row.NoticeWindow)
	return row, err
}

// ReplaceWindow puts next in the place of what was read, with a timer at its
// end if it is a new one; the commit conflicts if the window was changed meanwhile.
func (c *Change) ReplaceWindow(read NoticeWindowRow, next NoticeWindow) {
	k := key(tableNotice, next.NoticeGroup.ID())
	c.expect(k, read.old)
	c.put(k, next)
	if next.ID != read.ID {
		c.batch.Put(timerKey(next.Until, Timer{Notice: next.NoticeGroup.ID()}.owner()), nil)
	}
}

// DropWindow ends the window; the commit conflicts if it was changed since it was read.
func (c *Change) DropWindow(read NoticeWindowRow) {
	k := key(tableNotice, read.NoticeGroup.ID())
	c.expect(k, read.old)
	c.batch.Delete(k)
}

// Windows lets runs join windows within one change.
type Windows struct {
	ledger *Ledger
	rows   map[string]*NoticeWindowRow
}

// Windows returns an empty view, to be used for one change.
func (l *Ledger) Windows() *Windows {
	return &Windows{ledger: l, rows: make(map[string]*NoticeWindowRow)}
}

// Join counts the run in the window of its group. If there is none, or its
// count is being taken, fresh begins; opened says that there was none, or only
// one of a time to come, from before the clock was set back. The commit conflicts
// if the window was changed meanwhile.
func (v *Windows) Join(ctx context.Context, c *Change, run string, fresh NoticeWindow) (opened bool, err error) {
	group := fresh.NoticeGroup.ID()
	row := v.rows[group]
	if row == nil {
		read, err := v.ledger.NoticeWindow(ctx, group)
		if err != nil {
			return false, err
		}
		row = &read
		v.rows[group] = row
		opened = read.old == nil || read.ahead(fresh)
		v.enter(c, row, fresh)
	}
	if !opened {
		c.batch.Put(key(tableNoticed, group, row.ID, run), nil)
	}
	return opened, nil
}

// enter makes the row one that can be joined, and the change depend on it.
func (v *Windows) enter(c *Change, row *NoticeWindowRow, fresh NoticeWindow) {
	if row.old != nil && !row.Closing && !row.ahead(fresh) {
		c.batch.Holds(key(tableNotice, fresh.NoticeGroup.ID()), row.old)
		return
	}
	if row.old != nil {
		fresh.Previous, fresh.PreviousOpened = row.ID, row.Opened
	}
	c.ReplaceWindow(*row, fresh)
	row.NoticeWindow = fresh
}

// ahead says that the window was opened by a clock that was more than a window ahead of now's.
func (w *NoticeWindow) ahead(now NoticeWindow) bool { return w.Opened.After(now.Until) }

// Noticed counts the runs of a window, and names the latest.
func (l *Ledger) Noticed(ctx context.Context, group, window string) (count int, latest string, err error) {
	r := store.Range{Prefix: under(tableNoticed, group, window), KeysOnly: true}
	err = l.store.Scan(ctx, r, func(k string, _ []byte) error {
		count++
		latest = lastPart(k)
		return nil
	})
	return count, latest, err
}

// DropNoticed forgets the runs of a window that were counted.
func (l *Ledger) DropNoticed(ctx context.Context, group, window string) error {
	for {
		ids, err := l.ids(ctx, under(tableNoticed, group, window), "", sweepBatch, nil)
		if err != nil || len(ids) == 0 {
			return err
		}
		var c Change
		for _, run := range ids {
			c.batch.Delete(key(tableNoticed, group, window, run))
		}
		if err := l.Commit(ctx, &c); err != nil {
			return err
		}
	}
}

// SweepNoticed forgets what was counted in windows that are neither open nor
// about to be told of. No run may join a window meanwhile.
func (l *Ledger) SweepNoticed(ctx context.Context) error {
	r := store.Range{Prefix: under(tableNoticed), Limit: 1, KeysOnly: true}
	for {
		var group, window string
		err := l.store.Scan(ctx, r, func(k string, _ []byte) error {
			parts := strings.Split(k[len(r.Prefix):], "\x00")
			group, window = parts[0], parts[1]
			return nil
		})
		if err != nil || group == "" {
			return err
		}
		row, err := l.NoticeWindow(ctx, group)
		if err != nil {
			return err
		}
		if window != row.ID && window != row.Previous {
			if err := l.DropNoticed(ctx, group, window); err != nil {
				return err
			}
		}
		r.From = key(tableNoticed, group, window) + "\x01"
	}
}
