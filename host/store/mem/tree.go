package mem

import "hash/maphash"

// node is one row of a persistent treap: ordered by key, a heap by prio, and
// never changed once it is linked. A change copies the path down to it, so the
// root that a reader holds stays the snapshot it was.
type node struct {
	key         string
	value       []byte
	expires     uint64
	prio        uint64
	left, right *node
}

// tree is the rows of one moment. The zero tree is not usable.
type tree struct {
	root *node
	seed maphash.Seed
}

func (t tree) get(key string) *node {
	n := t.root
	for n != nil && n.key != key {
		if key < n.key {
			n = n.left
		} else {
			n = n.right
		}
	}
	return n
}

// put returns the tree with the row set. The value belongs to the tree from now on.
func (t tree) put(key string, value []byte, expires uint64) tree {
	row := &node{key: key, value: value, expires: expires, prio: maphash.String(t.seed, key)}
	t.root = insert(t.root, row)
	return t
}

func (t tree) remove(key string) tree {
	if t.get(key) != nil {
		t.root = without(t.root, key)
	}
	return t
}

func insert(n, row *node) *node {
	switch {
	case n == nil:
		return row
	case n.key == row.key:
		row.left, row.right = n.left, n.right
		return row
	case row.prio > n.prio:
		row.left, row.right = split(n, row.key)
		return row
	}
	c := *n
	if row.key < n.key {
		c.left = insert(n.left, row)
	} else {
		c.right = insert(n.right, row)
	}
	return &c
}

// split parts n into the rows before key and those after it, without key itself.
func split(n *node, key string) (before, after *node) {
	if n == nil {
		return nil, nil
	}
	if n.key == key {
		return n.left, n.right
	}
	c := *n
	if n.key < key {
		c.right, after = split(n.right, key)
		return &c, after
	}
	before, c.left = split(n.left, key)
	return before, &c
}

// without returns n without key, which is there.
func without(n *node, key string) *node {
	if n.key == key {
		return join(n.left, n.right)
	}
	c := *n
	if key < n.key {
		c.left = without(n.left, key)
	} else {
		c.right = without(n.right, key)
	}
	return &c
}

// join links two treaps of which every key of a is before every key of b.
func join(a, b *node) *node {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.prio > b.prio:
		c := *a
		c.right = join(a.right, b)
		return &c
	default:
		c := *b
		c.left = join(a, b.left)
		return &c
	}
}

// ascend calls visit for the rows with from <= key, and key < to unless to is
// empty, until visit returns false.
func ascend(n *node, from, to string, visit func(*node) bool) bool {
	if n == nil {
		return true
	}
	if n.key >= from {
		if !ascend(n.left, from, to, visit) {
			return false
		}
		if to != "" && n.key >= to {
			return true
		}
		if !visit(n) {
			return false
		}
	}
	return ascend(n.right, from, to, visit)
}

// descend does the same from the last row to the first.
func descend(n *node, from, to string, visit func(*node) bool) bool {
	if n == nil {
		return true
	}
	if to == "" || n.key < to {
		if !descend(n.right, from, to, visit) {
			return false
		}
		if n.key < from {
			return true
		}
		if !visit(n) {
			return false
		}
	}
	return descend(n.left, from, to, visit)
}
