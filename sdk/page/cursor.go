package page

import (
	"hash/fnv"
	"slices"
	"strconv"
	"time"
)

// maxSeen bounds the cursor. What is forgotten is announced again and dropped
// by the host, which compares Dedupe: costly, not wrong.
const maxSeen = 2000

// cursor is how far a poll has come. It is stored as JSON, so fields may be
// added but never change their meaning.
type cursor struct {
	// Mark is the greatest time of change seen in finished rounds and in this one.
	Mark time.Time `json:"mark"`
	// From, Page and Next are where the round under way goes on; Page 0 means that none is.
	From time.Time `json:"from,omitzero"`
	Page int       `json:"page,omitempty"`
	Next string    `json:"next,omitempty"`
	// Top is the counted page that was fetched last while Page goes back from
	// it, 0 otherwise, and First the hash of its first row. Then is where the
	// round goes on afterwards: From counts on, zero is the end.
	Top   int       `json:"top,omitempty"`
	First string    `json:"first,omitempty"`
	Then  time.Time `json:"then,omitzero"`
	// Seen are rows that were announced and may come again.
	Seen []seen `json:"seen,omitempty"`

	// known is where in Seen each hash is.
	known map[string]int
}

// seen is one version of one row: a hash of its id with its time of change.
type seen struct {
	Hash    string    `json:"h"`
	Changed time.Time `json:"t"`
	// Data is a hash of the event while the row may change again and keep its
	// time of change; empty afterwards.
	Data string `json:"d,omitempty"`
}

func (c *cursor) open() bool { return c.Page > 0 }

func (c *cursor) start(from time.Time) {
	c.From, c.Page, c.Next = from, 1, ""
	c.Top, c.First, c.Then = 0, "", time.Time{}
}

func (c *cursor) window(perPage int) Window {
	return Window{From: c.From, Page: c.Page, PerPage: perPage, Next: c.Next}
}

// note remembers the row, whose event hashes to data, and says whether it is
// new; altered says that it is known, and holds something else now. A row from
// the future, where the platform's clock is wrong, does not pull the mark
// along: what changes until then would be missed.
func (c *cursor) note(hash string, changed, now time.Time, data string) (fresh, altered bool) {
	known, again := c.find(hash)
	altered = again && known.Data != data
	if !again {
		c.known[hash] = len(c.Seen)
		c.Seen = append(c.Seen, seen{Hash: hash, Changed: changed})
		known = &c.Seen[len(c.Seen)-1]
	}
	known.Data = data
	if settled(changed, now) {
		known.Data = ""
	}
	if changed.After(now) {
		changed = now
	}
	if changed.After(c.Mark) {
		c.Mark = changed
	}
	return !again, altered
}

// find returns what is known of the row's version, if anything is.
func (c *cursor) find(hash string) (*seen, bool) {
	if c.known == nil {
		c.known = make(map[string]int, len(c.Seen))
		for i, s := range c.Seen {
			c.known[s.Hash] = i
		}
	}
	i, ok := c.known[hash]
	if !ok {
		return nil, false
	}
	return &c.Seen[i], true
}

// skew is how far the platform's clock may be from the host's for a second
// change of one time to be seen.
const skew = 5 * time.Second

// settled says that a row cannot change any more and keep its time of change:
// the second of that is over, or the minute if it is a whole one.
func settled(changed, now time.Time) bool {
	step := time.Second
	switch {
	case changed.Nanosecond() != 0:
		return true
	case changed.Second() == 0:
		step = time.Minute
	}
	return !now.Before(changed.Add(step + skew))
}

// advance moves to the next page and says whether there is one. first is the
// hash of this page's first row, last the time of its last.
func (c *cursor) advance(first string, last time.Time, next string, more bool) bool {
	switch {
	case next != "":
		c.Next, c.Page = next, c.Page+1
	case c.Next != "":
		return false
	case c.Top > 0 && (c.Page == 1 || c.older(first)):
		return c.goOn()
	case c.Top > 0:
		c.Page--
	case c.Page > 1:
		c.goBack(first, last, more)
	case !more:
		return false
	case last.After(c.From):
		c.start(last)
	default:
		c.Page++
	}
	return true
}

// goBack looks again at the page before. A row that left From's time since it
// was fetched moved those behind it up: the first ones of the page that was
// asked for next now stand there, or on one before.
func (c *cursor) goBack(first string, last time.Time, more bool) {
	c.Top, c.First, c.Page = c.Page, first, c.Page-1
	if more {
		c.Then = last
	}
}

// older says that the row was announced before those of the page Top, so that
// none is missing between.
func (c *cursor) older(row string) bool {
	if _, ok := c.find(row); !ok {
		return false
	}
	_, ok := c.find(c.First)
	return !ok || c.known[row] < c.known[c.First]
}

// goOn moves to what follows the counted page that was fetched last.
func (c *cursor) goOn() bool {
	switch {
	case c.Then.IsZero():
		return false
	case c.Then.After(c.From):
		c.start(c.Then)
	default:
		c.Page, c.Top, c.First, c.Then = c.Top+1, 0, "", time.Time{}
	}
	return true
}

// finish ends the round.
func (c *cursor) finish() { c.start(time.Time{}); c.Page = 0 }

// forget drops the rows that cannot come again, neither in this round nor in
// the overlap of the next, and the oldest above maxSeen.
func (c *cursor) forget(overlap time.Duration) {
	before := c.Mark.Add(-overlap)
	if c.open() && c.From.Before(before) {
		before = c.From
	}
	c.Seen = slices.DeleteFunc(c.Seen, func(s seen) bool { return s.Changed.Before(before) })
	if extra := len(c.Seen) - maxSeen; extra > 0 {
		c.Seen = slices.Delete(c.Seen, 0, extra) // they are in the order in which they came, so about the oldest
	}
}

// version names one version of a row.
func version(id string, changed time.Time) string {
	return id + "@" + changed.UTC().Format(time.RFC3339Nano)
}

func hashOf(text string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // a hash takes everything
	return strconv.FormatUint(h.Sum64(), 36)
}
