package wasm

import (
	"encoding/json"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Learner is an [HTTP] that wants to know what the plugin reads in answers
// about how much the platform will still take.
type Learner interface {
	Learn(allowance abi.Allowance)
}

// maxAllowance bounds the text of an allowance, in bytes.
const maxAllowance = 1 << 10

// learn passes an allowance on: (ptr, len) of its JSON. It is believed only as
// far as the connection's own pace goes, so a plugin harms nobody else with it.
func (inst *instance) learn(stack []uint64) {
	v := inst.during(abi.ImportLearn)
	inst.burn(fuelPerState)
	view := inst.view(abi.ImportLearn, stack[0], stack[1])
	var allowance abi.Allowance
	if len(view) > maxAllowance {
		v.abort(faulty("gave %s %d bytes; %d are allowed", abi.ImportLearn, len(view), maxAllowance))
	}
	if err := json.Unmarshal(view, &allowance); err != nil {
		v.abort(faulty("gave %s no allowance: %s", abi.ImportLearn, err))
	}
	if learner, ok := inst.opts.HTTP.(Learner); ok {
		learner.Learn(allowance)
	}
}
