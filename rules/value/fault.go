package value

import (
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Error is why an expression has no value, in both languages.
type Error struct {
	Text abi.Text
	Code string
	// Args are what the text was made with.
	Args []any
}

// Error returns the English text.
func (f *Error) Error() string { return f.Text.EN }

// NewFault returns a fault of this kind.
func NewFault(kind diag.Kind, args ...any) *Error { return &Error{kind.Text(args...), kind.Code, args} }

// Fail returns a fault as what a CEL function returns.
func Fail(kind diag.Kind, args ...any) ref.Val { return types.WrapErr(NewFault(kind, args...)) }
