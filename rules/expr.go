package rules

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Condition is a checked expression that is true or false.
type Condition struct{ *Expr }

// Holds evaluates the condition.
func (c *Condition) Holds(s *Scope) (bool, error) {
	v, err := c.eval(s)
	if err != nil {
		return false, err
	}
	b, ok := v.(types.Bool)
	if !ok {
		return false, c.fail(0, notBoolNow.Text(shape.NameOf(v)))
	}
	return bool(b), nil
}

// Expr is a checked expression, or a literal that stands where one may.
type Expr struct {
	checked *expr.Expr
	literal ref.Val // set instead of checked
	node    *source.Node
	// from is where the expression begins in the node's text, in runes.
	from int
}

// Text returns the expression as it was written.
func (e *Expr) Text() string {
	if e.checked == nil {
		return e.node.Text()
	}
	return e.checked.Text
}

// String evaluates to text; a whole number becomes its digits.
func (e *Expr) String(s *Scope) (string, error) {
	v, err := e.eval(s)
	if err != nil {
		return "", err
	}
	text, ok := textOf(v)
	if !ok {
		return "", e.fail(0, notTextNow.Text(shape.NameOf(v)))
	}
	return text, nil
}

// Items evaluates to a list and returns the JSON of each item. Of a map the
// items are its keys.
func (e *Expr) Items(s *Scope) ([][]byte, error) {
	v, err := e.eval(s)
	if err != nil {
		return nil, err
	}
	if m, ok := v.(traits.Mapper); ok {
		v = value.DictFrom(m)
	}
	list, ok := v.(traits.Iterable)
	if !ok {
		return nil, e.fail(0, notListNow.Text(shape.NameOf(v)))
	}
	items := [][]byte{}
	for it := list.Iterator(); it.HasNext() == types.True; {
		json, err := shape.AppendJSON(nil, it.Next())
		if err != nil {
			return nil, e.fail(0, faultText(err))
		}
		items = append(items, json)
	}
	return items, nil
}

// Duration evaluates to a duration.
func (e *Expr) Duration(s *Scope) (time.Duration, error) {
	v, err := e.eval(s)
	if err != nil {
		return 0, err
	}
	d, ok := v.(types.Duration)
	if !ok {
		return 0, e.fail(0, notDurationNow.Text(shape.NameOf(v)))
	}
	return d.Duration, nil
}

// Time evaluates to a timestamp.
func (e *Expr) Time(s *Scope) (time.Time, error) {
	v, err := e.eval(s)
	if err != nil {
		return time.Time{}, err
	}
	t, ok := v.(types.Timestamp)
	if !ok {
		return time.Time{}, e.fail(0, notTimeNow.Text(shape.NameOf(v)))
	}
	return t.Time, nil
}

func (e *Expr) eval(s *Scope) (ref.Val, error) {
	if e.checked == nil {
		return e.literal, nil
	}
	v, err := e.run(s)
	if err == nil {
		return v, nil
	}
	if f, ok := errors.AsType[*expr.EvalError](err); ok {
		return nil, e.fail(f.Offset, f.Text)
	}
	return nil, e.fail(0, faultText(err))
}

func (e *Expr) run(s *Scope) (ref.Val, error) {
	if s.clock != nil {
		return e.checked.EvalAt(&s.vars, s.clock)
	}
	return e.checked.Eval(&s.vars)
}

// reads returns where the expression reads fields.
func (e *Expr) reads() []expr.Read {
	if e.checked == nil {
		return nil
	}
	return e.checked.Reads
}

// timed says whether the value depends on a running clock.
func (e *Expr) timed() bool { return e.checked != nil && e.checked.Timed }

// fail returns the error of an evaluation that went wrong at an offset of the expression.
func (e *Expr) fail(offset int, text abi.Text) error {
	from := e.from + offset
	return failAt(e.node.Range(from, from+1), text)
}

// failAt returns an error of kind Invalid that names the place and says in
// both languages what is wrong.
func failAt(at source.Span, text abi.Text) error {
	return &abi.Error{Kind: abi.Invalid, Message: fmt.Sprintf("%s:%d:%d: %s / %s", at.File.Name, at.Line, at.Column, text.EN, text.JA)}
}

func faultText(err error) abi.Text {
	if f, ok := errors.AsType[*value.Error](err); ok {
		return f.Text
	}
	return abi.Text{EN: err.Error(), JA: err.Error()}
}

// textOf returns the text of a value that may become text without being asked:
// what a person would write for it is never in doubt.
func textOf(v ref.Val) (string, bool) {
	switch v := v.(type) {
	case types.String:
		return string(v), true
	case types.Int:
		return strconv.FormatInt(int64(v), 10), true
	case types.Uint:
		return strconv.FormatUint(uint64(v), 10), true
	case types.Bool:
		return strconv.FormatBool(bool(v)), true
	case types.Timestamp:
		return shape.FormatTime(v.Time), true
	case value.Date:
		return v.String(), true
	case value.Decimal:
		return v.String(), true
	default:
		return "", false
	}
}
