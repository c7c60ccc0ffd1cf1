package sdk

import (
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Errorf returns an error of that kind. With %w it wraps, as fmt.Errorf does,
// and keeps code, status, delay and fields of an [abi.Error] inside; the kind is the one given.
func Errorf(kind abi.Kind, format string, args ...any) error {
	whole := fmt.Errorf(format, args...)
	e := abi.Error{Kind: kind, Message: whole.Error()}
	if inner, ok := errors.AsType[*abi.Error](whole); ok {
		e = *inner
		e.Kind, e.Message = kind, whole.Error()
	}
	return &wrapped{kept: &e, whole: whole}
}

// wrapped is an abi.Error that remembers what it wraps.
type wrapped struct {
	kept  *abi.Error
	whole error
}

// Error returns the whole text.
func (w *wrapped) Error() string { return w.kept.Message }

// Unwrap returns the error that decides on the kind, then what it wraps.
func (w *wrapped) Unwrap() []error { return []error{w.kept, w.whole} }
