package wasm

import (
	"encoding/binary"
	"time"
)

const (
	// Go's runtime takes a few naps of a millisecond in the middle of a panic,
	// before it says what happened. They pass without waiting.
	maxNap  = time.Millisecond
	maxNaps = 16

	subscriptionTag     = 8 // of a subscription: 0 is a clock
	subscriptionTimeout = 24
	subscriptionBytes   = 48
	eventBytes          = 32
)

// poll ends a call that wants to sleep or to wait, because nothing would wake
// it: (subscriptions, events, count, happened).
func (inst *instance) poll(stack []uint64) {
	v := &inst.invoked
	subscription, ok := inst.memory.view(stack[0], subscriptionBytes)
	if v.naps++; !ok || stack[2] != 1 || !isNap(subscription) || v.naps > maxNaps {
		v.abort(inst.crash("tried to sleep or to wait, which no plugin can"))
	}
	event := make([]byte, eventBytes)
	copy(event, subscription[:8])
	if !inst.memory.write(stack[1], event) {
		stack[0] = errnoFault
		return
	}
	stack[0] = inst.store32(stack[3], 1)
}

func isNap(subscription []byte) bool {
	return subscription[subscriptionTag] == 0 &&
		binary.LittleEndian.Uint64(subscription[subscriptionTimeout:]) <= uint64(maxNap)
}
