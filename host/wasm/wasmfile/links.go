package wasmfile

import "fmt"

// Kind is what an import or an export is.
type Kind byte

// The kinds.
const (
	Func   Kind = 0
	Table  Kind = 1
	Memory Kind = 2
	Global Kind = 3
	Tag    Kind = 4
)

// String returns the kind's name.
func (k Kind) String() string {
	switch k {
	case Func:
		return "function"
	case Table:
		return "table"
	case Memory:
		return "memory"
	case Global:
		return "global"
	case Tag:
		return "tag"
	default:
		return fmt.Sprintf("kind %d", byte(k))
	}
}

// Link is one import, or one export without a module.
type Link struct {
	Module string
	Name   string
	Kind   Kind
	// Index is the type of an imported function, or what an export refers to.
	Index uint32
}

// Links is all that a module wants from outside and offers to it.
type Links struct {
	Imports []Link
	Exports []Link
}

// Exported says whether there is an export of that kind and name.
func (l *Links) Exported(kind Kind, name string) bool {
	for _, e := range l.Exports {
		if e.Kind == kind && e.Name == name {
			return true
		}
	}
	return false
}

// ReadLinks reads a module's imports and exports.
func ReadLinks(wasm []byte) (*Links, error) {
	sections, err := Sections(wasm)
	if err != nil {
		return nil, err
	}
	links := &Links{}
	for _, s := range sections {
		switch s.ID {
		case SectionImport:
			links.Imports, err = ReadImports(s.Body)
		case SectionExport:
			links.Exports, err = ReadExports(s.Body)
		}
		if err != nil {
			return nil, err
		}
	}
	return links, nil
}

// ReadImports reads an import section.
func ReadImports(body []byte) ([]Link, error) {
	r := NewReader(body)
	var imports []Link
	for n := r.U32(); n > 0 && r.Err() == nil; n-- {
		l := Link{Module: r.Name(), Name: r.Name(), Kind: Kind(r.Byte())}
		l.Index = r.importType(l.Kind)
		imports = append(imports, l)
	}
	if err := r.Finish(); err != nil {
		return nil, fmt.Errorf("reading the imports: %w", err)
	}
	return imports, nil
}

// importType takes an import's type and returns the index of a function's.
func (r *Reader) importType(kind Kind) uint32 {
	switch kind {
	case Func:
		return r.U32()
	case Table:
		r.Byte()
		r.limits()
	case Memory:
		r.limits()
	case Global:
		r.Bytes(2)
	case Tag:
		r.Byte()
		r.U32()
	default:
		r.Fail(fmt.Errorf("unknown %s", kind))
	}
	return 0
}

func (r *Reader) limits() {
	bounded := r.Byte()&1 != 0
	r.SkipLEB(10)
	if bounded {
		r.SkipLEB(10)
	}
}

// ReadExports reads an export section.
func ReadExports(body []byte) ([]Link, error) {
	r := NewReader(body)
	var exports []Link
	for n := r.U32(); n > 0 && r.Err() == nil; n-- {
		exports = append(exports, Link{Name: r.Name(), Kind: Kind(r.Byte()), Index: r.U32()})
	}
	if err := r.Finish(); err != nil {
		return nil, fmt.Errorf("reading the exports: %w", err)
	}
	return exports, nil
}
