package graphql

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// List is what a connection shows, in order. Key names a row's place in the
// order, so that a cursor finds it again when rows before it have gone.
type List struct {
	Rows []Object
	Key  func(Object) string
}

// maxPage is how many rows a page has at the most.
const maxPage = 250

// page returns the connection that the field's arguments ask for.
func (l List) page(f *Field, whole bool) Object {
	rows := l.Rows
	before := len(rows)
	if after, ok := f.Args["after"].(string); ok && !whole {
		key := decodeCursor(after)
		at := slices.IndexFunc(rows, func(row Object) bool { return l.Key(row) > key })
		if at < 0 {
			at = len(rows)
		}
		rows = rows[at:]
	}
	skipped := before - len(rows)
	size := pageSize(f.Args)
	more := false
	if !whole && size < len(rows) {
		rows, more = rows[:size], true
	}
	return l.connection(rows, skipped > 0, more)
}

func (l List) connection(rows []Object, previous, next bool) Object {
	edges := make([]Object, len(rows))
	for i, row := range rows {
		edges[i] = Object{"node": row, "cursor": encodeCursor(l.Key(row))}
	}
	info := Object{"hasPreviousPage": previous, "hasNextPage": next}
	if len(edges) > 0 {
		info["startCursor"], info["endCursor"] = edges[0]["cursor"], edges[len(edges)-1]["cursor"]
	}
	return Object{"nodes": rows, "edges": edges, "pageInfo": info}
}

// pageSize is how many rows are asked for; 0 if nobody says.
func pageSize(args map[string]any) int {
	for _, name := range []string{"first", "last"} {
		if n, ok := Int(args[name]); ok {
			return int(min(max(n, 0), maxPage))
		}
	}
	return 0
}

// Int returns an argument of type Int, however it came: literal, variable or default.
func Int(v any) (n int64, ok bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case float64:
		return int64(v), true
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	}
	return 0, false
}

func encodeCursor(key string) string { return base64.RawURLEncoding.EncodeToString([]byte(key)) }

func decodeCursor(cursor string) string {
	key, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return strings.Repeat("\xff", 4) // after everything
	}
	return string(key)
}
