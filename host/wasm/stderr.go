package wasm

import "strings"

const headBytes = 2 << 10

// head keeps the beginning of what a guest writes to its standard streams: the
// first line of a Go panic says what happened.
type head struct{ text []byte }

func (h *head) write(b []byte) {
	room := headBytes - len(h.text)
	h.text = append(h.text, b[:min(room, len(b))]...)
}

func (h *head) reset() { h.text = h.text[:0] }

func (h *head) firstLine() string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(h.text)), "\n")
	return strings.ToValidUTF8(line, "\uFFFD")
}
