package mem

import "container/heap"

// expiries remembers which rows vanish when, the next one first, so that what
// expired is also forgotten. Entries of rows that were written again are stale.
type expiries struct{ due dueHeap }

type dueRow struct {
	at  uint64
	key string
}

func (e *expiries) add(at uint64, key string) {
	heap.Push(&e.due, dueRow{at, key})
}

// sweep removes the rows whose time has come.
func (e *expiries) sweep(rows tree, now uint64) tree {
	for len(e.due) > 0 && e.due[0].at <= now {
		row := e.due[0]
		heap.Pop(&e.due)
		if n := rows.get(row.key); n != nil && n.expires == row.at {
			rows = rows.remove(row.key)
		}
	}
	return rows
}

// dueHeap is a container/heap.
type dueHeap []dueRow

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is for container/heap, which hands over only what add gave it.
func (h *dueHeap) Push(x any) {
	if row, ok := x.(dueRow); ok {
		*h = append(*h, row)
	}
}

// Pop is for container/heap.
func (h *dueHeap) Pop() any {
	last := len(*h) - 1
	row := (*h)[last]
	(*h)[last] = dueRow{}
	*h = (*h)[:last]
	return row
}
