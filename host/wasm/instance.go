package wasm

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/musubi-run/musubi/sdk/abi"
)

// instance is one running copy of a plugin. It serves one call at a time, and
// none any more after an error: a Go guest that panicked answers calls on a
// broken runtime.
type instance struct {
	opts   *PoolOptions
	seed   []byte
	memory *linearMemory
	stderr head

	// ctx carries the instance to the host functions; it is reused for every call.
	ctx     context.Context //nolint:containedctx // the way back from a host function to its instance
	module  api.Module
	fuel    tank
	alloc   api.Function
	call    api.Function
	stack   [2]uint64
	frame   []byte
	answer  []byte
	invoked invocation
	calls   int
	// broken is set while a call is under way and stays after one that did not end well.
	broken   bool
	lastUsed time.Time
}

type instanceKey struct{}

func instanceOf(ctx context.Context) *instance {
	return ctx.Value(instanceKey{}).(*instance) //nolint:errcheck // every call passes instance.ctx
}

func (inst *instance) close(ctx context.Context) {
	_ = inst.module.Close(ctx) //nolint:errcheck // an anonymous instance holds nothing whose loss could fail
}

// describe calls the describe export.
func (inst *instance) describe(ctx context.Context) ([]byte, error) {
	inst.begin(ctx, time.Time{}, nil)
	inst.stack[0] = 0
	err := inst.module.ExportedFunction(abi.ExportDescribe).CallWithStack(inst.ctx, inst.stack[:])
	if err != nil {
		return nil, fmt.Errorf("asking the plugin for its manifest: %w", inst.explain(err))
	}
	return inst.output()
}

// invoke carries out one call. The answer is the caller's to keep. After an
// error other than one that the plugin itself answered the instance is broken.
func (inst *instance) invoke(ctx context.Context, call *abi.Call) (body []byte, err error) {
	inst.frame = call.Append(inst.frame[:0])
	inst.begin(ctx, call.Now, inst.frame)
	defer inst.invoked.end()
	if err := inst.enter(); err != nil {
		return nil, err
	}
	frame, err := inst.output()
	if err != nil {
		return nil, err
	}
	reply, err := abi.ParseReply(frame)
	if err != nil {
		return nil, faulty("answered a broken frame: %s", err)
	}
	inst.broken = reply.Broken
	if reply.Err != nil {
		return nil, cutError(reply.Err)
	}
	return reply.Body, inst.invoked.commit(inst.opts.State)
}

func (inst *instance) begin(ctx context.Context, now time.Time, frame []byte) {
	inst.calls++
	inst.broken = true
	inst.stderr.reset()
	inst.memory.refused = false
	inst.answer = nil
	inst.fuel.fill(inst.opts.Limits.Fuel)
	inst.fuel.depth.Set(uint64(inst.opts.Limits.Recursion)) //nolint:gosec // positive: see Limits
	inst.invoked = invocation{caller: ctx, limits: &inst.opts.Limits, now: now, began: inst.opts.now(), frame: frame}
}

// enter writes the frame into the guest and calls it. The result is left on the stack.
func (inst *instance) enter() error {
	inst.stack[0] = uint64(len(inst.frame))
	if err := inst.alloc.CallWithStack(inst.ctx, inst.stack[:]); err != nil {
		return inst.explain(err)
	}
	ptr := uint32(inst.stack[0])
	if !inst.memory.write(uint64(ptr), inst.frame) {
		return faulty("gave a bad pointer for a call")
	}
	inst.stack[0], inst.stack[1] = uint64(ptr), uint64(len(inst.frame))
	if err := inst.call.CallWithStack(inst.ctx, inst.stack[:]); err != nil {
		return inst.explain(err)
	}
	return nil
}

// output copies what the guest answered out of its memory.
func (inst *instance) output() ([]byte, error) {
	ptr, size := uint32(inst.stack[0]>>32), uint32(inst.stack[0])
	if limit := inst.opts.Limits.OutputBytes; int64(size) > int64(limit) {
		return nil, overLimit("output_bytes", "the plugin answered %d bytes and may answer %d", size, limit)
	}
	view, ok := inst.memory.view(uint64(ptr), uint64(size))
	if !ok {
		return nil, faulty("answered with a bad pointer")
	}
	return bytes.Clone(view), nil
}

// explain says why a call into the guest ended.
func (inst *instance) explain(err error) error {
	if fault := inst.invoked.fault; fault != nil {
		return fault
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	if strings.Contains(first, stackOverflow) {
		return &abi.Error{Kind: abi.Limit, Code: "recursion", Message: "the plugin's functions called one another too deep for this host"}
	}
	return inst.crash("crashed: %s", strings.TrimSuffix(first, " (recovered by wazero)"))
}

// stackOverflow is in the engine's error for a stack over its ceiling of about
// 100 MB. The engine gives that error no other name.
const stackOverflow = "stack overflow"

// crash is the error of a guest that ended itself: for want of memory, with
// what it said last or, if it said nothing, as the format has it.
func (inst *instance) crash(format string, args ...any) *abi.Error {
	if inst.memory.refused {
		return inst.overMemory()
	}
	if said := inst.stderr.firstLine(); said != "" {
		return faulty("crashed: %s", strings.TrimPrefix(said, "panic: "))
	}
	return faulty(format, args...)
}

func (inst *instance) overMemory() *abi.Error {
	return overLimit("memory", "the plugin wanted more than %d bytes of memory", inst.memory.limit)
}

// unfit says why the instance cannot serve another call, if so: the last one
// broke it, or it is worn, or so large that a new one is cheaper to keep.
func (inst *instance) unfit() Dropped {
	switch {
	case inst.broken:
		return DroppedBroken
	case inst.calls >= inst.opts.MaxCalls:
		return DroppedWorn
	case uint64(len(inst.memory.buf)) > inst.memory.limit/2:
		return DroppedGrown
	default:
		return ""
	}
}

func (inst *instance) usage(started bool) Stats {
	stats := inst.invoked.stats
	stats.Fuel = inst.fuel.used()
	stats.Duration = inst.opts.now().Sub(inst.invoked.began)
	stats.Memory = int64(len(inst.memory.buf))
	stats.Started = started
	return stats
}
