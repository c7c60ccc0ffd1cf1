package wasm

import (
	"crypto/sha256"
	"math/rand/v2"
)

// guestRandom is the randomness of one call: repeatable for the same call in
// the same host, and to a guest as good as any. The runtime's seed is part of
// it, so nobody outside can foretell it.
type guestRandom struct{ source *rand.ChaCha8 }

func newGuestRandom(seed, frame []byte) *guestRandom {
	h := sha256.New()
	h.Write(seed)
	h.Write(frame)
	return &guestRandom{source: rand.NewChaCha8([32]byte(h.Sum(nil)))}
}

func (r *guestRandom) fill(b []byte) {
	_, _ = r.source.Read(b) //nolint:errcheck // never fails, by its documentation
}

// randomGet fills (ptr, len). What a guest draws while it starts is the same
// for every instance, so that hash seeds do not make calls differ.
func (inst *instance) randomGet(stack []uint64) {
	v := &inst.invoked
	if v.random == nil {
		seed := inst.seed
		if v.frame == nil {
			seed = nil
		}
		v.random = newGuestRandom(seed, v.frame)
	}
	b, ok := inst.memory.view(stack[0], stack[1])
	if !ok {
		stack[0] = errnoFault
		return
	}
	inst.burn(fuelPerCall + int64(len(b))/bytesPerFuel)
	v.random.fill(b)
	stack[0] = errnoOK
}
