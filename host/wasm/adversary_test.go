package wasm_test

import (
	"context"
	"errors"
	"testing"

	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// mischief is what a hostile plugin does, and what its caller is told.
type mischief struct {
	name string
	body string
	kind abi.Kind
	text string
}

const far = 0xfffffff0

// TestLyingPointersEndTheCall: no pointer or length of a guest is believed.
func TestLyingPointersEndTheCall(t *testing.T) {
	p := wasm.NewPool(load(t, guest(puppetCode())), wasm.PoolOptions{
		HTTP: web(func(context.Context, *abi.Request) *abi.Response { return &abi.Response{Status: 200} }), State: memory{},
	})
	for _, a := range []mischief{
		{"reply past the end", dangle("", pullNothing, 0, 0, 0, 0, 0x1ffff, 2), abi.Internal, "bad pointer"},
		{"reply far away", dangle("", pullNothing, 0, 0, 0, 0, far, 16), abi.Internal, "bad pointer"},
		{"reply wraps around", dangle("", pullNothing, 0, 0, 0, 0, far, 0x20), abi.Internal, "bad pointer"},
		{"endless reply", dangle("", pullNothing, 0, 0, 0, 0, 0, 0xffffffff), abi.Limit, "limits.output_bytes"},
		{"no reply", dangle("", pullNothing), abi.Internal, "broken frame"},
		{"reply is the call", dangle("", pullNothing, 0, 0, 0, 0, puppetFrame, 64), abi.Internal, "broken frame"},
		{"http past the end", dangle("", pullHTTP, 0x1ffff, 2), abi.Internal, "bad pointer to http"},
		{"http wraps around", dangle("", pullHTTP, far, 0x20), abi.Internal, "bad pointer to http"},
		{"http, everything", dangle("", pullHTTP, 0, 0xffffffff), abi.Internal, "bad pointer to http"},
		{"http, no frame", dangle("", pullHTTP, puppetFrame+1, 40), abi.Internal, "broken frame to http"},
		{"take of nothing", dangle("", pullTake, 0, 8), abi.Internal, "bad buffer"},
		{"log far away", dangle("", pullLog, 0, far, 100), abi.Internal, "bad pointer to log"},
		{"state far away", dangle("", pullStateGet, far, 100), abi.Internal, "bad pointer to state_get"},
		{"state without key", dangle("", pullStateGet, 0, 0), abi.Internal, "state key of 0 bytes"},
		{"state, long key", dangle("", pullStateSet, 0, 300, 0, 1), abi.Internal, "state key of 300 bytes"},
		{"state, giant value", dangle("", pullStateSet, 0, 8, 0, 0x1ffff), abi.Limit, "limits.state_bytes"},
		{"state, value far away", dangle("", pullStateSet, 0, 8, far, 1), abi.Internal, "bad pointer to state_set"},
		{"learn far away", dangle("", pullLearn, far, 0x20), abi.Internal, "bad pointer to learn"},
		{"learn everything", dangle("", pullLearn, 0, 0x1ffff), abi.Internal, "131071 bytes; 1024 are allowed"},
		{"learn nonsense", dangle("", pullLearn, 0, 8), abi.Internal, "gave learn no allowance"},
		{"sleep", dangle("", pullPoll, 0, 64, 2, 128), abi.Internal, "tried to sleep"},
		{"sleep far away", dangle("", pullPoll, far, 64, 1, 128), abi.Internal, "tried to sleep"},
		{"exit", dangle("", pullExit, 7), abi.Internal, "exited with status 7"},
	} {
		t.Run(a.name, func(t *testing.T) { fails(t, p, "any", a.body, a.kind, a.text) })
	}
}

// TestEveryPointerIsContained: each function of the host with each pair of
// arguments at an edge, in either place, and a reply there too.
func TestEveryPointerIsContained(t *testing.T) {
	p := wasm.NewPool(load(t, guest(puppetCode())), wasm.PoolOptions{
		HTTP: web(func(_ context.Context, r *abi.Request) *abi.Response { return &abi.Response{Body: r.Body} }), State: memory{},
	})
	edges := []uint32{0, 1, puppetFrame, 0x1ffff, 0x20000, 0x7fffffff, 0x80000000, far, 0xffffffff}
	for function := uint32(pullNothing); function <= pullLearn; function++ {
		for _, ptr := range edges {
			for _, size := range edges {
				for _, words := range [][]uint32{
					{function, ptr, size, ptr, size, ptr, size},
					{function, 0, 8, ptr, size, puppetFrame, 0},
				} {
					_, _, err := p.Invoke(t.Context(), action("any", dangle("", words...)))
					if kind := abi.KindOf(err); kind != abi.Internal && kind != abi.Limit {
						t.Fatalf("%#x: %v", words, err)
					}
				}
			}
		}
	}
	out, _, err := p.Invoke(t.Context(), answering("still alive", [5]uint32{}))
	if err != nil || string(out) != "still alive" {
		t.Errorf("afterwards: %q, %v", out, err)
	}
}

// TestSystemCallsWithBadPointersFail: WASI answers with an error number, as everywhere.
func TestSystemCallsWithBadPointersFail(t *testing.T) {
	p := wasm.NewPool(load(t, guest(puppetCode())), wasm.PoolOptions{})
	for _, words := range [][5]uint32{
		{pullRandom, far, 64},
		{pullRandom, 0, 0xffffffff},
		{pullWrite, 1, far, 1, 0},
		{pullWrite, 1, 0, 0xffffffff, far},
		{pullWrite, 9, 0, 1, 0},
		{pullClock, 0, 0, far},
	} {
		out, _, err := p.Invoke(t.Context(), answering("went on", words))
		if err != nil || string(out) != "went on" {
			t.Errorf("%v: %q, %v", words, out, err)
		}
	}
}

// answering returns a call that makes a puppet do that and then answer with text.
func answering(text string, words [5]uint32) *abi.Call {
	reply := string(asm.Frame(1, text))
	call := action("any", dangle(reply))
	// The body is the frame's last section, and the reply begins the body.
	end := uint32(puppetFrame + len(call.Append(nil)))
	at := end - uint32(len(call.Body))
	call.Body = []byte(dangle(reply, append(words[:], at, uint32(len(reply)))...))
	return call
}

func TestHandmadeGuestsAreContained(t *testing.T) {
	forever := asm.Func{Name: "_initialize", Code: asm.Loop()}
	starts := guest(puppetCode(), asm.Func{Name: "begin", Code: asm.Loop()})
	starts.Start = "begin"
	large := guest(puppetCode())
	large.Pages = 2000
	grows := guest(asm.Code(asm.Loop(asm.Const(16), asm.Op(0x40, 0), asm.Drop), asm.Const64(0)))
	fills := guest(asm.Code(asm.Loop(asm.Const(0), asm.Const(0), asm.Const(1<<17), asm.Op(0xfc, 11, 0)), asm.Const64(0)))
	recurses := guest(asm.Code(asm.Get(0), asm.Get(1), asm.Call(uint32(len(puppetImports)+1))))
	floods := guest(asm.Code(asm.Loop(asm.Const(1), asm.Const(0), asm.Const(1), asm.Const(64), asm.Call(pullWrite-1), asm.Drop), asm.Const64(0)))
	reenters := guest(asm.Code(asm.Const(1), asm.Call(uint32(len(puppetImports))), asm.Op(0xad)))
	reenters.Funcs[0].Code = asm.Code(asm.Const(0), asm.Const(0), asm.Call(uint32(len(puppetImports)+1)), asm.Op(0xa7))
	early := guest(puppetCode(), asm.Func{Name: "_initialize", Code: asm.Code(asm.Const(0), asm.Const(8), asm.Call(pullHTTP-1), asm.Drop)})
	for _, c := range []struct {
		name   string
		module asm.Module
		kind   abi.Kind
		text   string
	}{
		{"endless initialisation", guest(puppetCode(), forever), abi.Internal, "to start"},
		{"endless start function", starts, abi.Internal, "to start"},
		{"host call while starting", early, abi.Internal, "called http outside of a call"},
		{"too large from the start", large, abi.Limit, "limits.memory"},
		{"memory bomb", grows, abi.Limit, "limits."},
		{"bulk fill", fills, abi.Limit, "limits.fuel"},
		{"endless recursion", recurses, abi.Limit, "limits.recursion"},
		{"exports that call each other", reenters, abi.Limit, "limits.recursion"},
		{"flood of output", floods, abi.Limit, "limits.fuel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := wasm.NewPool(load(t, c.module), wasm.PoolOptions{Limits: wasm.Limits{Fuel: 50_000_000}})
			for range 2 {
				fails(t, p, "any", "", c.kind, c.text)
			}
		})
	}
}

