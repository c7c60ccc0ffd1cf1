package shape

import (
	"bytes"
	"encoding/json"
)

// reader walks over JSON that is known to be valid.
type reader struct {
	data []byte
	pos  int
}

// peek returns the first byte of the next value.
func (r *reader) peek() byte {
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; c {
		case ' ', '\t', '\n', '\r', ',', ':':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// number says whether the next value is one.
func (r *reader) number() bool {
	c := r.peek()
	return c == '-' || (c >= '0' && c <= '9')
}

// null reads a null if one is next.
func (r *reader) null() bool {
	if r.peek() != 'n' {
		return false
	}
	r.pos += len("null")
	return true
}

// string reads a string.
func (r *reader) string() string {
	r.peek()
	raw := r.quoted()
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil { // the whole was valid: cannot happen
		return string(raw)
	}
	return text
}

// quoted takes the string literal at the position, with its quotes.
func (r *reader) quoted() []byte {
	start := r.pos
	for r.pos++; r.pos < len(r.data) && r.data[r.pos] != '"'; r.pos++ {
		if r.data[r.pos] == '\\' {
			r.pos++
		}
	}
	r.pos++
	return r.data[start:r.pos]
}

// object reads an object; field reads the value of each key.
func (r *reader) object(field func(key string)) {
	r.pos++
	for r.peek() != '}' {
		key := r.string()
		r.peek()
		field(key)
	}
	r.pos++
}

// array reads an array; item reads each value.
func (r *reader) array(item func()) {
	r.pos++
	for r.peek() != ']' {
		item()
	}
	r.pos++
}

// skip takes the next value whole.
func (r *reader) skip() []byte {
	c := r.peek()
	start := r.pos
	switch c {
	case '"':
		r.quoted()
	case '{':
		r.object(func(string) { r.skip() })
	case '[':
		r.array(func() { r.skip() })
	default:
		for r.pos < len(r.data) && !bytes.ContainsRune([]byte(",]} \t\n\r"), rune(r.data[r.pos])) {
			r.pos++
		}
	}
	return r.data[start:r.pos]
}
