package opcode

// widths are how many bytes the loads and stores reach, from the first load on.
var widths = [...]int64{4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4, 4, 8, 4, 8, 1, 2, 1, 2, 4}

const firstLoad = 0x28

// Width is how many bytes a load or a store reaches; see [IsMemory].
func Width(op byte) int64 { return widths[op-firstLoad] }

// effect is what an instruction takes from the stack and leaves there.
type effect struct{ takes, leaves int8 }

// effects has only instructions whose effect follows from the opcode.
var effects = func() (all [256]effect) {
	for op := range all {
		all[op] = effect{-1, 0}
	}
	for _, s := range []struct {
		first, last byte
		effect      effect
	}{
		{Nop, Nop, effect{0, 0}},
		{Drop, Drop, effect{1, 0}},
		{Select, Select, effect{3, 1}},
		{GlobalSet, GlobalSet, effect{1, 0}},
		{MemorySize, MemorySize, effect{0, 1}},
		{MemoryGrow, MemoryGrow, effect{1, 1}},
		{0x45, 0x45, effect{1, 1}},
		{0x46, 0x4f, effect{2, 1}},
		{0x50, 0x50, effect{1, 1}},
		{0x51, 0x66, effect{2, 1}},
		{0x67, 0x69, effect{1, 1}},
		{0x6a, 0x78, effect{2, 1}},
		{0x79, 0x7b, effect{1, 1}},
		{0x7c, 0x8a, effect{2, 1}},
		{0x8b, 0x91, effect{1, 1}},
		{0x92, 0x98, effect{2, 1}},
		{0x99, 0x9f, effect{1, 1}},
		{0xa0, 0xa6, effect{2, 1}},
		{0xa7, 0xc4, effect{1, 1}},
	} {
		for op := int(s.first); op <= int(s.last); op++ {
			all[op] = s.effect
		}
	}
	return all
}()

// Arity is how many values an instruction takes from the stack and how many it
// leaves there; takes is negative where that does not follow from the opcode.
func Arity(op byte) (takes, leaves int) { return int(effects[op].takes), int(effects[op].leaves) }

// inverses are comparisons of integers and those that hold when they do not.
var inverses = func() (all [256]byte) {
	const firstOfI32, firstOfI64 = 0x46, 0x51
	for _, first := range []byte{firstOfI32, firstOfI64} {
		// eq ne; lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u
		for op, inverse := range []byte{1, 0, 8, 9, 6, 7, 4, 5, 2, 3} {
			all[first+byte(op)] = first + inverse //nolint:gosec // ten
		}
	}
	return all
}()

// Inverse is the comparison that holds when op does not, if op compares integers.
func Inverse(op byte) (inverse byte, known bool) { return inverses[op], inverses[op] != 0 }
