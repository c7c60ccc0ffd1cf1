package wasm

import (
	"fmt"
	"math"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Limits is what one call may use. Zero fields take their default. The names
// in the tags are those of the connection's settings under "limits", and those
// that errors give.
type Limits struct {
	// Memory is how many bytes of memory an instance may hold.
	Memory int64 `json:"memory,omitempty"`
	// Fuel is how many instructions a call may run, as package meter counts
	// them: about as many as nanoseconds.
	Fuel int64 `json:"fuel,omitempty"`
	// Time bounds a call, its HTTP requests included.
	Time time.Duration `json:"time,omitempty"`
	// Recursion is how deep the plugin's functions may call one another, counted
	// where a call can lead back: through a function pointer, or to a caller.
	Recursion int `json:"recursion,omitempty"`
	// HTTPCalls is how many requests a call may send.
	HTTPCalls int `json:"http_calls,omitempty"`
	// RequestBytes bounds one HTTP request, headers included.
	RequestBytes int `json:"request_bytes,omitempty"`
	// OutputBytes bounds what a call answers.
	OutputBytes int `json:"output_bytes,omitempty"`
	// LogLines and LogBytes bound a call's log; more lines are dropped and
	// longer ones cut, which is not an error.
	LogLines int `json:"log_lines,omitempty"`
	LogBytes int `json:"log_bytes,omitempty"`
	// StateKeys is how many keys a call may set, StateBytes how long a value may be.
	StateKeys  int `json:"state_keys,omitempty"`
	StateBytes int `json:"state_bytes,omitempty"`
}

// DefaultLimits suit a connector that fetches a few pages of records per call.
func DefaultLimits() Limits {
	return Limits{
		Memory:       64 << 20,
		Fuel:         2_000_000_000,
		Time:         time.Minute,
		Recursion:    10_000,
		HTTPCalls:    200,
		RequestBytes: 8 << 20,
		OutputBytes:  8 << 20,
		LogLines:     100,
		LogBytes:     4 << 10,
		StateKeys:    16,
		StateBytes:   64 << 10,
	}
}

const maxStateKey = 256

// WithDefaults sets the limits that are not set.
func (l Limits) WithDefaults() Limits {
	d := DefaultLimits()
	l.Memory = orDefault(l.Memory, d.Memory)
	l.Fuel = orDefault(l.Fuel, d.Fuel)
	l.Time = orDefault(l.Time, d.Time)
	l.Recursion = min(orDefault(l.Recursion, d.Recursion), math.MaxInt32)
	l.HTTPCalls = orDefault(l.HTTPCalls, d.HTTPCalls)
	l.RequestBytes = orDefault(l.RequestBytes, d.RequestBytes)
	l.OutputBytes = orDefault(l.OutputBytes, d.OutputBytes)
	l.LogLines = orDefault(l.LogLines, d.LogLines)
	l.LogBytes = orDefault(l.LogBytes, d.LogBytes)
	l.StateKeys = orDefault(l.StateKeys, d.StateKeys)
	l.StateBytes = orDefault(l.StateBytes, d.StateBytes)
	return l
}

func orDefault[T ~int | ~int64](value, standard T) T {
	if value <= 0 {
		return standard
	}
	return value
}

// overLimit is the error of a call that went over the limit set by the named field.
func overLimit(setting, format string, args ...any) *abi.Error {
	return &abi.Error{
		Kind:    abi.Limit,
		Message: fmt.Sprintf(format, args...) + "; the connection's setting limits." + setting + " raises it",
		Code:    setting,
	}
}

// faulty is the error of a plugin that broke the contract.
func faulty(format string, args ...any) *abi.Error {
	return &abi.Error{Kind: abi.Internal, Message: "the plugin " + fmt.Sprintf(format, args...)}
}
