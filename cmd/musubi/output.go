package main

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// show prints document as JSON if that was asked for, else what human writes.
func (p *program) show(document any, human func(page *page)) error {
	if p.json {
		return p.printJSON(document)
	}
	w := &page{}
	human(w)
	if _, err := p.out.Write(w.Bytes()); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

func (p *program) printJSON(document any) error {
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// page is what a person gets to read, written at once when it is whole.
type page struct{ bytes.Buffer }

func (w *page) line(format string, args ...any) {
	w.WriteString(fmt.Sprintf(format, args...) + "\n")
}

// json writes a JSON value, indented by so many spaces.
func (w *page) json(value json.RawMessage, indent string) {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, value, indent, "  "); err != nil {
		pretty.Reset()
		pretty.Write(value)
	}
	w.line("%s%s", indent, clean(pretty.String(), true))
}
