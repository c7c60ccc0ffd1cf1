package meter

import "github.com/musubi-run/musubi/host/wasm/opcode"

// Bulk instructions cost a unit for 2^shift bytes or table elements.
const (
	bytesShift    = 6
	elementsShift = 3
)

// bulkShift returns how the last operand of a bulk instruction is priced; 0
// for every other one.
func bulkShift(sub uint32) int64 {
	switch sub {
	case opcode.MiscMemoryInit, opcode.MiscMemoryCopy, opcode.MiscMemoryFill:
		return bytesShift
	case opcode.MiscTableInit, opcode.MiscTableCopy, opcode.MiscTableGrow, opcode.MiscTableFill:
		return elementsShift
	default:
		return 0
	}
}

// price is what an instruction costs, in instructions, besides what it does to
// memory. Those that leave the machine code cost more than the others.
func price(in *opcode.Instruction) int64 {
	const outside = 16 * Stretch
	switch {
	case in.Op == opcode.MemoryGrow, in.Op == opcode.RefFunc, in.Op == opcode.PrefixMisc && in.Sub == opcode.MiscTableGrow:
		return outside
	default:
		return 1
	}
}
