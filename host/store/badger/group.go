package badger

import (
	"errors"
	"fmt"

	bdb "github.com/dgraph-io/badger/v4"

	"github.com/musubi-run/musubi/host/store"
)

// maxGroup is how many batches share one fsync at most.
const maxGroup = 1024

// maxGroupBytes is how much memory the batches of one fsync hold at most, one excepted.
const maxGroupBytes = store.MaxBatch

// measureEvery is after how many bytes the tables are measured, and the view renewed.
const measureEvery = 4 << 20

// errAbandoned answers a batch that nobody waits for; nobody reads it.
var errAbandoned = errors.New("abandoned")

// commitGroups is the one writer. It ends when the queue is closed and empty.
func (s *Store) commitGroups() {
	unmeasured := int64(0)
	for first := range s.queue {
		reqs := s.waiting(first)
		for _, r := range reqs {
			unmeasured += r.memory
		}
		s.commitAll(reqs)
		if unmeasured > measureEvery && s.failure() == nil {
			s.measureTables()
			s.view.renew(s.db)
			unmeasured = 0
		}
	}
}

// waiting returns first and what else is in the queue by now.
func (s *Store) waiting(first *request) []*request {
	reqs := []*request{first}
	for len(reqs) < maxGroup {
		select {
		case r, open := <-s.queue:
			if !open {
				return reqs
			}
			reqs = append(reqs, r)
		default:
			return reqs
		}
	}
	return reqs
}

// commitAll commits reqs in order, in as few transactions as they fit into.
func (s *Store) commitAll(reqs []*request) {
	if err := s.failure(); err != nil {
		for _, r := range reqs {
			s.reply(r, err)
		}
		return
	}
	g := s.newGroup()
	for _, r := range reqs {
		if !g.fits(r) {
			g.commit()
			g = s.newGroup()
		}
		g.add(r)
	}
	g.commit()
}

// group is the batches that one transaction carries out.
type group struct {
	store *Store
	txn   *bdb.Txn
	now   uint64
	// space is what the disk has left to write to.
	space space
	// written is what the batches that were applied set and deleted; the next group uses it again.
	written map[string]row
	// rows, bytes and memory are the sums of those of the batches that were applied.
	rows, bytes, memory int64
	// broken is set when a batch went into the transaction in part: then nothing of it is committed.
	broken error
	// members get the group's outcome, or their own verdict once the group is on
	// the disk: a batch refused for what an earlier one wrote must not hear of it
	// before that write is durable.
	members []member
}

type member struct {
	request *request
	verdict error
}

func (s *Store) newGroup() *group {
	clear(s.written)
	return &group{store: s, txn: s.db.NewTransaction(true), now: s.now(), space: s.spaceLeft(), written: s.written}
}

func (g *group) fits(r *request) bool {
	db := g.store.db
	const headroom = 64 // what Badger adds to a transaction of its own
	return g.memory < maxGroupBytes &&
		g.rows+r.rows+2 < db.MaxBatchCount() && g.bytes+r.bytes+headroom < db.MaxBatchSize()
}

func (g *group) add(r *request) {
	g.members = append(g.members, member{r, g.apply(r)})
}

// apply checks the batch and writes it into the transaction: all of it or nothing.
func (g *group) apply(r *request) error {
	if r.abandoned.Load() {
		return errAbandoned
	}
	for i := range r.conditions {
		if err := g.check(&r.conditions[i]); err != nil {
			return err
		}
	}
	if err := g.space.refuses(r); err != nil {
		return err
	}
	for i := range r.entries {
		e := &r.entries[i]
		if err := g.write(e); err != nil {
			g.broken = err
			return err
		}
		g.written[r.names[i]] = row{value: e.Value, expires: e.ExpiresAt}
	}
	g.rows += r.rows
	g.bytes += r.bytes
	g.memory += r.memory
	return nil
}

func (g *group) check(c *condition) error {
	r, err := g.row(c)
	if err != nil {
		return fmt.Errorf("reading a condition's key: %w", err)
	}
	if !c.holds(r.at(g.now)) {
		return store.ErrConflict
	}
	return nil
}

// row is what the condition's key holds after the batches before it.
func (g *group) row(c *condition) (row, error) {
	if r, written := g.written[c.name]; written {
		return r, nil
	}
	r, known, turn := g.store.recent.get(c.name)
	if known {
		return r, nil
	}
	r, err := g.store.lookup(g.txn, c.key, g.now)
	if err == nil {
		g.store.recent.learn(c.name, r, turn)
	}
	return r, err
}

func (g *group) write(e *bdb.Entry) error {
	if e.Value == nil {
		return g.txn.Delete(e.Key)
	}
	return g.txn.SetEntry(e)
}

// commit makes the group durable and answers its members.
func (g *group) commit() {
	defer g.txn.Discard()
	start := g.store.clock()
	err := g.broken
	if err == nil && g.rows > 0 {
		g.store.recent.begin(g.written)
		err = g.store.failed(g.txn.Commit())
		g.store.recent.end(err == nil)
	}
	g.store.stats.count(g, err, g.store.clock().Sub(start))
	for _, m := range g.members {
		g.store.reply(m.request, outcome(m.verdict, err))
	}
}

// outcome is a member's verdict, unless that may rest on writes that failed.
func outcome(verdict, err error) error {
	if err == nil || (verdict != nil && !errors.Is(verdict, store.ErrConflict)) {
		return verdict
	}
	return fmt.Errorf("committing: %w", err)
}
