package codec

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"unsafe"
)

// number takes a number and returns its text.
func (d *decoder) number() (text string, ok bool) {
	start := d.pos
	d.takeByte('-', '-')
	if !d.takeByte('0', '0') && !d.digits() {
		return "", d.syntax()
	}
	if d.takeByte('.', '.') && !d.digits() {
		return "", d.syntax()
	}
	if d.takeByte('e', 'E') {
		d.takeByte('+', '-')
		if !d.digits() {
			return "", d.syntax()
		}
	}
	return d.data[start:d.pos], true
}

// takeByte takes the next byte if it is a or b.
func (d *decoder) takeByte(a, b byte) bool {
	if d.pos >= len(d.data) || (d.data[d.pos] != a && d.data[d.pos] != b) {
		return false
	}
	d.pos++
	return true
}

// digits takes digits and says whether there was one.
func (d *decoder) digits() bool {
	start := d.pos
	for d.pos < len(d.data) && d.data[d.pos]-'0' <= 9 {
		d.pos++
	}
	return d.pos > start
}

// isNumber says whether a value that begins with c is a number, right or wrong.
func isNumber(c byte) bool { return c == '-' || c-'0' <= 9 }

// whole returns the value of a number without fraction and exponent that fits an int64.
func whole(text string) (value int64, ok bool) {
	digits, negative := text, text[0] == '-'
	if negative {
		digits = text[1:]
	}
	if len(digits) > 18 {
		value, err := strconv.ParseInt(text, 10, 64)
		return value, err == nil
	}
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 {
			return 0, false
		}
		value = value*10 + int64(c)
	}
	if negative {
		value = -value
	}
	return value, true
}

func decodeInt64(d *decoder, p *plan, at unsafe.Pointer) bool {
	if !isNumber(d.peek()) {
		return d.otherwise(p)
	}
	text, ok := d.number()
	if !ok {
		return false
	}
	value, ok := whole(text)
	if !ok {
		return d.unfit(p)
	}
	*(*int64)(at) = value
	return true
}

// unfit fails because of a number that the type cannot hold.
func (d *decoder) unfit(p *plan) bool {
	return d.problem("wants " + p.want + " that fits " + p.typ.Kind().String())
}

func decodeInt(d *decoder, p *plan, at unsafe.Pointer) bool {
	if !isNumber(d.peek()) {
		return d.otherwise(p)
	}
	var value int64
	if !decodeInt64(d, p, unsafe.Pointer(&value)) {
		return false
	}
	target := reflect.NewAt(p.typ, at).Elem()
	if target.OverflowInt(value) {
		return d.unfit(p)
	}
	target.SetInt(value)
	return true
}

func decodeUint(d *decoder, p *plan, at unsafe.Pointer) bool {
	if !isNumber(d.peek()) {
		return d.otherwise(p)
	}
	text, ok := d.number()
	if !ok {
		return false
	}
	target := reflect.NewAt(p.typ, at).Elem()
	value, err := strconv.ParseUint(text, 10, 64)
	if err != nil || target.OverflowUint(value) {
		return d.unfit(p)
	}
	target.SetUint(value)
	return true
}

func decodeFloat(d *decoder, p *plan, at unsafe.Pointer) bool {
	if !isNumber(d.peek()) {
		return d.otherwise(p)
	}
	text, ok := d.number()
	if !ok {
		return false
	}
	value, err := strconv.ParseFloat(text, int(p.size)*8)
	if err != nil {
		return d.unfit(p)
	}
	if p.size == 4 {
		*(*float32)(at) = float32(value)
	} else {
		*(*float64)(at) = value
	}
	return true
}

// decodeJSONNumber keeps a number as it is written. A string that holds one is taken too.
func decodeJSONNumber(d *decoder, p *plan, at unsafe.Pointer) bool {
	c := d.peek()
	switch {
	case isNumber(c):
		text, ok := d.number()
		if ok {
			*(*json.Number)(at) = json.Number(text)
		}
		return ok
	case c != '"':
		return d.otherwise(p)
	}
	text, ok := d.text()
	if !ok {
		return false
	}
	if !isNumberText(text) {
		return d.problem("wants a number, not another string")
	}
	*(*json.Number)(at) = json.Number(text)
	return true
}

// isNumberText says whether text is a number and nothing else.
func isNumberText(text string) bool {
	d := decoder{data: text}
	number, ok := d.number()
	return ok && len(number) == len(text)
}

func decodeBool(d *decoder, p *plan, at unsafe.Pointer) bool {
	switch d.peek() {
	case 't':
		*(*bool)(at) = true
		return d.literal("true")
	case 'f':
		*(*bool)(at) = false
		return d.literal("false")
	default:
		return d.otherwise(p)
	}
}

// anyNumber returns the number that an any gets; nil if none can hold it.
func anyNumber(text string) any {
	if strings.ContainsAny(text, ".eE") || text == "-0" {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil
		}
		return value
	}
	if value, ok := whole(text); ok {
		return value
	}
	return json.Number(text)
}
