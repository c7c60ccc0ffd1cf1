package shape

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/value"
)

// decoder reads one JSON value. What does not fit the type is a *broken.
type decoder func(r *reader) ref.Val

var errNotJSON = errors.New("this is not JSON")

// Decode reads JSON as a value of the type. A field that does not fit is an
// error only for the expression that uses it; a whole that does not fit is an error here.
func (t *Type) Decode(data []byte) (ref.Val, error) {
	if !json.Valid(data) {
		return nil, errNotJSON
	}
	v := t.decode(&reader{data: data})
	if b, ok := v.(*broken); ok {
		return nil, b.fault
	}
	return v, nil
}

// DecodeAny reads JSON of any shape.
func DecodeAny(data []byte) (ref.Val, error) {
	return (&Type{decode: decodeAny}).Decode(data)
}

func (t *Type) decodeObject(r *reader) ref.Val {
	if r.peek() != '{' {
		return r.mismatch(wantObject)
	}
	o := &Object{typ: t, slots: make([]ref.Val, len(t.fields))}
	var extra []value.Entry
	r.object(func(key string) {
		i, declared := t.index[key]
		switch {
		case r.null():
		case declared:
			o.slots[i] = t.fields[i].Type.decode(r)
		case t.elem != nil:
			extra = append(extra, value.Entry{Key: types.String(key), Value: t.elem.decode(r)})
		default:
			r.skip()
		}
	})
	if extra != nil {
		o.extra = value.NewDict(extra)
	}
	return o
}

func (t *Type) decodeList(r *reader) ref.Val { return listOf(r, t.elem.decode) }

func listOf(r *reader, item decoder) ref.Val {
	if r.peek() != '[' {
		return r.mismatch(wantList)
	}
	items := []ref.Val{}
	var bad *broken
	r.array(func() {
		if r.null() {
			items = append(items, types.NullValue)
			return
		}
		v := item(r)
		if b, ok := v.(*broken); ok {
			bad = b
		}
		items = append(items, v)
	})
	if bad != nil {
		return bad
	}
	return types.NewRefValList(types.DefaultTypeAdapter, items)
}

// decodeMap leaves out keys that are null, unless the map may hold anything.
func (t *Type) decodeMap(r *reader) ref.Val {
	return mapOf(r, t.elem.decode, t.elem.cel == types.DynType)
}

func mapOf(r *reader, item decoder, nulls bool) ref.Val {
	if r.peek() != '{' {
		return r.mismatch(wantObject)
	}
	entries := []value.Entry{}
	var bad *broken
	r.object(func(key string) {
		if !nulls && r.null() {
			return
		}
		v := item(r)
		if b, ok := v.(*broken); ok {
			bad = b
		}
		entries = append(entries, value.Entry{Key: types.String(key), Value: v})
	})
	if bad != nil {
		return bad
	}
	return value.NewDict(entries)
}

func decodeString(r *reader) ref.Val {
	if r.peek() != '"' {
		return r.mismatch(wantString)
	}
	return types.String(r.string())
}

func decodeBool(r *reader) ref.Val {
	if c := r.peek(); c != 't' && c != 'f' {
		return r.mismatch(wantBool)
	}
	return types.Bool(r.skip()[0] == 't')
}

// decodeInteger accepts 12.0 too, which some platforms write for 12.
func decodeInteger(r *reader) ref.Val {
	if !r.number() {
		return r.mismatch(wantInteger)
	}
	raw := r.skip()
	whole, rest, _ := strings.Cut(string(raw), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.Trim(rest, "0") != "" {
		return &broken{fault: value.NewFault(wantInteger, excerpt(raw))}
	}
	return types.Int(n)
}

func decodeNumber(r *reader) ref.Val {
	if !r.number() {
		return r.mismatch(wantNumber)
	}
	raw := r.skip()
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return &broken{fault: value.NewFault(wantNumber, excerpt(raw))}
	}
	return types.Double(f)
}

func decodeTimestamp(r *reader) ref.Val {
	if r.peek() != '"' {
		return r.mismatch(wantTimestamp)
	}
	text := r.string()
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return &broken{fault: value.NewFault(wantTimestamp, excerpt([]byte(text)))}
	}
	return types.Timestamp{Time: t}
}

func decodeDate(r *reader) ref.Val {
	if r.peek() != '"' {
		return r.mismatch(wantDate)
	}
	text := r.string()
	d, err := value.ParseDate(text)
	if err != nil {
		return &broken{fault: value.NewFault(wantDate, excerpt([]byte(text)))}
	}
	return d
}

// decodeDecimal reads "1234.50", and 1234.50 as its digits stand there.
func decodeDecimal(r *reader) ref.Val {
	var text string
	switch {
	case r.peek() == '"':
		text = r.string()
	case r.number():
		text = string(r.skip())
	default:
		return r.mismatch(wantDecimal)
	}
	d, ok := value.ParseDecimal(text)
	if !ok {
		return &broken{fault: value.NewFault(wantDecimal, excerpt([]byte(text)))}
	}
	return d
}

func decodeBirthday(r *reader) ref.Val {
	if r.peek() != '"' {
		return r.mismatch(wantBirthday)
	}
	text := r.string()
	b, err := value.ParseBirthday(text)
	if err != nil {
		return &broken{fault: value.NewFault(wantBirthday, excerpt([]byte(text)))}
	}
	return b
}

// decodeAny keeps integers as integers. A whole number that no integer can
// hold has lost nothing yet, so it is a fault rather than a rounded double.
func decodeAny(r *reader) ref.Val {
	switch c := r.peek(); {
	case c == '{':
		return mapOf(r, decodeAny, true)
	case c == '[':
		return listOf(r, decodeAny)
	case c == '"':
		return types.String(r.string())
	case r.number():
		return anyNumber(r.skip())
	case r.null():
		return types.NullValue
	default:
		return types.Bool(r.skip()[0] == 't')
	}
}

func anyNumber(raw []byte) ref.Val {
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return types.Int(n)
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || !strings.ContainsAny(string(raw), ".eE") {
		return &broken{fault: value.NewFault(tooManyDigits, excerpt(raw))}
	}
	return types.Double(f)
}

// mismatch skips the value and says what was wanted instead.
func (r *reader) mismatch(kind diag.Kind) ref.Val {
	return &broken{fault: value.NewFault(kind, excerpt(r.skip()))}
}

// excerpt returns the beginning of what was found, short enough for a message.
func excerpt(raw []byte) string {
	const most = 40
	text := []rune(string(raw))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}
