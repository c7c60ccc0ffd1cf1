package wasm

import (
	"context"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Stats is what one call used.
type Stats struct {
	// Fuel is in instructions. It is the same whenever the same call meets an
	// instance in the same state.
	Fuel int64
	// Duration is the whole call's, HTTP that of its requests.
	Duration time.Duration
	HTTP     time.Duration
	// HTTPCalls, LogLines and StateKeys count host calls.
	HTTPCalls int
	LogLines  int
	StateKeys int
	// Changed says that a request before the last one asked for a change.
	Changed bool
	// Memory is what the instance holds after the call, in bytes.
	Memory int64
	// Started says that an instance had to be started for the call.
	Started bool
	// Dropped says why the instance was not kept after the call; empty if it was.
	Dropped Dropped
}

// add counts what the call used when it was made the first time.
func (s *Stats) add(first *Stats) {
	s.Fuel += first.Fuel
	s.Duration += first.Duration
	s.HTTP += first.HTTP
	s.HTTPCalls += first.HTTPCalls
	s.LogLines += first.LogLines
	s.StateKeys += first.StateKeys
	s.Changed = s.Changed || first.Changed
	s.Started = s.Started || first.Started
}

// Dropped is why an instance is not used again.
type Dropped string

// The reasons.
const (
	// DroppedBroken follows a crash, or a call that went over a limit.
	DroppedBroken Dropped = "broken"
	// DroppedWorn is for one that has served as many calls as it may.
	DroppedWorn Dropped = "worn"
	// DroppedGrown is for one that holds more than half of the memory it may.
	DroppedGrown Dropped = "grown"
	// DroppedClosed is for one whose connection was closed meanwhile.
	DroppedClosed Dropped = "closed"
)

// invocation is what the host functions know about the call under way.
type invocation struct {
	caller  context.Context //nolint:containedctx // host functions get the guest's context, not the caller's
	bounded context.Context //nolint:containedctx // see context
	cancel  context.CancelFunc
	limits  *Limits
	now     time.Time
	began   time.Time
	frame   []byte
	random  *guestRandom
	stats   Stats
	naps    int
	asked   bool // the last request asked for a change
	writes  []StateWrite
	// fault is why a host function ended the call.
	fault *abi.Error
}

// context returns the caller's context bounded by the limit on time. Most
// calls of a host function need it, many calls of a plugin do not.
func (v *invocation) context() context.Context {
	if v.bounded == nil {
		v.bounded, v.cancel = context.WithTimeout(v.caller, v.limits.Time)
	}
	return v.bounded
}

func (v *invocation) end() {
	if v.cancel != nil {
		v.cancel()
	}
}

// abort ends the call from within a host function.
func (v *invocation) abort(fault *abi.Error) {
	v.fault = fault
	panic(fault)
}

// checkTime ends the call if it was cancelled or has run for too long.
func (v *invocation) checkTime() {
	if v.context().Err() == nil {
		return
	}
	if err := v.caller.Err(); err != nil {
		v.abort(&abi.Error{Kind: abi.Unavailable, Message: "the call was cancelled: " + err.Error()})
	}
	v.abort(overLimit("time", "the call took longer than %s", v.limits.Time))
}

// commit keeps what the plugin put into its state, now that the call succeeded.
func (v *invocation) commit(state State) error {
	if len(v.writes) == 0 {
		return nil
	}
	err := state.Put(v.context(), v.writes)
	if err == nil || abi.KindOf(err) == abi.Limit {
		return err
	}
	return &abi.Error{Kind: abi.Unavailable, Message: "keeping the plugin's state: " + err.Error()}
}
