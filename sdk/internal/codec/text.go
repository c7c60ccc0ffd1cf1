package codec

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// text takes a string literal and returns the text it stands for. Bytes that
// are not UTF-8 become U+FFFD, as in encoding/json.
func (d *decoder) text() (text string, ok bool) {
	start := d.pos + 1
	n, ascii := plainBytes(d.data[start:])
	end := start + n
	if end == len(d.data) || d.data[end] != '"' {
		return d.escapedText(start, end)
	}
	d.pos = end + 1
	text = d.data[start:end]
	if !ascii {
		text = repaired(text)
	}
	return text, true
}

// escapedText is text for a literal whose plain beginning ends at end.
func (d *decoder) escapedText(start, end int) (text string, ok bool) {
	if !d.toQuote(end) {
		return "", false
	}
	return unescape(d.data[start : d.pos-1]), true
}

// skipText takes a string literal.
func (d *decoder) skipText() bool { return d.toQuote(d.pos + 1) }

// toQuote steps behind the quote that ends a string literal, from somewhere inside of it.
func (d *decoder) toQuote(from int) bool {
	for i := from; ; i++ {
		n, _ := plainBytes(d.data[i:])
		i += n
		switch {
		case i < len(d.data) && d.data[i] == '"':
			d.pos = i + 1
			return true
		case i < len(d.data) && d.data[i] == '\\':
			if i = d.escapeEnd(i + 1); i < 0 {
				return false
			}
		default:
			d.pos = i
			return d.syntax()
		}
	}
}

// escapeEnd checks the escape whose letter is at i and returns where its last byte is, -1 if it is wrong.
func (d *decoder) escapeEnd(i int) int {
	d.pos = i
	if i < len(d.data) {
		switch d.data[i] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			return i
		case 'u':
			for d.pos++; d.pos < len(d.data) && d.pos < i+5 && hexValue(d.data[d.pos]) < 16; {
				d.pos++
			}
			if d.pos == i+5 {
				return i + 4
			}
		}
	}
	d.syntax()
	return -1
}

func hexValue(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	default:
		return 255
	}
}

// unescape resolves the escapes of s, which were checked.
func unescape(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\\':
			var size int
			out, size = appendEscape(out, s[i:])
			i += size
		case c < utf8.RuneSelf:
			out = append(out, c)
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			out = utf8.AppendRune(out, r)
			i += size
		}
	}
	return unsafe.String(unsafe.SliceData(out), len(out)) // nobody else has it
}

// appendEscape appends what the escape at the front of s stands for and returns how long it is.
func appendEscape(out []byte, s string) (extended []byte, size int) {
	switch s[1] {
	case 'b':
		return append(out, '\b'), 2
	case 'f':
		return append(out, '\f'), 2
	case 'n':
		return append(out, '\n'), 2
	case 'r':
		return append(out, '\r'), 2
	case 't':
		return append(out, '\t'), 2
	case 'u':
		r := unit(s)
		if utf16.IsSurrogate(r) {
			if pair := utf16.DecodeRune(r, unit(s[6:])); pair != utf8.RuneError {
				return utf8.AppendRune(out, pair), 12
			}
			r = utf8.RuneError
		}
		return utf8.AppendRune(out, r), 6
	default:
		return append(out, s[1]), 2
	}
}

// unit returns the UTF-16 unit of the escape at the front of s, -1 if there is none.
func unit(s string) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	return hexValue(s[2])<<12 | hexValue(s[3])<<8 | hexValue(s[4])<<4 | hexValue(s[5])
}

// repaired returns s with each byte that is not UTF-8 replaced by U+FFFD.
func repaired(s string) string {
	if ok, _ := validUTF8(s); ok {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
	}
	return b.String()
}

func decodeString(d *decoder, p *plan, at unsafe.Pointer) bool {
	if d.peek() != '"' {
		return d.otherwise(p)
	}
	text, ok := d.text()
	if ok {
		*(*string)(at) = text
	}
	return ok
}
