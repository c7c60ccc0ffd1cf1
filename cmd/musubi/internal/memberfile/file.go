package memberfile

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"

	"github.com/musubi-run/musubi/cmd/musubi/internal/spreadsheet"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/jp"
)

// Names of encodings.
const (
	utf8Name  = "utf-8"
	cp932Name = "cp932"
)

// Row is one fact of a file, or why there is none.
type Row struct {
	// Line is where it begins; Cells are those of the first of its lines.
	Line  int
	Cells []string
	Fact  api.MemberFact
	Err   error
}

// File is a file being read.
type File struct {
	Header []string

	mapping *Mapping
	lines   *csv.Reader
	// columns are the places of the headings of each field.
	columns map[string][]int
	// unknown counts statuses that are none of the model's.
	unknown map[string]int
}

// Open reads the headings and finds the mapping's columns among them.
func Open(r io.Reader, m *Mapping) (*File, error) {
	text, err := decoded(r, m.Encoding)
	if err != nil {
		return nil, err
	}
	f := &File{mapping: m, lines: csv.NewReader(text), columns: map[string][]int{}}
	f.lines.FieldsPerRecord, f.lines.LazyQuotes = -1, true
	if f.Header, err = f.next(); err != nil {
		return nil, wrong("reading the headings: %v", "見出しの行を読めません: %v", err)
	}
	if err := f.locate(); err != nil {
		return nil, err
	}
	return f, nil
}

// next reads one line, its cells as they were before they were kept from being formulas.
func (f *File) next() ([]string, error) {
	cells, err := f.lines.Read()
	for i, cell := range cells {
		cells[i] = spreadsheet.Text(cell)
	}
	return cells, err
}

func (f *File) locate() error {
	var found faults
	for _, field := range slices.Sorted(maps.Keys(f.mapping.Columns)) {
		for _, name := range f.mapping.Columns[field] {
			at := slices.IndexFunc(f.Header, func(h string) bool { return jp.Narrow(strings.TrimSpace(h)) == jp.Narrow(strings.TrimSpace(name)) })
			if at < 0 {
				found = append(found, wrong("columns: %s: the file has no column %q; it has %s", "columns: %s: ファイルに「%s」という列はありません。ある列: %s", field, name, strings.Join(f.Header, ", ")))
			}
			f.columns[field] = append(f.columns[field], at)
		}
	}
	return found.joined("\n")
}

// decoded reads text in the encoding; an empty one is found out from its beginning.
func decoded(r io.Reader, encoding string) (io.Reader, error) {
	const beginning = 64 << 10
	buffered := bufio.NewReaderSize(r, beginning)
	head, err := buffered.Peek(beginning)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if strings.HasPrefix(string(head), "\ufeff") {
		_, err := buffered.Discard(len("\ufeff"))
		return buffered, err
	}
	if encoding == cp932Name || (encoding == "" && !mostlyUTF8(head)) {
		return japanese.ShiftJIS.NewDecoder().Reader(buffered), nil
	}
	return buffered, nil
}

// mostlyUTF8 takes no offence at a character that the end of the piece cuts.
func mostlyUTF8(head []byte) bool {
	for cut := range min(utf8.UTFMax, len(head)+1) {
		if utf8.Valid(head[:len(head)-cut]) {
			return true
		}
	}
	return false
}

// Rows reads the facts one after the other. The lines of one order or
// subscription follow each other.
func (f *File) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		var open *document
		for {
			cells, err := f.next()
			if errors.Is(err, io.EOF) {
				break
			}
			line, _ := f.lines.FieldPos(0)
			if err != nil {
				if !yield(Row{Line: line, Cells: cells, Err: err}) {
					return
				}
				continue
			}
			id := f.text(keyOf(f.mapping.Kind), cells)
			if open != nil && open.id == id && id != "" {
				open.addItem(f, cells)
				continue
			}
			if open != nil && !yield(open.row(f)) {
				return
			}
			open = f.begin(id, line, cells)
		}
		if open != nil {
			yield(open.row(f))
		}
	}
}

// text is what the cells of a field say together.
func (f *File) text(field string, cells []string) string {
	var parts []string
	for _, at := range f.columns[field] {
		if at < len(cells) && strings.TrimSpace(cells[at]) != "" {
			parts = append(parts, strings.TrimSpace(cells[at]))
		}
	}
	text := strings.Join(parts, " ")
	if word, replaced := f.mapping.Values[field][text]; replaced {
		return word
	}
	return text
}

// torn says why a row is not as the headings say: its cells would be taken for
// others, or hold rows that nobody would miss. Quotation marks inside a cell are
// no fault, as many shops write them so.
func (f *File) torn(cells []string) *Fault {
	if slices.ContainsFunc(cells[min(len(f.Header), len(cells)):], func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
		return wrong("there are %[1]d headings, but the row has values from column %[2]d on: put a value with a comma in quotation marks",
			"見出しは%[1]d列ですが、%[2]d列目以降に値があります。値の中のコンマを引用符で囲んでください", len(f.Header), len(f.Header)+1)
	}
	for _, cell := range cells {
		_, further, several := strings.Cut(cell, "\n")
		quoted := strings.Contains("\n"+further, "\n\"") || strings.Contains(further, ",\"")
		if several && (quoted || len(cells) < len(f.Header)) {
			return wrong("a quotation mark (\") is not closed, and the rows that follow became part of one value",
				"閉じていない引用符(\")があり、次の行以降が1つの値になっています")
		}
	}
	return nil
}

// document is a fact that further lines may belong to.
type document struct {
	id     string
	line   int
	cells  []string
	fields map[string]any
	items  []map[string]any
	wrong  faults
}

func (f *File) begin(id string, line int, cells []string) *document {
	d := &document{id: id, line: line, cells: cells, fields: map[string]any{}}
	if torn := f.torn(cells); torn != nil {
		d.wrong = append(d.wrong, torn)
		return d
	}
	for field := range f.columns {
		if strings.HasPrefix(field, itemPrefix) {
			continue
		}
		d.read(f, field, field, cells, d.fields)
	}
	if id == "" {
		d.wrong = append(d.wrong, wrong("%s is empty", "%s が空です", keyOf(f.mapping.Kind)))
	}
	d.addItem(f, cells)
	return d
}

func (d *document) addItem(f *File, cells []string) {
	if torn := f.torn(cells); torn != nil {
		d.wrong = append(d.wrong, torn)
		return
	}
	one := map[string]any{}
	for field := range f.columns {
		if name, isItem := strings.CutPrefix(field, itemPrefix); isItem {
			d.read(f, field, name, cells, one)
		}
	}
	if len(one) > 0 {
		if one["quantity"] == nil {
			one["quantity"] = int64(1)
		}
		d.items = append(d.items, one)
	}
}

func (d *document) read(f *File, field, name string, cells []string, into map[string]any) {
	text := f.text(field, cells)
	if text == "" {
		return
	}
	v, fault := kinds[f.mapping.Kind][field](text, f.mapping.Currency)
	if fault != nil {
		d.wrong = append(d.wrong, fault.of(field))
		return
	}
	f.noteStatus(field, text)
	into[name] = v
}

func (d *document) row(f *File) Row {
	row := Row{Line: d.line, Cells: d.cells, Err: d.wrong.joined("; ")}
	if row.Err != nil {
		return row
	}
	if len(d.items) > 0 {
		d.fields["items"] = d.items
	}
	data, err := json.Marshal(d.fields)
	row.Fact, row.Err = api.MemberFact{Connection: f.mapping.Connection, Model: f.mapping.Kind, Data: data}, err
	return row
}
