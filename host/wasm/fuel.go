package wasm

import (
	"context"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/musubi-run/musubi/host/wasm/meter"
	"github.com/musubi-run/musubi/sdk/abi"
)

// slice is how much fuel a guest gets at once: some milliseconds' worth, after
// which the host looks whether the call was cancelled or has taken too long.
const slice = 5_000_000

// What a host function costs a guest, in fuel: about as many instructions as
// the host spends on it, so that a flood of host calls is not cheaper than a loop.
const (
	fuelPerHTTP  = 20_000
	fuelPerLog   = 2_000
	fuelPerState = 2_000
	fuelPerCall  = 100 // of any other function
	bytesPerFuel = 32
)

// tank is a guest's fuel: a global of the metered module, and what the call
// may still add to it. Beside it is another, which counts how deep calls nest.
type tank struct {
	global  api.MutableGlobal // nil until the guest has started
	depth   api.MutableGlobal
	limit   int64
	reserve int64
}

func (t *tank) connect(module api.Module) error {
	global, ok := module.ExportedGlobal(meter.FuelExport).(api.MutableGlobal)
	if !ok {
		return faulty("carries no fuel counter")
	}
	depth, ok := module.ExportedGlobal(meter.DepthExport).(api.MutableGlobal)
	if !ok {
		return faulty("carries no depth counter")
	}
	t.global, t.depth = global, depth
	return nil
}

// tooDeep says whether calls nest too deep.
func (t *tank) tooDeep() bool { return int32(t.depth.Get()) < 0 } //nolint:gosec // an i32

// fill gives a call all of its fuel.
func (t *tank) fill(limit int64) {
	first := min(limit, slice)
	t.limit, t.reserve = limit, limit-first
	t.set(first)
}

func (t *tank) inside() int64 { return int64(t.global.Get()) } //nolint:gosec // two's complement

func (t *tank) set(fuel int64) { t.global.Set(uint64(fuel)) } //nolint:gosec // two's complement

// used returns how much of its fuel the call has burned.
func (t *tank) used() int64 { return t.limit - max(0, t.inside()+t.reserve) }

// pour adds to the fuel inside, and says whether that is enough to go on.
func (t *tank) pour() bool {
	debt := max(0, -t.inside())
	more := min(t.reserve, max(slice, debt+slice))
	t.reserve -= more
	t.set(t.inside() + more)
	return t.inside() >= 0
}

// burn charges the guest for what the host does for it.
func (inst *instance) burn(fuel int64) {
	if inst.fuel.global == nil {
		return // the guest is only starting
	}
	inst.fuel.set(inst.fuel.inside() - fuel)
	if inst.fuel.inside() < 0 {
		inst.refuel(nil)
	}
}

// refuel is what a guest calls when its fuel is used up or its calls nest too
// deep. In the latter case it must not return: package meter takes that for granted.
func (inst *instance) refuel([]uint64) {
	v := &inst.invoked
	if inst.fuel.depth != nil && inst.fuel.tooDeep() {
		v.abort(overLimit("recursion", "the plugin's functions called one another more than %d deep", inst.opts.Limits.Recursion))
	}
	if inst.fuel.global == nil || !inst.fuel.pour() {
		v.abort(inst.outOfFuel())
	}
	v.checkTime()
}

func (inst *instance) outOfFuel() *abi.Error {
	if inst.calls == 0 {
		return faulty("needs more than %d instructions to start", meter.StartFuel)
	}
	return overLimit("fuel", "the call ran more than %d instructions", inst.opts.Limits.Fuel)
}

func addMeter(ctx context.Context, engine wazero.Runtime) error {
	return addModule(ctx, engine, meter.RefuelModule, map[string]guestFunction{
		meter.RefuelName: {noValue, noValue, (*instance).refuel},
	})
}
