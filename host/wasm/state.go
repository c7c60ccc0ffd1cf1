package wasm

import (
	"context"

	"github.com/musubi-run/musubi/sdk/abi"
)

// State keeps what a connection's plugin wants to remember between calls.
// It is bound to one connection: no key reaches another's.
type State interface {
	// Get returns the value of key, or nil if there is none.
	Get(ctx context.Context, key string) ([]byte, error)
	// Put keeps all writes or none. It is called once, after a call succeeded.
	Put(ctx context.Context, writes []StateWrite) error
}

// StateWrite sets Key to Value.
type StateWrite struct {
	Key   string
	Value []byte
}

// stateGet looks up a key: (ptr, len) -> size of its value, or Absent. A call sees its own writes.
func (inst *instance) stateGet(stack []uint64) {
	v := inst.during(abi.ImportStateGet)
	inst.burn(fuelPerState)
	value := inst.stateValue(v, inst.stateKey(v, abi.ImportStateGet, stack[0], stack[1]))
	if value == nil {
		stack[0] = uint64(abi.Absent)
		return
	}
	inst.answer = append(inst.answer[:0], value...)
	stack[0] = uint64(len(inst.answer))
}

func (inst *instance) stateValue(v *invocation, key string) []byte {
	for _, w := range v.writes {
		if w.Key == key {
			return w.Value
		}
	}
	if inst.opts.State == nil {
		return nil
	}
	v.checkTime()
	value, err := inst.opts.State.Get(v.context(), key)
	if err != nil {
		v.abort(&abi.Error{Kind: abi.Unavailable, Message: "reading the plugin's state: " + err.Error()})
	}
	return value
}

// stateSet remembers a value, to be kept if the call succeeds: (kptr, klen, vptr, vlen).
func (inst *instance) stateSet(stack []uint64) {
	v := inst.during(abi.ImportStateSet)
	inst.burn(fuelPerState)
	key := inst.stateKey(v, abi.ImportStateSet, stack[0], stack[1])
	view := inst.view(abi.ImportStateSet, stack[2], stack[3])
	if inst.opts.State == nil {
		v.abort(&abi.Error{Kind: abi.Unsupported, Message: "this connection keeps no state"})
	}
	if len(view) > v.limits.StateBytes {
		v.abort(overLimit("state_bytes", "a state value has %d bytes and may have %d", len(view), v.limits.StateBytes))
	}
	v.setState(key, append([]byte{}, view...))
}

func (v *invocation) setState(key string, value []byte) {
	for i := range v.writes {
		if v.writes[i].Key == key {
			v.writes[i].Value = value
			return
		}
	}
	if len(v.writes) >= v.limits.StateKeys {
		v.abort(overLimit("state_keys", "the call set more than %d state keys", v.limits.StateKeys))
	}
	v.writes = append(v.writes, StateWrite{Key: key, Value: value})
	v.stats.StateKeys++
}

func (inst *instance) stateKey(v *invocation, function string, ptr, size uint64) string {
	key := inst.view(function, ptr, size)
	if len(key) == 0 || len(key) > maxStateKey {
		v.abort(faulty("used a state key of %d bytes; 1 to %d are allowed", len(key), maxStateKey))
	}
	return string(key)
}
