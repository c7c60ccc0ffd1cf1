package wasm

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"

	"github.com/musubi-run/musubi/host/wasm/meter"
	"github.com/musubi-run/musubi/sdk/abi"
)

const (
	pageBytes = 64 << 10
	// startExport is what a WASI reactor wants to be called first.
	startExport = "_initialize"
)

// newInstance starts a copy of the plugin for the connection of opts.
func newInstance(p *program, opts *PoolOptions, seed []byte) (*instance, error) {
	memory, err := newMemory(uint64(opts.Limits.Memory)) //nolint:gosec // positive: see Limits
	if err != nil {
		return nil, &abi.Error{Kind: abi.Unavailable, Message: err.Error()}
	}
	inst := &instance{opts: opts, seed: seed, memory: memory}
	inst.invoked = invocation{caller: context.Background(), limits: &opts.Limits}
	defer inst.invoked.end()
	inst.ctx = context.WithValue(context.Background(), instanceKey{}, inst)
	if err := inst.start(p); err != nil {
		memory.Free()
		return nil, fmt.Errorf("starting the plugin: %w", err)
	}
	return inst, nil
}

// start makes the instance and lets the guest's runtime set itself up, which
// for Go takes some milliseconds. Both have fuel of their own.
func (inst *instance) start(p *program) error {
	if err := inst.checkMemory(p.code); err != nil {
		return err
	}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	module, err := p.engine.InstantiateModule(withMemory(inst.ctx, inst.memory), p.code, config)
	if err != nil {
		return inst.explain(err)
	}
	inst.module = module
	if err := inst.initialize(); err != nil {
		inst.close(inst.ctx)
		return err
	}
	return nil
}

func (inst *instance) initialize() error {
	if err := inst.fuel.connect(inst.module); err != nil {
		return err
	}
	inst.alloc = inst.module.ExportedFunction(abi.ExportAlloc)
	inst.call = inst.module.ExportedFunction(abi.ExportCall)
	initialize := inst.module.ExportedFunction(startExport)
	if initialize == nil {
		return nil // not every toolchain needs it
	}
	inst.fuel.fill(meter.StartFuel)
	if _, err := initialize.Call(inst.ctx); err != nil {
		return inst.explain(err)
	}
	return nil
}

// checkMemory refuses a plugin whose memory is over the limit from the start.
func (inst *instance) checkMemory(code wazero.CompiledModule) error {
	memory, ok := code.ExportedMemories()[memoryExport]
	if !ok {
		return faulty("exports no memory")
	}
	if want := uint64(memory.Min()) * pageBytes; want > inst.memory.limit {
		return overLimit("memory", "the plugin needs %d bytes of memory to start and may have %d", want, inst.memory.limit)
	}
	return nil
}
