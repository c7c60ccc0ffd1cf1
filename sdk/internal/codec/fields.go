package codec

import (
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// object is what a struct's plan knows besides.
type object struct {
	fields []field
	// table finds a field by its name: hash to index+1, 0 for none.
	table []uint16
	// demands says that a field is required or has a default.
	demands bool
}

// field is one member of the JSON object.
type field struct {
	name string
	// prefix is `"name":`, and `,"name":` from its start.
	prefix string
	// offset is where the field lies; path leads through embedded pointers first.
	offset uintptr
	path   []hop
	plan   *plan
	// omission and, for rare types, absent say when it is left out.
	omission omission
	absent   func(reflect.Value) bool
	// required fields must be there when decoding what people write.
	required bool
	// standard is the value, JSON, that a missing field gets; empty for none.
	standard string
	// words are those of the tag "enum", with commas around each; empty: any text will do.
	words string
}

// hop is an embedded pointer on the way to a field.
type hop struct {
	offset uintptr
	typ    reflect.Type // what it points to
}

// candidate is a field that may or may not win its name.
type candidate struct {
	field
	source reflect.StructField
	depth  int
	tagged bool
}

func (b *builder) object(t reflect.Type) *object {
	o := &object{}
	for _, c := range dominant((&level{typ: t}).candidates(nil)) {
		b.complete(&c)
		o.fields = append(o.fields, c.field)
		o.demands = o.demands || c.required || c.standard != ""
	}
	o.index()
	return o
}

// complete works out how the field is read and written.
func (b *builder) complete(c *candidate) {
	_, options, _ := strings.Cut(c.source.Tag.Get("json"), ",")
	c.plan = b.plan(c.source.Type)
	if hasOption(options, "string") && quotable(c.source.Type) {
		c.plan = quoted(c.plan)
	}
	omitEmpty, omitZero := hasOption(options, "omitempty"), hasOption(options, "omitzero")
	c.omit(c.source.Type, omitEmpty, omitZero)
	c.standard = standard(c.source)
	if words := c.source.Tag.Get("enum"); words != "" {
		c.words = "," + words + ","
	}
	c.required = !omitEmpty && !omitZero && c.standard == "" && len(c.path) == 0 && c.source.Type.Kind() != reflect.Pointer
	name := encoder{}
	name.string(c.name)
	c.prefix = "," + string(name.buf) + ":"
}

// standard returns the value of the tag "default" as JSON: people write text
// for a string and JSON for the rest.
func standard(source reflect.StructField) string {
	text, ok := source.Tag.Lookup("default")
	if ok && source.Type.Kind() == reflect.String {
		e := encoder{}
		e.string(text)
		return string(e.buf)
	}
	return text
}

// level is a struct whose fields count as the outer one's own.
type level struct {
	typ    reflect.Type
	offset uintptr
	path   []hop
	depth  int
	outer  *level
}

// candidates appends all fields of the struct, those of embedded structs
// included, in the order of the source.
func (l *level) candidates(found []candidate) []candidate {
	for source := range l.typ.Fields() {
		offset := l.offset + source.Offset
		if inner, pointer, ok := embedded(source); ok {
			below := level{typ: inner, offset: offset, path: l.path, depth: l.depth + 1, outer: l}
			if pointer {
				below.offset, below.path = 0, append(slices.Clone(l.path), hop{offset, inner})
			}
			if !l.within(inner) {
				found = below.candidates(found)
			}
			continue
		}
		if c, ok := candidateOf(source); ok {
			c.offset, c.path, c.depth = offset, l.path, l.depth
			found = append(found, c)
		}
	}
	return found
}

// within says whether the struct is t or embedded in t: what t embeds of
// itself is hidden by its own fields.
func (l *level) within(t reflect.Type) bool {
	for ; l != nil; l = l.outer {
		if l.typ == t {
			return true
		}
	}
	return false
}

// embedded says whether source is an embedded struct whose fields count as the
// outer one's own, and of which type.
func embedded(source reflect.StructField) (inner reflect.Type, pointer, ok bool) {
	name, _, _ := strings.Cut(source.Tag.Get("json"), ",")
	inner = source.Type
	if inner.Kind() == reflect.Pointer {
		inner, pointer = inner.Elem(), true
	}
	ok = source.Anonymous && name == "" && inner.Kind() == reflect.Struct && source.Tag.Get("json") != "-"
	if pointer && !source.IsExported() {
		ok = false // nothing outside its package can fill it
	}
	return inner, pointer, ok
}

func candidateOf(source reflect.StructField) (candidate, bool) {
	tag := source.Tag.Get("json")
	name, _, _ := strings.Cut(tag, ",")
	if tag == "-" || !source.IsExported() {
		return candidate{}, false
	}
	c := candidate{source: source, tagged: name != ""}
	c.name = name
	if name == "" {
		c.name = source.Name
	}
	return c, true
}

// dominant keeps one field of each name, by Go's rules for embedding: the
// shallowest, then the tagged one; two of equal rank hide each other.
func dominant(all []candidate) []candidate {
	var kept []candidate
	for i := range all {
		hidden := false
		for j := range all {
			hidden = hidden || (i != j && all[j].hides(&all[i]))
		}
		if !hidden {
			kept = append(kept, all[i])
		}
	}
	return kept
}

// hides says whether both have one name and other loses it.
func (c *candidate) hides(other *candidate) bool {
	switch {
	case c.name != other.name:
		return false
	case c.depth != other.depth:
		return c.depth < other.depth
	default:
		return c.tagged || !other.tagged
	}
}

func hasOption(options, want string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == want {
			return true
		}
	}
	return false
}

// index fills the table, a power of two at least twice as big as the list of fields.
func (o *object) index() {
	size := 4
	for size < 2*len(o.fields) {
		size *= 2
	}
	o.table = make([]uint16, size)
	for i, f := range o.fields {
		slot := hashName(f.name) & uint32(size-1) //nolint:gosec // a small power of two
		for o.table[slot] != 0 {
			slot = (slot + 1) & uint32(size-1) //nolint:gosec // a small power of two
		}
		o.table[slot] = uint16(i + 1) //nolint:gosec // a struct has few fields
	}
}

// find returns the field of that name.
func (o *object) find(name string) (index int, ok bool) {
	mask := uint32(len(o.table) - 1) //nolint:gosec // a small power of two
	for slot := hashName(name) & mask; o.table[slot] != 0; slot = (slot + 1) & mask {
		if i := int(o.table[slot]) - 1; o.fields[i].name == name {
			return i, true
		}
	}
	return 0, false
}

// hashName mixes the length and four bytes of name: enough to tell the fields of one struct apart.
func hashName(name string) uint32 {
	n := len(name)
	if n == 0 {
		return 0
	}
	h := uint32(n)*0x9e3779b1 + uint32(name[0])*0x85ebca6b //nolint:gosec // a hash may wrap
	h ^= uint32(name[n/2])*0xc2b2ae35 + uint32(name[n-1])*0x27d4eb2f + uint32(name[n/3])*0x165667b1
	return h ^ h>>15
}

// at returns the field's address within the struct at base, or nil if an
// embedded pointer on the way is nil and fill is false.
func (f *field) at(base unsafe.Pointer, fill bool) unsafe.Pointer {
	for _, h := range f.path {
		slot := (*unsafe.Pointer)(unsafe.Add(base, h.offset))
		if *slot == nil {
			if !fill {
				return nil
			}
			*slot = reflect.New(h.typ).UnsafePointer()
		}
		base = *slot
	}
	return unsafe.Add(base, f.offset)
}
