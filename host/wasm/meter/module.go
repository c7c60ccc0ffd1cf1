package meter

import (
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

var (
	errTwice    = errors.New("it exports " + FuelExport + " or " + DepthExport + ": it was metered before, or pretends to be")
	errGlobal   = errors.New("it uses a global that does not exist")
	errLocal    = errors.New("it uses a local variable that does not exist")
	errType     = errors.New("it uses a type that does not exist")
	errFunction = errors.New("it uses a function that does not exist")
	errOrder    = errors.New("the sections are out of order")
)

// module is what has to be known before a section can be rewritten.
type module struct {
	sections []wasmfile.Section
	// params is the number of parameters by type, types the type by function
	// without the imported ones.
	params   []uint32
	types    []uint32
	imported uint32 // functions
	globals  uint32 // without fuel and depth
	// numbered says that code may refer to data segments by their number.
	numbered bool
}

const functionForm = 0x60

// place is the order of sections in a file, which their ids do not follow.
var place = map[byte]int{
	wasmfile.SectionType: 1, wasmfile.SectionImport: 2, wasmfile.SectionFunction: 3, wasmfile.SectionTable: 4,
	wasmfile.SectionMemory: 5, wasmfile.SectionGlobal: 6, wasmfile.SectionExport: 7, wasmfile.SectionStart: 8,
	wasmfile.SectionElement: 9, wasmfile.SectionDataCount: 10, wasmfile.SectionCode: 11, wasmfile.SectionData: 12,
}

// needed are the sections that something is added to, whether they are there or not.
var needed = []byte{wasmfile.SectionType, wasmfile.SectionImport, wasmfile.SectionGlobal, wasmfile.SectionExport}

const pastLast = 13

// read collects what matters.
func (m *module) read(sections []wasmfile.Section) error {
	last := 0
	for _, s := range sections {
		if s.ID == wasmfile.SectionCustom {
			continue
		}
		at, known := place[s.ID]
		if !known {
			return fmt.Errorf("section %d is not supported", s.ID)
		}
		if at <= last {
			return errOrder
		}
		m.supply(last, at)
		last = at
		m.sections = append(m.sections, s)
		if err := m.note(s); err != nil {
			return fmt.Errorf("section %d: %w", s.ID, err)
		}
	}
	m.supply(last, pastLast)
	return nil
}

// supply makes empty sections where needed ones are missing.
func (m *module) supply(after, before int) {
	for _, id := range needed {
		if after < place[id] && place[id] < before {
			m.sections = append(m.sections, wasmfile.Section{ID: id, Body: []byte{0}})
		}
	}
}

// note remembers what a section says.
func (m *module) note(s wasmfile.Section) (err error) {
	r := wasmfile.NewReader(s.Body)
	switch s.ID {
	case wasmfile.SectionType:
		if m.params, err = readParams(r); err == nil {
			err = r.Finish()
		}
	case wasmfile.SectionImport:
		m.imported, err = m.countFunctions(s.Body)
	case wasmfile.SectionFunction:
		for n := r.U32(); n > 0 && r.Err() == nil; n-- {
			m.types = append(m.types, r.U32())
		}
		err = r.Finish()
	case wasmfile.SectionGlobal:
		m.globals = r.U32()
	case wasmfile.SectionDataCount:
		m.numbered = true
	}
	return errors.Join(err, r.Err())
}

// readParams returns how many parameters each function type has.
func readParams(r *wasmfile.Reader) ([]uint32, error) {
	var params []uint32
	for n := r.U32(); n > 0 && r.Err() == nil; n-- {
		if form := r.Byte(); form != functionForm && r.Err() == nil {
			return nil, fmt.Errorf("the type form 0x%02x (garbage collection) is not supported", form)
		}
		params = append(params, wasmfile.TakeTypes(r))
		wasmfile.TakeTypes(r)
	}
	return params, nil
}

func (m *module) countFunctions(imports []byte) (uint32, error) {
	links, err := wasmfile.ReadImports(imports)
	if err != nil {
		return 0, err
	}
	count := uint32(0)
	for _, l := range links {
		switch l.Kind {
		case wasmfile.Func:
			if uint64(l.Index) >= uint64(len(m.params)) {
				return 0, errType
			}
			count++
		case wasmfile.Table, wasmfile.Memory, wasmfile.Global, wasmfile.Tag:
			// An imported global would count among the globals, an imported table escape its limit.
			return 0, fmt.Errorf("it imports the %s %s.%s: only functions can be imported", l.Kind, l.Module, l.Name)
		}
	}
	return count, nil
}

// move returns the new index of a function: the refuel function was put
// between the imported and the defined ones.
func (m *module) move(index uint32) (uint32, error) {
	if uint64(index) >= uint64(m.imported)+uint64(len(m.types)) {
		return 0, errFunction
	}
	if index >= m.imported {
		index++
	}
	return index, nil
}
