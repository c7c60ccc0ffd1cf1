package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// laneRow stands for a lane that is not idle. Waiting changes with every run
// that joins or leaves, so that a commit based on an older view conflicts.
type laneRow struct {
	Head    string `json:"head"`
	Waiting int    `json:"waiting"`
	// From is an id that no waiting run is before, so that the search for the
	// next one does not wade through all that waited here once.
	From string `json:"from,omitempty"`
}

// Lanes lets runs enter and leave their lanes within one change. Between the
// reading and the commit another commit may touch the same lane: then the
// commit conflicts and the caller begins again with a new Lanes.
type Lanes struct {
	ledger *Ledger
	rows   map[string]*lane
}

type lane struct {
	row laneRow
	old []byte // the stored row; nil if the lane was idle
	// dirty says that the row is part of the change.
	dirty bool
}

// Lanes returns an empty view, to be used for one change.
func (l *Ledger) Lanes() *Lanes {
	return &Lanes{ledger: l, rows: make(map[string]*lane)}
}

// LaneName is the name of the lane of a flow's key.
func LaneName(flow, laneKey string) string { return key(flow, bounded(laneKey)) }

// mostOfEvent is how many bytes of a key of the store an event may choose.
const mostOfEvent = 1 << 10

// bounded is what an event chose, or its hash where that is too long for a key.
func bounded(chosen string) string {
	if len(chosen) <= mostOfEvent {
		return chosen
	}
	sum := sha256.Sum256([]byte(chosen))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (v *Lanes) load(ctx context.Context, name string) (*lane, error) {
	if ln, ok := v.rows[name]; ok {
		return ln, nil
	}
	ln := new(lane)
	old, err := v.ledger.store.Get(ctx, key(tableLane, name))
	switch {
	case isNotFound(err):
	case err != nil:
		return nil, err
	default:
		ln.old = old
		if err := decode(old, &ln.row); err != nil {
			return nil, err
		}
	}
	v.rows[name] = ln
	return ln, nil
}

// Enter puts the run at the end of its lane and says whether it is the lane's
// head, that is, may go on at once.
func (v *Lanes) Enter(ctx context.Context, c *Change, r *host.Run) (head bool, err error) {
	ln, err := v.load(ctx, r.Lane)
	if err != nil {
		return false, err
	}
	ln.dirty = true
	if ln.row.Head == "" {
		ln.row.Head = r.ID
		c.Ready(r)
		return true, nil
	}
	if ln.row.Waiting == 0 || r.ID < ln.row.From {
		ln.row.From = r.ID
	}
	ln.row.Waiting++
	c.batch.Put(waitKey(r.Lane, r.ID), []byte(priority(r.Priority)))
	return false, nil
}

// Follower is a run whose turn came because the one before it left the lane.
type Follower struct {
	ID       string
	Priority int
}

// Leave takes the run from the head of its lane and makes the next one ready,
// which it returns; nil if none waits. A run that is not the head (a person
// released the lane before) leaves no trace.
func (v *Lanes) Leave(ctx context.Context, c *Change, r *host.Run) (*Follower, error) {
	ln, err := v.load(ctx, r.Lane)
	if err != nil {
		return nil, err
	}
	if ln.row.Head != r.ID {
		return nil, nil
	}
	ln.dirty = true
	if ln.row.Waiting == 0 {
		ln.row = laneRow{}
		return nil, nil
	}
	next, err := v.first(ctx, r.Lane, ln.row.From)
	if err != nil {
		return nil, err
	}
	ln.row = laneRow{Head: next.ID, Waiting: ln.row.Waiting - 1, From: next.ID}
	c.batch.Delete(waitKey(r.Lane, next.ID))
	c.batch.Put(readyKey(next.Priority, next.ID), nil)
	return next, nil
}

// Reenter lets a run that ended go again: at once if it is still the head of
// its lane, else when its turn comes.
func (v *Lanes) Reenter(ctx context.Context, c *Change, r *host.Run) error {
	ln, err := v.load(ctx, r.Lane)
	if err != nil {
		return err
	}
	if ln.row.Head == r.ID {
		c.Ready(r)
		return nil
	}
	_, err = v.Enter(ctx, c, r)
	return err
}

// Forget takes a run that waits for its lane out of it.
func (v *Lanes) Forget(ctx context.Context, c *Change, r *host.Run) error {
	ln, err := v.load(ctx, r.Lane)
	if err != nil {
		return err
	}
	if _, err := v.ledger.store.Get(ctx, waitKey(r.Lane, r.ID)); err != nil {
		if isNotFound(err) {
			return nil
		}
		return err
	}
	ln.dirty = true
	ln.row.Waiting--
	c.batch.Delete(waitKey(r.Lane, r.ID))
	return nil
}

var errLane = errors.New("ledger: a lane counts a waiting run that is not there or has no priority")

// first finds who waits first in the lane, nobody before from.
func (v *Lanes) first(ctx context.Context, name, from string) (next *Follower, err error) {
	prefix := under(tableLaneWait, name)
	err = v.ledger.store.Scan(ctx, store.Range{Prefix: prefix, From: prefix + from}, func(k string, prio []byte) error {
		if len(prio) == 1 { // as Enter wrote it
			next = &Follower{ID: lastPart(k), Priority: int(prio[0] - '0')}
		}
		return store.ErrStop
	})
	if err == nil && next == nil {
		err = errLane
	}
	return next, err
}

func waitKey(name, run string) string { return key(tableLaneWait, name, run) }

// Save adds the lanes' rows, and the condition that nobody touched them since, to the change.
func (v *Lanes) Save(c *Change) {
	for name, ln := range v.rows {
		if !ln.dirty {
			continue
		}
		k := key(tableLane, name)
		if ln.old == nil {
			c.batch.Absent(k)
		} else {
			c.batch.Holds(k, ln.old)
		}
		if ln.row.Head == "" {
			c.batch.Delete(k)
		} else {
			c.put(k, ln.row)
		}
	}
}
