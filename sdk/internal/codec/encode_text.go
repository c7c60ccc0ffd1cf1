package codec

import (
	"slices"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// string writes s in quotes. Most strings need no escape and are copied whole.
func (e *encoder) string(s string) {
	n := cleanBytes(s)
	if n < len(s) {
		e.buf = append(append(e.buf, '"'), s[:n]...)
		e.escape(s[n:])
		e.buf = append(e.buf, '"')
		return
	}
	begin := len(e.buf)
	if cap(e.buf) < begin+n+2 {
		e.buf = slices.Grow(e.buf, n+2)
	}
	e.buf = e.buf[:begin+n+2]
	e.buf[begin], e.buf[begin+n+1] = '"', '"'
	copy(e.buf[begin+1:], s)
}

// cleanBytes returns how many bytes at the beginning of s can be written as
// they are. It stops at a whole character.
func cleanBytes(s string) int {
	n, ascii := plainBytes(s)
	if ascii {
		return n
	}
	if ok, separators := validUTF8(s[:n]); !ok || separators {
		return 0
	}
	return n
}

// escape writes s with all that JSON wants escaped.
func (e *encoder) escape(s string) {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			e.escapeByte(c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			e.buf = append(e.buf, `\ufffd`...)
		case r == '\u2028' || r == '\u2029':
			e.buf = append(e.buf, `\u202`...)
			e.buf = append(e.buf, hexDigits[r&0xf])
		default:
			e.buf = append(e.buf, s[i:i+size]...)
		}
		i += size
	}
}

func (e *encoder) escapeByte(c byte) {
	switch {
	case c == '"' || c == '\\':
		e.buf = append(e.buf, '\\', c)
	case c >= ' ':
		e.buf = append(e.buf, c)
	case c == '\n':
		e.buf = append(e.buf, `\n`...)
	case c == '\r':
		e.buf = append(e.buf, `\r`...)
	case c == '\t':
		e.buf = append(e.buf, `\t`...)
	case c == '\b':
		e.buf = append(e.buf, `\b`...)
	case c == '\f':
		e.buf = append(e.buf, `\f`...)
	default:
		e.buf = append(e.buf, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
}
