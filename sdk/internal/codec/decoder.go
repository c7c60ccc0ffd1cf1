package codec

import (
	"fmt"
	"strings"
	"unsafe"
)

// maxDepth is how deep a document may nest: deeper than any that means
// something, and well within the calls that the sandbox lets a plugin nest.
const maxDepth = 1000

// decoder reads one document, from data[pos] on. Its methods say whether they
// succeeded; if not, err tells why. In the sandbox arguments and results go
// through memory, so a boolean is much cheaper to return than an error.
type decoder struct {
	data  string
	pos   int
	depth int
	// strict refuses unknown fields, whole demands required ones.
	strict, whole bool
	// defaults fills in what is missing and has a default.
	defaults bool
	// found is where members collects, for each object anew.
	found []Member
	err   error
}

// fail keeps err and returns false.
func (d *decoder) fail(err error) bool {
	d.err = err
	return false
}

// problem fails with a phrase that names no field yet.
func (d *decoder) problem(phrase string) bool { return d.fail(&Error{Problem: phrase}) }

// inField fails once more, one level up: it puts name in front of the path.
func (d *decoder) inField(name string) bool { return d.fail(inField(d.err, name)) }

// inElement is inField for an element of a list.
func (d *decoder) inElement(index int) bool { return d.fail(inElement(d.err, index)) }

// peek returns the next byte that is not blank, without taking it; 0 at the end.
func (d *decoder) peek() byte {
	if d.pos < len(d.data) && d.data[d.pos] > ' ' {
		return d.data[d.pos]
	}
	return d.peekOver()
}

func (d *decoder) peekOver() byte {
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; c {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return c
		}
	}
	return 0
}

// end fails if anything follows the value.
func (d *decoder) end() bool {
	if d.peek() != 0 || d.pos < len(d.data) {
		return d.syntax()
	}
	return true
}

// syntax fails because of the byte at pos, which should not be there.
func (d *decoder) syntax() bool {
	if d.pos >= len(d.data) {
		return d.problem("the JSON ends too early")
	}
	c := d.data[d.pos]
	if c < ' ' || c >= 0x7f {
		return d.problem(fmt.Sprintf("no JSON: byte 0x%02x at offset %d", c, d.pos))
	}
	return d.problem(fmt.Sprintf("no JSON: unexpected %q at offset %d", c, d.pos))
}

// otherwise handles a value that is not of the kind that p wants: null leaves
// things as they are, anything else is an error.
func (d *decoder) otherwise(p *plan) bool {
	if d.peek() == 'n' {
		return d.literal("null")
	}
	start := d.pos
	return d.skip() && d.problem("wants "+p.want+", not "+nameOf(d.data[start]))
}

// nameOf names the kind of JSON value that begins with c.
func nameOf(c byte) string {
	switch c {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	default:
		return "a number"
	}
}

// literal takes the word, null, true or false.
func (d *decoder) literal(word string) bool {
	if !strings.HasPrefix(d.data[d.pos:], word) {
		for i := 0; i < len(word) && d.pos < len(d.data) && d.data[d.pos] == word[i]; i++ {
			d.pos++
		}
		return d.syntax()
	}
	d.pos += len(word)
	return true
}

// enter goes one level deeper, past an opening bracket.
func (d *decoder) enter() bool {
	d.pos++
	d.depth++
	return d.depth <= maxDepth || d.problem("the JSON nests too deep")
}

// empty is called after the opening bracket: it takes the closing one if it comes at once.
func (d *decoder) empty(closing byte) bool {
	if d.peek() != closing {
		return false
	}
	d.pos++
	d.depth--
	return true
}

// more is called after an element. It takes a comma and says that another
// element follows, or takes the closing bracket. Anything else is d.err.
func (d *decoder) more(closing byte) bool {
	switch d.peek() {
	case ',':
		d.pos++
		return true
	case closing:
		d.pos++
		d.depth--
		return false
	default:
		return d.syntax()
	}
}

// key takes the name of a member and the colon.
func (d *decoder) key() (name string, ok bool) {
	if d.peek() != '"' {
		return "", d.syntax()
	}
	if name, ok = d.text(); !ok {
		return "", false
	}
	return name, d.colon()
}

func (d *decoder) colon() bool {
	if d.peek() != ':' {
		return d.syntax()
	}
	d.pos++
	return true
}

// raw takes one value and returns its text.
func (d *decoder) raw() (text string, ok bool) {
	d.peek()
	start := d.pos
	if !d.skip() {
		return "", false
	}
	return d.data[start:d.pos], true
}

// decodeRaw copies the text of a value.
func decodeRaw(d *decoder, _ *plan, at unsafe.Pointer) bool {
	text, ok := d.raw()
	if ok {
		*(*[]byte)(at) = []byte(text)
	}
	return ok
}
