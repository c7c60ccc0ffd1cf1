package wasm_test

import (
	"context"
	"encoding/binary"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// A puppet does what the last words of a call's body say: it calls
// one function of the host with any arguments, and answers with any pointer.
const (
	strings32   = 8    // words: function, four arguments, reply pointer, reply length, unused
	puppetFrame = 4096 // where a puppet wants its calls
)

// The functions that a puppet can call, by their number in its strings.
const (
	pullNothing = iota
	pullHTTP
	pullTake
	pullLog
	pullStateGet
	pullStateSet
	pullRandom
	pullWrite
	pullPoll
	pullClock
	pullExit
	pullLearn
)

var (
	two   = []byte{asm.I32, asm.I32}
	three = []byte{asm.I32, asm.I32, asm.I32}
	four  = []byte{asm.I32, asm.I32, asm.I32, asm.I32}
	one   = []byte{asm.I32}
)

var puppetImports = []asm.Import{
	{Module: abi.ImportModule, Name: abi.ImportHTTP, Type: asm.Type{Params: two, Results: one}},
	{Module: abi.ImportModule, Name: abi.ImportTake, Type: asm.Type{Params: two}},
	{Module: abi.ImportModule, Name: abi.ImportLog, Type: asm.Type{Params: three}},
	{Module: abi.ImportModule, Name: abi.ImportStateGet, Type: asm.Type{Params: two, Results: one}},
	{Module: abi.ImportModule, Name: abi.ImportStateSet, Type: asm.Type{Params: four}},
	{Module: "wasi_snapshot_preview1", Name: "random_get", Type: asm.Type{Params: two, Results: one}},
	{Module: "wasi_snapshot_preview1", Name: "fd_write", Type: asm.Type{Params: four, Results: one}},
	{Module: "wasi_snapshot_preview1", Name: "poll_oneoff", Type: asm.Type{Params: four, Results: one}},
	{Module: "wasi_snapshot_preview1", Name: "clock_time_get", Type: asm.Type{Params: []byte{asm.I32, asm.I64, asm.I32}, Results: one}},
	{Module: "wasi_snapshot_preview1", Name: "proc_exit", Type: asm.Type{Params: one}},
	{Module: abi.ImportModule, Name: abi.ImportLearn, Type: asm.Type{Params: two}},
}

// word loads string i. Local 2 holds where the strings begin.
func word(i byte) []byte { return asm.Code(asm.Get(2), asm.Op(0x28, 2, 4*i)) }

// pull calls the function with that number if string 0 says so.
func pull(number int32) []byte {
	f := puppetImports[number-1]
	call := asm.Code()
	for i, t := range f.Type.Params {
		call = append(call, word(byte(i+1))...)
		if t == asm.I64 {
			call = append(call, 0xad) // i64.extend_i32_u
		}
	}
	call = append(call, asm.Call(uint32(number-1))...)
	if len(f.Type.Results) > 0 {
		call = append(call, asm.Drop...)
	}
	return asm.Code(word(0), asm.Const(number), asm.Op(0x46, 0x04, 0x40), call, asm.Op(0x0b))
}

func puppetCode() []byte {
	code := asm.Code(asm.Get(0), asm.Get(1), asm.Op(0x6a), asm.Const(4*strings32), asm.Op(0x6b), asm.Op(0x21, 2))
	for number := range puppetImports {
		code = append(code, pull(int32(number+1))...)
	}
	return asm.Code(code, word(5), asm.Op(0xad), asm.Const64(32), asm.Op(0x86), word(6), asm.Op(0xad), asm.Op(0x84))
}

// guest is a handmade plugin whose musubi_call has that code.
func guest(call []byte, more ...asm.Func) asm.Module {
	return asm.Module{Pages: 2, Imports: puppetImports, Funcs: append([]asm.Func{
		{Name: abi.ExportAlloc, Type: asm.Type{Params: one, Results: one}, Code: asm.Const(puppetFrame)},
		{Name: abi.ExportCall, Type: asm.Type{Params: two, Results: []byte{asm.I64}}, Locals: 1, Code: call},
		{Name: abi.ExportDescribe, Type: asm.Type{Results: []byte{asm.I64}}, Code: asm.Const64(0)},
	}, more...)}
}

var manifestOfProbe = sync.OnceValues(func() ([]byte, error) {
	rt := wasm.New(wasm.Options{CacheDir: cacheDir})
	defer rt.Close(context.Background())
	return rt.Describe(context.Background(), bare)
})

// load makes a plugin of a handmade module.
func load(t testing.TB, m asm.Module) *wasm.Module {
	t.Helper()
	manifest, err := manifestOfProbe()
	if err != nil {
		t.Fatal(err)
	}
	plugin, err := abi.AppendManifest(m.Bytes(), manifest)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := newRuntime(t).Load(plugin)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// dangle returns the body of a call that makes a puppet do that.
func dangle(text string, words ...uint32) string {
	body := []byte(text)
	for i := range strings32 {
		var w uint32
		if i < len(words) {
			w = words[i]
		}
		body = binary.LittleEndian.AppendUint32(body, w)
	}
	return string(body)
}
