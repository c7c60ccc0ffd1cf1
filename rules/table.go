package rules

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// nameTables is the name under which expressions find the lookup tables:
// tables.prices['A-1'].amount.
const nameTables = "tables"

// table is a lookup table: rows by their key.
type table struct {
	file string
	typ  *shape.Type
	rows ref.Val
}

// readTable reads a table in YAML: rows by key, each a value or columns with values.
func (l *loader) readTable(d *document) {
	rows := d.keys["rows"]
	if rows == nil {
		l.add(d.node, keyMissing, "rows")
		return
	}
	if !rows.IsMap() {
		l.wantMapping(rows, whatRows)
		return
	}
	v := &values{loader: l, constant: true}
	schema := l.rowSchema(rows)
	typ := l.lang.Types().Of("table "+d.id, &abi.Schema{Type: abi.TypeObject, Additional: schema})
	entries := make([]value.Entry, 0, len(rows.Pairs()))
	for _, p := range rows.Pairs() {
		part := v.compile(p.Value, typ.Elem(), slot{name: p.Key.Text()})
		if part == nil {
			continue
		}
		if row := rowOf(part, typ.Elem()); row != nil {
			entries = append(entries, value.Entry{Key: types.String(p.Key.Text()), Value: row})
		}
	}
	l.addTable(d.keys["table"].Span(), d.id, &table{d.file.Name, typ, value.NewDict(entries)})
}

// rowOf returns a row as expressions read it.
func rowOf(p part, typ *shape.Type) ref.Val {
	v, err := p.eval(nil)
	if err != nil {
		return nil
	}
	data, err := shape.AppendJSON(nil, v)
	if err != nil {
		return nil
	}
	if v, err = typ.Decode(data); err != nil {
		return nil
	}
	return v
}

// rowSchema derives the type of a table's rows from the rows themselves: a
// column that a row lacks may be absent.
func (l *loader) rowSchema(rows *source.Node) *abi.Schema {
	first := rows.Pairs()
	if len(first) == 0 || !first[0].Value.IsMap() {
		return l.cellSchema(rows)
	}
	schema := &abi.Schema{Type: abi.TypeObject, Properties: map[string]*abi.Schema{}}
	count := map[string]int{}
	for _, row := range first {
		for _, cell := range row.Value.Pairs() {
			column := cell.Key.Text()
			if schema.Properties[column] == nil {
				schema.Properties[column] = l.literalSchema(cell.Value)
			}
			count[column]++
		}
	}
	for column, n := range count {
		if n == len(first) {
			schema.Required = append(schema.Required, column)
		}
	}
	slices.Sort(schema.Required)
	return schema
}

func (l *loader) cellSchema(rows *source.Node) *abi.Schema {
	for _, p := range rows.Pairs() {
		return l.literalSchema(p.Value)
	}
	return textSchema
}

// literalSchema returns the type of a literal; traps are reported when it is compiled.
func (l *loader) literalSchema(node *source.Node) *abi.Schema {
	if !node.IsScalar() {
		return &abi.Schema{}
	}
	var quiet source.Report
	switch node.Literal(&quiet) {
	case source.Bool:
		return &abi.Schema{Type: abi.TypeBoolean}
	case source.Int:
		return &abi.Schema{Type: abi.TypeInteger}
	case source.Float:
		return &abi.Schema{Type: abi.TypeNumber}
	default:
		return textSchema
	}
}

// readCSV reads a table in CSV: the first line names the columns, the first
// column is the key. All values are text.
func (l *loader) readCSV(name string) {
	file := source.New(name, l.sources[name])
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(l.sources[name], []byte("\ufeff"))))
	if !file.Readable(&l.report) {
		return
	}
	id := strings.TrimSuffix(path.Base(name), path.Ext(name))
	rows, err := r.ReadAll()
	if err != nil {
		line := 1
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			line = bad.Line
		}
		l.report.Add(file.LineSpan(line), badCSV)
		return
	}
	if len(rows) == 0 || len(rows[0]) < 2 {
		l.report.Add(file.LineSpan(1), csvColumns)
		return
	}
	schema := &abi.Schema{Type: abi.TypeObject, Properties: map[string]*abi.Schema{}, Required: slices.Sorted(slices.Values(rows[0][1:]))}
	for _, column := range rows[0][1:] {
		schema.Properties[column] = textSchema
	}
	typ := l.lang.Types().Of("table "+id, &abi.Schema{Type: abi.TypeObject, Additional: schema})
	l.addTable(file.LineSpan(1), id, &table{name, typ, l.csvRows(file, typ.Elem(), rows)})
}

func (l *loader) csvRows(file *source.File, row *shape.Type, rows [][]string) ref.Val {
	entries := make([]value.Entry, 0, len(rows))
	lines := map[string]int{}
	for i, cells := range rows[1:] {
		if line, taken := lines[cells[0]]; taken {
			l.report.Add(file.LineSpan(i+2), duplicateKeyOfTable, cells[0], line)
			continue
		}
		lines[cells[0]] = i + 2
		fields := map[string]ref.Val{}
		for j, column := range rows[0][1:] {
			fields[column] = types.String(cells[j+1])
		}
		entries = append(entries, value.Entry{Key: types.String(cells[0]), Value: row.Object(fields)})
	}
	return value.NewDict(entries)
}

func (l *loader) addTable(at source.Span, id string, t *table) {
	if id == "" {
		return
	}
	if other := l.tables[id]; other != nil {
		l.report.Add(at, duplicateName, id, other.file)
		return
	}
	l.tables[id] = t
}

// allTables makes the value of the name tables.
func (l *loader) allTables() (*shape.Type, ref.Val) {
	if l.tablesType != nil {
		return l.tablesType, l.tablesValue
	}
	schema := &abi.Schema{Type: abi.TypeObject, Properties: map[string]*abi.Schema{}}
	fields := map[string]ref.Val{}
	for id, t := range l.tables {
		schema.Properties[id] = t.typ.Schema()
		schema.Required = append(schema.Required, id)
		fields[id] = t.rows
	}
	slices.SortFunc(schema.Required, cmp.Compare)
	l.tablesType = l.lang.Types().Of(nameTables, schema)
	l.tablesValue = l.tablesType.Object(fields)
	return l.tablesType, l.tablesValue
}
