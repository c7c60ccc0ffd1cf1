package codec

// skip takes one value, checking that it is JSON.
func (d *decoder) skip() bool {
	switch c := d.peek(); c {
	case '"':
		return d.skipText()
	case '{':
		return d.skipObject()
	case '[':
		return d.skipList()
	case 't':
		return d.literal("true")
	case 'f':
		return d.literal("false")
	case 'n':
		return d.literal("null")
	default:
		_, ok := d.number()
		return ok
	}
}

func (d *decoder) skipObject() bool {
	if !d.enter() {
		return false
	}
	for more := !d.empty('}'); more; {
		if d.peek() != '"' {
			return d.syntax()
		}
		if !d.skipText() || !d.colon() || !d.skip() {
			return false
		}
		if more = d.more('}'); d.err != nil {
			return false
		}
	}
	return true
}

func (d *decoder) skipList() bool {
	if !d.enter() {
		return false
	}
	for more := !d.empty(']'); more; {
		if !d.skip() {
			return false
		}
		if more = d.more(']'); d.err != nil {
			return false
		}
	}
	return true
}
