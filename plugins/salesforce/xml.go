package main

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// xmlReader reads the XML of outbound messages: elements with their namespaces,
// attributes and text. It knows no DTD, so no entity but XML's own five, and
// bounds how deeply elements nest. encoding/xml does more, and is 200 KB of the
// plugin; see RATIONALE.md.
//
// An element is read by its visitor, with [xmlReader.children], [xmlReader.text]
// or not at all.
type xmlReader struct {
	input string
	at    int
	open  []xmlOpen
	bound []xmlBinding
	// closed says that the element at hand was written as <a/>.
	closed bool
}

type xmlName struct{ space, local string }

type xmlAttr struct {
	name  xmlName
	value string
}

type xmlElement struct {
	name  xmlName
	attrs []xmlAttr
}

// xmlOpen is an element that has begun: its name as written, and how many
// namespaces were bound before it.
type xmlOpen struct {
	raw   string
	bound int
}

type xmlBinding struct{ prefix, space string }

const xmlDepth = 32

var (
	errXMLEnd   = errors.New("it ends in the middle")
	errXMLDepth = errors.New("its elements nest too deeply")
	errXMLType  = errors.New("it has a document type, which no outbound message has")
)

func (r *xmlReader) fault(format string, args ...any) error {
	return fmt.Errorf("at byte %d: "+format, append([]any{r.at}, args...)...)
}

// root begins the document and returns its first element.
func (r *xmlReader) root() (xmlElement, error) {
	if !utf8.ValidString(r.input) {
		return xmlElement{}, r.fault("it is not UTF-8")
	}
	r.input = strings.TrimPrefix(r.input, "\ufeff")
	text, element, found, err := r.next()
	switch {
	case err != nil:
		return element, err
	case !found || strings.TrimSpace(text) != "":
		return element, r.fault("an element was expected")
	}
	return element, nil
}

// children calls visit for each element within the one at hand. visit may read
// it; what it leaves is skipped.
func (r *xmlReader) children(visit func(xmlElement) error) error {
	depth := len(r.open)
	for !r.leave(depth) {
		_, element, found, err := r.next()
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if err := visit(element); err != nil {
			return err
		}
		if err := r.skip(depth); err != nil {
			return err
		}
	}
	return nil
}

// text returns the text of the element at hand, without that of elements in it.
func (r *xmlReader) text() (string, error) {
	depth := len(r.open)
	var whole strings.Builder
	for !r.leave(depth) {
		text, _, found, err := r.next()
		if err != nil {
			return "", err
		}
		whole.WriteString(text)
		if found {
			if err := r.skip(depth); err != nil {
				return "", err
			}
		}
	}
	return whole.String(), nil
}

// skip reads until only depth elements are open.
func (r *xmlReader) skip(depth int) error {
	for len(r.open) > depth {
		if r.leave(len(r.open)) {
			continue
		}
		if _, _, _, err := r.next(); err != nil {
			return err
		}
	}
	return nil
}

// leave says whether the element at that depth is over. One that was written
// as <a/> ends here.
func (r *xmlReader) leave(depth int) bool {
	if r.closed && len(r.open) == depth {
		r.closed = false
		r.pop()
	}
	return len(r.open) < depth
}

func (r *xmlReader) pop() {
	last := len(r.open) - 1
	r.bound = r.bound[:r.open[last].bound]
	r.open = r.open[:last]
}

// next reads text up to and including the next tag. found says that the tag
// begins an element; else it ended the one at hand.
func (r *xmlReader) next() (text string, element xmlElement, found bool, err error) {
	var b strings.Builder
	for {
		before, _, more := strings.Cut(r.input[r.at:], "<")
		if !more {
			return "", element, false, r.fault("%w", errXMLEnd)
		}
		if err := r.unescape(&b, before); err != nil {
			return "", element, false, err
		}
		r.at += len(before)
		aside, err := r.aside(&b)
		if err != nil {
			return "", element, false, err
		}
		if aside {
			continue
		}
		element, found, err = r.tag()
		return b.String(), element, found, err
	}
}

// aside reads what is no tag: comments and instructions are dropped, the text of CDATA is kept.
func (r *xmlReader) aside(b *strings.Builder) (bool, error) {
	rest := r.input[r.at:]
	for _, kind := range [...]struct{ begin, end string }{{"<!--", "-->"}, {"<?", "?>"}, {"<![CDATA[", "]]>"}} {
		inner, ok := strings.CutPrefix(rest, kind.begin)
		if !ok {
			continue
		}
		inner, _, ok = strings.Cut(inner, kind.end)
		if !ok {
			return false, r.fault("%w", errXMLEnd)
		}
		if kind.end == "]]>" {
			b.WriteString(inner)
		}
		r.at += len(kind.begin) + len(inner) + len(kind.end)
		return true, nil
	}
	if strings.HasPrefix(rest, "<!") {
		return false, r.fault("%w", errXMLType)
	}
	return false, nil
}

func (e *xmlElement) attr(name xmlName) string {
	for _, a := range e.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

func (r *xmlReader) accept(s string) bool {
	if !strings.HasPrefix(r.input[r.at:], s) {
		return false
	}
	r.at += len(s)
	return true
}

func (r *xmlReader) blank() {
	for r.at < len(r.input) && strings.IndexByte(" \t\r\n", r.input[r.at]) >= 0 {
		r.at++
	}
}

func (r *xmlReader) name() string {
	start := r.at
	for r.at < len(r.input) && strings.IndexByte(" \t\r\n=/<>\"'&", r.input[r.at]) < 0 {
		r.at++
	}
	return r.input[start:r.at]
}
