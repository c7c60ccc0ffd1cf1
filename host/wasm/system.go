package wasm

import (
	"context"
	"encoding/binary"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// systemModule is the name of WASI preview 1.
const systemModule = "wasi_snapshot_preview1"

// The errno values of WASI that guests get.
const (
	errnoOK         = 0
	errnoBadf       = 8
	errnoFault      = 21
	errnoNosys      = 52
	errnoNotcapable = 76
)

// systemFunctions is the whole of WASI preview 1, so that guests of every
// toolchain link. Almost all of it refuses: there are no files, no sockets, no
// environment and no waiting, the clock stands still during a call, and what
// is written to the standard streams is kept for the error message of a crash.
var systemFunctions = map[string]guestFunction{
	"args_get":          system("ii", nothing),
	"args_sizes_get":    system("ii", (*instance).noStrings),
	"environ_get":       system("ii", nothing),
	"environ_sizes_get": system("ii", (*instance).noStrings),
	"clock_res_get":     system("ii", (*instance).clockResolution),
	"clock_time_get":    system("iIi", (*instance).clock),
	"random_get":        system("ii", (*instance).randomGet),
	"sched_yield":       system("", nothing),
	"poll_oneoff":       system("iiii", (*instance).poll),
	"proc_exit":         {oneInt32, noValue, (*instance).exit},
	"proc_raise":        system("i", refuse(errnoNosys)),

	"fd_write":              system("iiii", (*instance).write),
	"fd_advise":             system("iIIi", refuse(errnoBadf)),
	"fd_allocate":           system("iII", refuse(errnoBadf)),
	"fd_close":              system("i", refuse(errnoBadf)),
	"fd_datasync":           system("i", refuse(errnoBadf)),
	"fd_fdstat_get":         system("ii", refuse(errnoBadf)),
	"fd_fdstat_set_flags":   system("ii", refuse(errnoBadf)),
	"fd_fdstat_set_rights":  system("iII", refuse(errnoBadf)),
	"fd_filestat_get":       system("ii", refuse(errnoBadf)),
	"fd_filestat_set_size":  system("iI", refuse(errnoBadf)),
	"fd_filestat_set_times": system("iIIi", refuse(errnoBadf)),
	"fd_pread":              system("iiiIi", refuse(errnoBadf)),
	"fd_prestat_get":        system("ii", refuse(errnoBadf)),
	"fd_prestat_dir_name":   system("iii", refuse(errnoBadf)),
	"fd_pwrite":             system("iiiIi", refuse(errnoBadf)),
	"fd_read":               system("iiii", refuse(errnoBadf)),
	"fd_readdir":            system("iiiIi", refuse(errnoBadf)),
	"fd_renumber":           system("ii", refuse(errnoBadf)),
	"fd_seek":               system("iIii", refuse(errnoBadf)),
	"fd_sync":               system("i", refuse(errnoBadf)),
	"fd_tell":               system("ii", refuse(errnoBadf)),

	"path_create_directory":   system("iii", refuse(errnoNotcapable)),
	"path_filestat_get":       system("iiiii", refuse(errnoNotcapable)),
	"path_filestat_set_times": system("iiiiIIi", refuse(errnoNotcapable)),
	"path_link":               system("iiiiiii", refuse(errnoNotcapable)),
	"path_open":               system("iiiiiIIii", refuse(errnoNotcapable)),
	"path_readlink":           system("iiiiii", refuse(errnoNotcapable)),
	"path_remove_directory":   system("iii", refuse(errnoNotcapable)),
	"path_rename":             system("iiiiii", refuse(errnoNotcapable)),
	"path_symlink":            system("iiiii", refuse(errnoNotcapable)),
	"path_unlink_file":        system("iii", refuse(errnoNotcapable)),

	"sock_accept":   system("iii", refuse(errnoNotcapable)),
	"sock_recv":     system("iiiiii", refuse(errnoNotcapable)),
	"sock_send":     system("iiiii", refuse(errnoNotcapable)),
	"sock_shutdown": system("ii", refuse(errnoNotcapable)),
}

// system describes a function that takes 32-bit (i) and 64-bit (I) integers
// and returns an errno.
func system(params string, run func(*instance, []uint64)) guestFunction {
	types := make([]api.ValueType, 0, len(params))
	for _, c := range params {
		if c == 'I' {
			types = append(types, i64)
		} else {
			types = append(types, i32)
		}
	}
	return guestFunction{params: types, results: oneInt32, run: func(inst *instance, stack []uint64) {
		inst.burn(fuelPerCall)
		run(inst, stack)
	}}
}

func addSystem(ctx context.Context, engine wazero.Runtime) error {
	return addModule(ctx, engine, systemModule, systemFunctions)
}

func nothing(_ *instance, stack []uint64) { stack[0] = errnoOK }

func refuse(errno uint64) func(*instance, []uint64) {
	return func(_ *instance, stack []uint64) { stack[0] = errno }
}

// noStrings answers args_sizes_get and environ_sizes_get: (count, bytes).
func (inst *instance) noStrings(stack []uint64) {
	stack[0] = inst.store32(stack[0], 0) | inst.store32(stack[1], 0)
}

func (inst *instance) clockResolution(stack []uint64) { stack[0] = inst.store64(stack[1], 1) }

// clock answers every clock with the time that the call was given: (id, precision, out).
func (inst *instance) clock(stack []uint64) {
	// Go's runtime does not start on a clock that shows zero.
	now := uint64(1)
	if !inst.invoked.now.IsZero() {
		now = uint64(inst.invoked.now.UnixNano())
	}
	stack[0] = inst.store64(stack[2], now)
}

func (inst *instance) exit(stack []uint64) {
	inst.invoked.abort(inst.crash("exited with status %d", uint32(stack[0])))
}

// write keeps what goes to the standard streams: (fd, iovs, count, written).
func (inst *instance) write(stack []uint64) {
	fd, iovs, count := stack[0], stack[1], stack[2]
	if fd != 1 && fd != 2 {
		stack[0] = errnoBadf
		return
	}
	var written uint32
	for i := range min(count, maxVectors) {
		text, ok := inst.vector(iovs + vectorBytes*i)
		if !ok {
			stack[0] = errnoFault
			return
		}
		inst.stderr.write(text)
		written += uint32(len(text))
	}
	stack[0] = inst.store32(stack[3], written)
}

const (
	maxVectors  = 16 // of one write; a guest writes the rest again
	vectorBytes = 8  // ptr u32, len u32
)

// vector returns the bytes that the iovec at ptr describes.
func (inst *instance) vector(ptr uint64) ([]byte, bool) {
	entry, ok := inst.memory.view(ptr, vectorBytes)
	if !ok {
		return nil, false
	}
	return inst.memory.view(uint64(binary.LittleEndian.Uint32(entry)), uint64(binary.LittleEndian.Uint32(entry[4:])))
}

func (inst *instance) store32(ptr uint64, value uint32) uint64 {
	return errnoFor(inst.memory.write32(ptr, value))
}

func (inst *instance) store64(ptr, value uint64) uint64 {
	return errnoFor(inst.memory.write64(ptr, value))
}

func errnoFor(ok bool) uint64 {
	if !ok {
		return errnoFault
	}
	return errnoOK
}
