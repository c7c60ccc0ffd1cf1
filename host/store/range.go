package store

import "time"

// Bounds returns the range as from <= key < to, its prefix included. An empty
// to means no upper bound. Nothing is in the range if to is not empty and from >= to.
func (r Range) Bounds() (from, to string) {
	from, to = max(r.Prefix, r.From), r.To
	if end := after(r.Prefix); end != "" && (to == "" || end < to) {
		to = end
	}
	return from, to
}

// after returns the first key after all those that begin with prefix, or an
// empty string if there is none.
func after(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			return prefix[:i] + string([]byte{prefix[i] + 1})
		}
	}
	return ""
}

// ExpirySeconds returns Expires as backends keep it: whole Unix seconds rounded
// up, or 0 for never. A row is gone once the clock's Unix time has reached it.
func (m *Mutation) ExpirySeconds() uint64 {
	if m.Expires.IsZero() {
		return 0
	}
	seconds := m.Expires.Add(time.Second - time.Nanosecond).Unix()
	return uint64(max(seconds, 1)) //nolint:gosec // never negative
}
