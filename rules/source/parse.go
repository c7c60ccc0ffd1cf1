package source

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxSize is how long a rules file may be, in bytes.
const maxSize = 1 << 20

// Readable says whether the file is text of a bearable length that is not
// empty; if not that is reported.
func (f *File) Readable(r *Report) bool {
	start := Span{File: f, Line: 1, Column: 1, End: 1}
	switch {
	case len(f.text) > maxSize:
		r.Add(start, tooLong, maxSize>>10)
	case !utf8.Valid(f.text):
		r.Add(f.firstInvalid(), notUTF8)
	case len(bytes.TrimSpace(f.text)) == 0:
		r.Add(start, emptyFile)
	default:
		return true
	}
	return false
}

// Parse reads the one document of a file of rules. Faults go to the report; the result is
// nil when there is nothing that could be read further.
func (f *File) Parse(r *Report) *Node {
	f.rules = true
	if !f.Readable(r) {
		return nil
	}
	root, err := f.decode()
	if err != nil {
		f.Diagnose(r, err)
		return nil
	}
	if root == nil {
		r.Add(Span{File: f, Line: 1, Column: 1, End: 1}, emptyFile)
		return nil
	}
	node := &Node{File: f, yaml: root}
	node.lint(r)
	return node
}

var errSecondDocument = errors.New("yaml: a second document")

func (f *File) decode() (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(f.text))
	var doc, more yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errSecondDocument
		}
		return nil, err
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	return doc.Content[0], nil
}

var lineNumber = regexp.MustCompile(`^yaml: line (\d+):`)

// errorLine returns the line that the YAML reader complains about, 0 if it names none.
func errorLine(err error) int {
	m := lineNumber.FindStringSubmatch(err.Error())
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}

func (f *File) firstInvalid() Span {
	for i, line := range f.lines {
		if !utf8.ValidString(line) {
			return f.LineSpan(i + 1)
		}
	}
	return Span{File: f, Line: 1, Column: 1, End: 1}
}
