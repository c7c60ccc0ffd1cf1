package abi

import (
	"errors"
	"strings"
	"time"
)

// Error is a failure as it crosses the boundary: whole, never flattened to a
// number. It carries no secret: the host redacts it before it is kept.
type Error struct {
	Kind    Kind   `json:"kind"`
	Message string `json:"message"`
	// Code is the platform's own code, such as REQUIRED_FIELD_MISSING.
	Code string `json:"code,omitempty"`
	// Status is the HTTP status that the platform answered, 0 if none came.
	Status int `json:"status,omitempty"`
	// RetryAfterMS is how long the platform asked us to wait, in milliseconds.
	RetryAfterMS int64 `json:"retry_after_ms,omitempty"`
	// Fields are the input fields that the platform complained about.
	Fields []string `json:"fields,omitempty"`
}

// Error returns the message with the platform's code, unless the message has it already.
func (e *Error) Error() string {
	if strings.Contains(e.Message, e.Code) {
		return e.Message
	}
	return e.Message + " (" + e.Code + ")"
}

// RetryAfter returns how long the platform asked us to wait; 0 if it did not say.
func (e *Error) RetryAfter() time.Duration {
	return time.Duration(e.RetryAfterMS) * time.Millisecond
}

// KindOf returns the kind of the first [Error] in err's chain, Internal for
// any other error, OK for nil.
func KindOf(err error) Kind {
	if err == nil {
		return OK
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// AsError returns err as an [Error] that keeps kind, code and delay of the
// one inside, with the whole chain's text as its message. nil gives nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	inner, ok := errors.AsType[*Error](err)
	if !ok {
		return &Error{Kind: Internal, Message: err.Error()}
	}
	if inner == err { //nolint:errorlint // identity, not kind: an unwrapped Error is already whole
		return inner
	}
	whole := *inner
	whole.Message = err.Error()
	return &whole
}
