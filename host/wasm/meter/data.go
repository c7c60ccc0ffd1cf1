package meter

import (
	"fmt"

	"github.com/musubi-run/musubi/host/wasm/opcode"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// The forms of a data segment.
const (
	dataActive = iota
	dataPassive
	dataExplicit // active, and names its memory
)

const (
	// maxGap is how many zeros are written out to join two segments.
	maxGap = 64
	// maxRuns is how many joined segments are looked through for one that
	// reaches into such a gap.
	maxRuns = 64
)

var zeros [maxGap]byte

// joiner joins data segments. Memory begins as zeros and segments are copied
// in their order, so the zeros of a gap change nothing unless an earlier
// segment reaches into it.
type joiner struct {
	count uint32
	out   []byte
	runs  []run // that were closed
	// open is the run that may still grow, data what it holds; both mean
	// nothing unless growing is set. data is reused.
	growing bool
	open    run
	data    []byte
}

// run is a stretch of memory, by its first address and the one after its last.
type run struct{ start, end uint64 }

// joinData joins what it can, unless the code counts the segments. It makes
// sure that there are as many as the section says: the engine believes it.
func (m *module) joinData(body []byte) ([]byte, error) {
	r := wasmfile.NewReader(body)
	j := &joiner{out: make([]byte, 0, len(body))}
	for count := r.U32(); count > 0 && r.Err() == nil; count-- {
		if err := j.add(r); err != nil {
			return nil, err
		}
	}
	if err := r.Finish(); err != nil {
		return nil, err
	}
	if m.numbered {
		return body, nil
	}
	j.close()
	return append(wasmfile.AppendU32(nil, j.count), j.out...), nil
}

// add takes one segment from r.
func (j *joiner) add(r *wasmfile.Reader) error {
	before := r.Remaining()
	form := r.U32()
	switch form {
	case dataActive, dataPassive:
	case dataExplicit:
		r.U32()
	default:
		return fmt.Errorf("the data segment form %d is not supported", form)
	}
	address, simple := uint64(0), false
	if form != dataPassive {
		var err error
		if address, simple, err = constant(r); err != nil {
			return err
		}
	}
	data := r.Sized()
	if form == dataActive && simple {
		j.join(address, data)
		return nil
	}
	j.close()
	j.count++
	j.out = append(j.out, before[:len(before)-r.Len()]...)
	// It may lie anywhere, so nothing is joined any more.
	j.runs = make([]run, maxRuns)
	return nil
}

// constant takes an expression; it is simple if it is just one i32.const.
func constant(r *wasmfile.Reader) (value uint64, simple bool, err error) {
	for n := 0; ; n++ {
		before := r.Remaining()
		in, err := opcode.Next(r)
		if err != nil {
			return 0, false, err
		}
		switch {
		case n == 0 && in.Op == opcode.I32Const:
			value, simple = uint64(wasmfile.S32(before[1:])), true
		case in.Op == opcode.End:
			return value, simple && n == 1, nil
		default:
			simple = false
		}
	}
}

// join adds a segment to the open run, or opens another.
func (j *joiner) join(address uint64, data []byte) {
	if j.growing && address >= j.open.end && address-j.open.end <= maxGap && j.free(j.open.end, address) {
		j.data = append(j.data, zeros[:address-j.open.end]...)
	} else {
		j.close()
		j.growing, j.open, j.data = true, run{address, address}, j.data[:0]
	}
	j.data = append(j.data, data...)
	j.open.end = address + uint64(len(data))
}

// free says that no earlier segment reaches between start and end.
func (j *joiner) free(start, end uint64) bool {
	if len(j.runs) >= maxRuns {
		return false
	}
	for _, r := range j.runs {
		if r.start < end && start < r.end {
			return false
		}
	}
	return true
}

// close writes the open run out as one segment.
func (j *joiner) close() {
	if !j.growing {
		return
	}
	j.growing = false
	j.count++
	j.out = append(j.out, dataActive, opcode.I32Const)
	j.out = wasmfile.AppendS64(j.out, int64(int32(uint32(j.open.start)))) //nolint:gosec // an address is a signed constant
	j.out = append(j.out, opcode.End)
	j.out = wasmfile.AppendU32(j.out, uint32(len(j.data))) //nolint:gosec // shorter than the module
	j.out = append(j.out, j.data...)
	j.runs = append(j.runs, j.open)
}
