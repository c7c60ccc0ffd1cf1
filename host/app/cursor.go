package app

import (
	"bytes"
	"encoding/json"
	"time"
)

// checkMark refuses a cursor with which every poll would fail. Connectors made with
// the SDK keep how far they are as a time, under mark; a connector whose saved
// cursor has another form may have its own.
func checkMark(saved, next json.RawMessage) error {
	is, was := markOf(next), markOf(saved)
	switch {
	case string(bytes.TrimSpace(next)) == "null" || is == markTime || was == markOther:
		return nil
	case is == markNone && was == markNone:
		return nil
	}
	example := `{"mark":"2026-01-02T00:00:00+09:00"}`
	return refusal(
		"mark must be a time, as in "+example+"; or null, to begin now",
		"mark には日時を "+example+" のように書いてください。null なら今から取得します")
}

// What stands under mark in a cursor.
const (
	markNone = iota
	markTime
	markOther
)

func markOf(cursor json.RawMessage) int {
	var c struct {
		Mark json.RawMessage `json:"mark"`
	}
	if err := json.Unmarshal(cursor, &c); err != nil || c.Mark == nil {
		return markNone
	}
	var at time.Time
	if err := json.Unmarshal(c.Mark, &at); err != nil || at.IsZero() {
		return markOther
	}
	return markTime
}
