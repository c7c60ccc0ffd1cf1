package codec

import (
	"errors"
	"strconv"
)

// Error says what is wrong with a document and where. It holds no value of it:
// values are customers' data.
type Error struct {
	// Path is the field, as customer.items[3].sku; empty for the document itself.
	Path string
	// Problem is a phrase: "wants a string, not a number".
	Problem string
}

// Error returns path and problem.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return e.Path + ": " + e.Problem
}

// inField puts name in front of the path of err.
func inField(err error, name string) error {
	e := asError(err)
	switch {
	case e.Path == "":
		e.Path = name
	case e.Path[0] == '[':
		e.Path = name + e.Path
	default:
		e.Path = name + "." + e.Path
	}
	return e
}

// inElement puts an index in front of the path of err.
func inElement(err error, index int) error {
	return inField(err, "["+strconv.Itoa(index)+"]")
}

// asError returns err as an Error; one of a type's own method becomes its problem.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Problem: err.Error()}
}
