package gocode

import (
	"github.com/musubi-run/musubi/host/wasm/opcode"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// settle makes the jump at i unconditional if it is always taken: its condition
// is what a function returned that never returns 0. A function of Go's compiler
// returns 1 when its caller is to leave too, and every test of a pointer for
// nil calls one that panics.
func (f *function) settle(i int) {
	if !f.follow(i-3, opcode.Call, opcode.GlobalGet, opcode.LocalSet) || !f.module.isPanic(f.list[i-3].Index) {
		return
	}
	// What comes behind it is never reached, and the engine looks at it less closely.
	if f.is(i+1, opcode.End) || f.is(i+1, opcode.Unreachable) {
		f.replace(f.list[i].at, f.list[i].at+1, opcode.Br)
	}
}

// isPanic says whether a function never returns 0, as far as its text tells.
func (m *module) isPanic(index uint32) bool {
	return index >= m.imported && uint64(index-m.imported) < uint64(len(m.panics)) && m.panics[index-m.imported]
}

// findPanics looks for functions that never return 0.
func (m *module) findPanics(texts [][]byte) {
	m.panics = make([]bool, len(texts))
	passedOn := make(map[uint32][]int) // who returns what a function returns
	for i, text := range texts {
		s := search{}
		m.panics[i] = m.answers(i) && s.run(text)
		for _, index := range s.passes {
			passedOn[index] = append(passedOn[index], i)
		}
	}
	var open []uint32 // functions that may return 0, and whose callers were not told
	for index := range passedOn {
		if !m.isPanic(index) {
			open = append(open, index)
		}
	}
	for len(open) > 0 {
		index := open[len(open)-1]
		open = open[:len(open)-1]
		for _, i := range passedOn[index] {
			if m.panics[i] {
				m.panics[i] = false
				open = append(open, m.imported+uint32(i)) //nolint:gosec // see maxFunctions
			}
		}
	}
}

// search looks through one function for a way to return 0.
type search struct {
	code []byte
	// before is where the instructions before the one at hand stand, the last one first.
	before [3]int
	depth  int
	// passes are the functions whose results it returns.
	passes []uint32
}

// run reports whether there is none. What is not understood may be one.
func (s *search) run(text []byte) bool {
	r := wasmfile.NewReader(text)
	for n := r.U32(); n > 0 && r.Err() == nil; n-- {
		r.U32()
		wasmfile.TakeType(r)
	}
	s.code = r.Rest()
	for r = wasmfile.NewReader(s.code); r.Len() > 0; {
		at := len(s.code) - r.Len()
		in, err := opcode.Next(r)
		if err != nil || !s.fits(&in, at) {
			return false
		}
		if s.depth < 0 {
			return s.ends(s.before[0])
		}
		s.before = [3]int{at, s.before[0], s.before[1]}
	}
	return false
}

// fits reports whether an instruction is none that returns 0.
func (s *search) fits(in *opcode.Instruction, at int) bool {
	switch in.Op {
	case opcode.Block, opcode.Loop, opcode.If:
		s.depth++
	case opcode.End:
		s.depth--
	case opcode.Br, opcode.BrIf:
		return uint64(in.Index) < uint64(s.depth)
	case opcode.BrTable:
		return s.staysInside(s.code[at+1:])
	case opcode.Return:
		return s.ends(s.before[0]) || s.passesOn()
	case opcode.ReturnCall, opcode.ReturnCallIndirect:
		return false
	}
	return true
}

// staysInside reports whether none of a table's labels leads out of the function.
func (s *search) staysInside(labels []byte) bool {
	r := wasmfile.NewReader(labels)
	for n := uint64(r.U32()) + 1; n > 0; n-- {
		if uint64(r.U32()) >= uint64(s.depth) {
			return false
		}
	}
	return true
}

// ends reports whether an instruction puts something else than 0 on the stack,
// or nothing comes behind it.
func (s *search) ends(at int) bool {
	switch s.code[at] {
	case opcode.Unreachable:
		return true
	case opcode.I32Const:
		return wasmfile.S32(s.code[at+1:]) != 0
	default:
		return false
	}
}

// passesOn reports whether a function's result is on the stack, and notes the function.
func (s *search) passesOn() bool {
	call, get, set := s.before[2], s.before[1], s.before[0]
	if s.code[call] != opcode.Call || s.code[get] != opcode.GlobalGet || s.code[set] != opcode.LocalSet {
		return false
	}
	s.passes = append(s.passes, wasmfile.NewReader(s.code[call+1:]).U32())
	return true
}
