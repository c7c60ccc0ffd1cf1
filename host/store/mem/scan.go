package mem

import "github.com/musubi-run/musubi/host/store"

// scan is one Scan under way.
type scan struct {
	r      store.Range
	now    uint64
	usable func() error
	visit  func(key string, value []byte) error
	seen   int
	buf    []byte
	err    error
}

// row shows one row to the visitor and says whether to go on. The value is a
// copy in a buffer that the next row overwrites.
func (sc *scan) row(n *node) bool {
	if !n.alive(sc.now) {
		return true
	}
	if sc.err = sc.usable(); sc.err != nil {
		return false
	}
	var value []byte
	if !sc.r.KeysOnly {
		sc.buf = append(sc.buf[:0], n.value...)
		value = sc.buf[:len(n.value):len(n.value)]
	}
	if sc.err = sc.visit(n.key, value); sc.err != nil {
		return false
	}
	sc.seen++
	return sc.r.Limit == 0 || sc.seen < sc.r.Limit
}
