package main

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// tag reads a tag, at whose "<" it stands.
func (r *xmlReader) tag() (xmlElement, bool, error) {
	if r.closed {
		return xmlElement{}, false, r.fault("an empty element was not left")
	}
	r.at++
	if r.accept("/") {
		return xmlElement{}, false, r.endTag()
	}
	if len(r.open) == xmlDepth {
		return xmlElement{}, false, r.fault("%w", errXMLDepth)
	}
	raw := r.name()
	if raw == "" {
		return xmlElement{}, false, r.fault("a name was expected")
	}
	r.open = append(r.open, xmlOpen{raw: raw, bound: len(r.bound)})
	element, err := r.attributes(raw)
	return element, true, err
}

func (r *xmlReader) endTag() error {
	raw := r.name()
	r.blank()
	last := len(r.open) - 1
	if last < 0 || r.open[last].raw != raw || !r.accept(">") {
		return r.fault("</%s> ends what it did not begin", raw)
	}
	r.pop()
	return nil
}

// attributes reads the rest of a start tag.
func (r *xmlReader) attributes(raw string) (xmlElement, error) {
	var attrs []xmlAttr
	for {
		r.blank()
		if r.accept("/>") {
			r.closed = true
			break
		}
		if r.accept(">") {
			break
		}
		name, value, err := r.attribute()
		if err != nil {
			return xmlElement{}, err
		}
		if prefix, ok := strings.CutPrefix(name, "xmlns:"); ok {
			r.bound = append(r.bound, xmlBinding{prefix, value})
		} else if name == "xmlns" {
			r.bound = append(r.bound, xmlBinding{"", value})
		} else {
			attrs = append(attrs, xmlAttr{xmlName{local: name}, value})
		}
	}
	return r.resolve(raw, attrs)
}

func (r *xmlReader) attribute() (name, value string, err error) {
	name = r.name()
	r.blank()
	if name == "" || !r.accept("=") {
		return "", "", r.fault("an attribute was expected")
	}
	r.blank()
	for _, quotation := range [...]string{`"`, `'`} {
		if !r.accept(quotation) {
			continue
		}
		raw, _, ok := strings.Cut(r.input[r.at:], quotation)
		if !ok || strings.Contains(raw, "<") {
			break
		}
		var b strings.Builder
		err = r.unescape(&b, raw)
		r.at += len(raw) + 1
		return name, b.String(), err
	}
	return "", "", r.fault("the value of %s has no end", name)
}

// resolve replaces prefixes by the namespaces that they are bound to. An
// attribute without a prefix is in none.
func (r *xmlReader) resolve(raw string, attrs []xmlAttr) (xmlElement, error) {
	name, err := r.qualify(raw, true)
	if err != nil {
		return xmlElement{}, err
	}
	for i := range attrs {
		if attrs[i].name, err = r.qualify(attrs[i].name.local, false); err != nil {
			return xmlElement{}, err
		}
	}
	return xmlElement{name: name, attrs: attrs}, nil
}

func (r *xmlReader) qualify(raw string, element bool) (xmlName, error) {
	prefix, local, prefixed := strings.Cut(raw, ":")
	if prefixed && (prefix == "" || local == "" || strings.Contains(local, ":")) {
		return xmlName{}, r.fault("%.40q is no name", raw)
	}
	if !prefixed {
		prefix, local = "", raw
		if !element {
			return xmlName{local: raw}, nil
		}
	}
	for i := len(r.bound) - 1; i >= 0; i-- {
		if r.bound[i].prefix == prefix {
			return xmlName{r.bound[i].space, local}, nil
		}
	}
	if prefix == "" || prefix == "xml" {
		return xmlName{local: local}, nil
	}
	return xmlName{}, r.fault("the prefix %s is bound to nothing", prefix)
}

var xmlEntities = map[string]string{"lt": "<", "gt": ">", "amp": "&", "apos": "'", "quot": `"`}

// unescape writes raw with its entities resolved.
func (r *xmlReader) unescape(b *strings.Builder, raw string) error {
	for {
		before, after, found := strings.Cut(raw, "&")
		b.WriteString(before)
		if !found {
			return nil
		}
		name, rest, closed := strings.Cut(after, ";")
		text, known := xmlEntities[name]
		if !known {
			text, known = reference(name)
		}
		if !closed || !known {
			return r.fault("&%.12s is no entity", name)
		}
		b.WriteString(text)
		raw = rest
	}
}

// reference returns the character of a numeric reference such as #22826 or #x5929.
func reference(name string) (string, bool) {
	digits, ok := strings.CutPrefix(name, "#")
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	code, err := strconv.ParseUint(digits, base, 32)
	if !ok || err != nil || code == 0 || code > utf8.MaxRune || !utf8.ValidRune(rune(code)) {
		return "", false
	}
	return string(rune(code)), true
}
