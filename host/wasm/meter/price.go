package meter

import "github.com/musubi-run/musubi/host/wasm/opcode"

// Bulk instructions cost a unit for 2^shift bytes or table elements.
const (
	bytesShift    = 6
	elementsShift = 3
)

// The opcodes after opcode.PrefixMisc that work on as much as an operand says.
const (
	miscMemoryInit = 8
	miscMemoryCopy = 10
	miscMemoryFill = 11
	miscTableInit  = 12
	miscTableCopy  = 14
	miscTableGrow  = 15
	miscTableFill  = 17
)

// bulkShift returns how the last operand of a bulk instruction is priced; 0
// for every other one.
func bulkShift(sub uint32) int64 {
	switch sub {
	case miscMemoryInit, miscMemoryCopy, miscMemoryFill:
		return bytesShift
	case miscTableInit, miscTableCopy, miscTableGrow, miscTableFill:
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
	case in.Op == opcode.MemoryGrow, in.Op == opcode.RefFunc, in.Op == opcode.PrefixMisc && in.Sub == miscTableGrow:
		return outside
	default:
		return 1
	}
}
