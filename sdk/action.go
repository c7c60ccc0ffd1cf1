package sdk

import (
	"reflect"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/codec"
)

// Action is something a connector can do, made by [Read] or [Do].
type Action interface{ declare() *action }

// action is what every Action comes down to.
type action struct {
	name       string
	title      abi.Text
	input      reflect.Type
	output     reflect.Type
	reads      bool
	idempotent bool
	// idempotentFor is for how long; 0 for ever.
	idempotentFor time.Duration
	pages         string
	// run and confirm take a pointer to the input and return the output, not yet encoded.
	run     func(call *Call, in any) (output any, err error)
	confirm func(call *Call, in any) (output any, done bool, err error)
}

// Read declares an action that changes nothing, so that the host may repeat it
// freely. Its name is noun.verb; the schemas are those of In and Out. An input
// field that In does not have is refused before run is called.
func Read[In, Out any](name string, title abi.Text, run func(*Call, In) (Out, error)) Reading {
	a := newAction(name, title, reflect.TypeOf(run), func(call *Call, in any) (any, error) {
		return run(call, *in.(*In)) //nolint:errcheck // read made it
	})
	a.reads = true
	return Reading{a}
}

// Reading is an action that changes nothing.
type Reading struct{ *action }

// Pages says that the action reads a list page by page, so that a rule may go
// over all of it, however long. list is the field of Out that holds the items
// of one page. In has the text field "next", which Out's field "next" is put
// into for the page after; it is empty for the first page, and Out's behind the last.
// The same next gives the same page: the host asks again when an answer was
// lost, so a platform's cursor that moves on with each request will not do.
func (r Reading) Pages(list string) Reading {
	r.pages = list
	return r
}

// Do declares an action that changes something at the platform. After an
// attempt without an answer the host does not repeat it, unless it is
// [Writing.Idempotent] or [Writing.Confirm] tells what became of it.
func Do[In, Out any](name string, title abi.Text, run func(*Call, In) (Out, error)) Writing[In, Out] {
	a := newAction(name, title, reflect.TypeOf(run), func(call *Call, in any) (any, error) {
		return run(call, *in.(*In)) //nolint:errcheck // read made it
	})
	return Writing[In, Out]{a}
}

// newAction holds all that need not be compiled once for each action: the types
// come from the handler's own, and run is what only they can do.
func newAction(name string, title abi.Text, handler reflect.Type, run func(*Call, any) (any, error)) *action {
	return &action{name: name, title: title, input: handler.In(1), output: handler.Out(0), run: run}
}

func (a *action) declare() *action { return a }

// read returns a pointer to the decoded input.
func (a *action) read(input []byte) (any, error) {
	in := reflect.New(a.input).Interface()
	return in, readInput(input, in)
}

// readInput decodes an action's input. Whatever does not fit is the rule's mistake, so Invalid.
func readInput(input []byte, in any) error {
	if err := codec.UnmarshalInput(object(input), in); err != nil {
		return &abi.Error{Kind: abi.Invalid, Message: "reading the input: " + err.Error()}
	}
	return nil
}

// Writing is an action that changes something.
type Writing[In, Out any] struct{ *action }

// Idempotent says that a repetition with the same input, or with the same
// [Call.IdempotencyKey], changes nothing more.
func (w Writing[In, Out]) Idempotent() Writing[In, Out] {
	w.idempotent = true
	return w
}

// IdempotentFor is Idempotent for a platform that remembers keys for so long
// after the first attempt, to the second. An attempt without an answer that is
// older is not repeated: a person decides.
func (w Writing[In, Out]) IdempotentFor(life time.Duration) Writing[In, Out] {
	w.idempotent, w.idempotentFor = true, life
	return w
}

// Confirm gives the way to find out whether an attempt that got no answer was
// carried out: done and, if so, what it would have answered. The input is that
// of the attempt; [Call.Since] is when the first such attempt began.
func (w Writing[In, Out]) Confirm(look func(*Call, In) (out Out, done bool, err error)) Writing[In, Out] {
	w.confirm = func(call *Call, in any) (any, bool, error) {
		return look(call, *in.(*In)) //nolint:errcheck // read made it
	}
	return w
}
