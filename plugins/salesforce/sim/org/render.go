package org

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/soql"
)

// selection is the tree of selected fields: own ones, and those of parents.
type selection struct {
	object  *Object
	fields  []*Field
	parents []*branch
}

type branch struct {
	hop *Field
	selection
}

func (p *planner) selection(q *soql.Query) (*selection, error) {
	root := &selection{object: p.object}
	for _, name := range q.Fields {
		way, err := p.path(name)
		if err != nil {
			return nil, err
		}
		root.add(p.tx, way)
	}
	for _, f := range p.object.fields {
		if q.Preset == "ALL" || q.Preset == "CUSTOM" && f.Custom() || q.Preset == "STANDARD" && !f.Custom() {
			root.fields = append(root.fields, f)
		}
	}
	return root, nil
}

func (s *selection) add(tx *Tx, way *fieldPath) {
	for _, hop := range way.hops {
		at := slices.IndexFunc(s.parents, func(b *branch) bool { return b.hop == hop })
		if at < 0 {
			at = len(s.parents)
			s.parents = append(s.parents, &branch{hop: hop, selection: selection{object: tx.org.objects[fold(hop.Target)]}})
		}
		s = &s.parents[at].selection
	}
	if !slices.Contains(s.fields, way.field) {
		s.fields = append(s.fields, way.field)
	}
}

// AppendRecord appends the i-th record as the query selected it. base is the
// path before /sobjects.
func (res *Result) AppendRecord(buf []byte, tx *Tx, i int, base string) []byte {
	return res.root.append(buf, tx, res.Records[i], base)
}

func (s *selection) append(buf []byte, tx *Tx, r *Record, base string) []byte {
	buf = appendAttributes(append(buf, '{'), r, base)
	for _, f := range s.fields {
		buf = appendName(append(buf, ','), f.Name)
		buf = r.appendValue(buf, f, base)
	}
	for _, b := range s.parents {
		buf = appendName(append(buf, ','), b.hop.Relationship)
		id, _ := r.get(b.hop).(string) //nolint:errcheck // no parent
		parent := (*Record)(nil)
		if id != "" {
			parent = tx.target(b.hop, id)
		}
		if parent == nil {
			buf = append(buf, "null"...)
			continue
		}
		buf = b.append(buf, tx, parent, base)
	}
	return append(buf, '}')
}

// AppendJSON appends the record with the named fields, or all of them if none are named.
func (r *Record) AppendJSON(buf []byte, names []string, base string) ([]byte, error) {
	fields := r.Object.fields
	if len(names) > 0 {
		fields = make([]*Field, 0, len(names))
		for _, name := range names {
			f := r.Object.Field(name)
			if f == nil {
				return nil, r.Object.noColumn(name)
			}
			fields = append(fields, f)
		}
	}
	buf = appendAttributes(append(buf, '{'), r, base)
	for _, f := range fields {
		buf = appendName(append(buf, ','), f.Name)
		buf = r.appendValue(buf, f, base)
	}
	return append(buf, '}'), nil
}

// URL returns the record's path.
func (r *Record) URL(base string) string {
	return base + "/sobjects/" + r.Object.Name + "/" + r.id
}

func appendAttributes(buf []byte, r *Record, base string) []byte {
	buf = append(buf, `"attributes":{"type":"`...)
	buf = append(buf, r.Object.Name...)
	buf = append(buf, `","url":"`...)
	buf = append(buf, r.URL(base)...)
	return append(buf, `"}`...)
}

func appendName(buf []byte, name string) []byte {
	buf = append(buf, '"')
	buf = append(buf, name...)
	return append(buf, `":`...)
}

func (r *Record) appendValue(buf []byte, f *Field, base string) []byte {
	switch v := r.get(f).(type) {
	case string:
		return appendString(buf, v)
	case float64:
		return appendNumber(buf, v, f.Type == Int)
	case bool:
		return strconv.AppendBool(buf, v)
	case time.Time:
		buf = append(buf, '"')
		buf = v.AppendFormat(buf, DateTimeLayout)
		return append(buf, '"')
	case []byte: // a blob is fetched from its own path
		return appendString(buf, r.URL(base)+"/"+f.Name)
	}
	if f.Type == Address {
		return r.appendAddress(buf, strings.TrimSuffix(f.Name, "Address"))
	}
	return append(buf, "null"...)
}

func (r *Record) appendAddress(buf []byte, prefix string) []byte {
	start := len(buf)
	buf = append(buf, '{')
	filled := false
	for i, part := range addressParts {
		if i > 0 {
			buf = append(buf, ',')
		}
		f := r.Object.Field(prefix + part.name)
		filled = filled || r.get(f) != nil
		buf = appendName(buf, strings.ToLower(part.name[:1])+part.name[1:])
		buf = r.appendValue(buf, f, "")
	}
	if !filled {
		return append(buf[:start], "null"...)
	}
	return append(buf, '}')
}

// appendNumber writes whole numbers of the decimal types with ".0", as the platform does.
func appendNumber(buf []byte, v float64, integer bool) []byte {
	whole := v == float64(int64(v))
	buf = strconv.AppendFloat(buf, v, 'f', -1, 64)
	if whole && !integer {
		buf = append(buf, ".0"...)
	}
	return buf
}

func appendString(buf []byte, s string) []byte {
	plain := utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' })
	if plain {
		buf = append(buf, '"')
		buf = append(buf, s...)
		return append(buf, '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil { // a string: cannot happen
		return append(buf, `""`...)
	}
	return append(buf, quoted...)
}

// Format returns the field's value the way CSV files and SOAP messages show it,
// empty for null.
func (r *Record) Format(f *Field) string {
	switch v := r.get(f).(type) {
	case string:
		return v
	case float64:
		return string(appendNumber(nil, v, f.Type == Int))
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return v.Format("2006-01-02T15:04:05.000Z")
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	}
	return ""
}

// Table returns the result as rows of text, the heading first, as bulk exports show it.
func (res *Result) Table(tx *Tx) [][]string {
	columns := res.root.columns("", nil)
	heading := make([]string, len(columns))
	for i, c := range columns {
		heading[i] = c.name
	}
	rows := [][]string{heading}
	for _, r := range res.Records {
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = c.format(tx, r)
		}
		rows = append(rows, row)
	}
	return rows
}

type column struct {
	name string
	hops []*Field
	*Field
}

func (s *selection) columns(prefix string, hops []*Field) []column {
	var list []column
	for _, f := range s.fields {
		list = append(list, column{name: prefix + f.Name, hops: hops, Field: f})
	}
	for _, b := range s.parents {
		deeper := append(slices.Clone(hops), b.hop)
		list = append(list, b.columns(prefix+b.hop.Relationship+".", deeper)...)
	}
	return list
}

func (c *column) format(tx *Tx, r *Record) string {
	for _, hop := range c.hops {
		id, ok := r.get(hop).(string)
		if !ok {
			return ""
		}
		if r = tx.target(hop, id); r == nil {
			return ""
		}
	}
	return r.Format(c.Field)
}