// TestConnectionsOfOnePluginShareNothing: neither instances nor state.
func TestConnectionsOfOnePluginShareNothing(t *testing.T) {
	one, other := newPool(t, wasm.PoolOptions{State: memory{}}), newPool(t, wasm.PoolOptions{State: memory{}})
	do(t, one, "state", "mine")
	if got := do(t, other, "state", "x"); got != "" {
		t.Errorf("the other connection sees %q", got)
	}
	if got := do(t, other, "calls", ""); got != "2" {
		t.Errorf("the other connection's instance has served %s calls, want 2", got)
	}
}

func FuzzHostCalls(f *testing.F) {
	f.Add(uint32(pullHTTP), uint32(0), uint32(64), uint32(0), uint32(0), uint32(0), uint32(0), []byte("x"))
	f.Add(uint32(pullStateSet), uint32(4096), uint32(64), uint32(0), uint32(8), uint32(far), uint32(17), []byte("x"))
	f.Add(uint32(pullNothing), uint32(0), uint32(0), uint32(0), uint32(0), uint32(4096), uint32(5), asm.Frame(1, ""))
	p := wasm.NewPool(load(f, guest(puppetCode())), wasm.PoolOptions{
		HTTP: web(func(_ context.Context, r *abi.Request) *abi.Response { return &abi.Response{Body: r.Body} }), State: memory{},
	})
	f.Fuzz(func(t *testing.T, function, a, b, c, d, ptr, size uint32, text []byte) {
		body := dangle(string(text[:min(len(text), 1<<15)]), function, a, b, c, d, ptr, size)
		_, _, err := p.Invoke(t.Context(), action("any", body))
		switch abi.KindOf(err) {
		case abi.OK, abi.Internal, abi.Limit:
		default:
			if _, own := errors.AsType[*abi.Error](err); !own {
				t.Errorf("an error without a kind: %v", err)
			}
		}
	})
}
