package shape

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// AppendJSON appends v as JSON. Keys are sorted, integers keep all digits,
// times keep their offset, decimals are text like platforms write them. Optional values that are absent are left out of
// lists and maps and are null elsewhere. What has no form in JSON is a [value.Error].
func AppendJSON(buf []byte, v ref.Val) ([]byte, error) {
	switch v := v.(type) {
	case types.String:
		return AppendString(buf, string(v)), nil
	case types.Int:
		return strconv.AppendInt(buf, int64(v), 10), nil
	case types.Uint:
		return strconv.AppendUint(buf, uint64(v), 10), nil
	case types.Bool:
		return strconv.AppendBool(buf, bool(v)), nil
	case types.Double:
		return appendDouble(buf, float64(v))
	case types.Null:
		return append(buf, "null"...), nil
	case types.Timestamp:
		return AppendString(buf, FormatTime(v.Time)), nil
	case value.Date:
		return AppendString(buf, v.String()), nil
	case value.Decimal:
		return AppendString(buf, v.String()), nil
	case value.Number:
		return append(buf, v.String()...), nil
	case value.Birthday:
		return AppendString(buf, v.String()), nil
	case *types.Optional:
		if !v.HasValue() {
			return append(buf, "null"...), nil
		}
		return AppendJSON(buf, v.GetValue())
	case *Object:
		return v.appendJSON(buf)
	case traits.Mapper:
		return appendMap(buf, v)
	case traits.Lister:
		return appendList(buf, v)
	case *broken:
		return buf, v.fault
	default:
		return buf, value.NewFault(notWritable, NameOf(v))
	}
}

// FormatTime writes a time as JSON and text show it.
func FormatTime(t time.Time) string { return t.Format(time.RFC3339Nano) }

// Absent says whether v is an optional value that is not there.
func Absent(v ref.Val) bool {
	o, ok := v.(*types.Optional)
	return ok && !o.HasValue()
}

// exactDoubles is where doubles begin to skip whole numbers.
const exactDoubles = 1 << 53

func appendDouble(buf []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return buf, value.NewFault(notWritable, strconv.FormatFloat(f, 'g', -1, 64))
	}
	if math.Abs(f) >= exactDoubles { // digits that it does not have would be made up
		return strconv.AppendFloat(buf, f, 'e', -1, 64), nil
	}
	return strconv.AppendFloat(buf, f, 'f', -1, 64), nil
}

func (o *Object) appendJSON(buf []byte) (_ []byte, err error) {
	buf = append(buf, '{')
	first := true
	for i, f := range o.typ.fields {
		if v := o.slots[i]; v != nil {
			if buf, err = appendField(buf, &first, f.Name, v); err != nil {
				return buf, err
			}
		}
	}
	if o.extra != nil {
		if buf, err = appendEntries(buf, &first, o.extra.Entries()); err != nil {
			return buf, err
		}
	}
	return append(buf, '}'), nil
}

func appendMap(buf []byte, m traits.Mapper) (_ []byte, err error) {
	buf = append(buf, '{')
	first := true
	if buf, err = appendEntries(buf, &first, value.DictFrom(m).Entries()); err != nil {
		return buf, err
	}
	return append(buf, '}'), nil
}

func appendEntries(buf []byte, first *bool, entries []value.Entry) (_ []byte, err error) {
	for _, e := range entries {
		key, ok := e.Key.(types.String)
		if !ok {
			return buf, value.NewFault(keyNotText)
		}
		if buf, err = appendField(buf, first, string(key), e.Value); err != nil {
			return buf, err
		}
	}
	return buf, nil
}

func appendField(buf []byte, first *bool, name string, v ref.Val) ([]byte, error) {
	if Absent(v) {
		return buf, nil
	}
	if !*first {
		buf = append(buf, ',')
	}
	*first = false
	buf = append(AppendString(buf, name), ':')
	return AppendJSON(buf, v)
}

func appendList(buf []byte, l traits.Lister) (_ []byte, err error) {
	buf = append(buf, '[')
	first := true
	for it := l.Iterator(); it.HasNext() == types.True; {
		item := it.Next()
		if Absent(item) {
			continue
		}
		if !first {
			buf = append(buf, ',')
		}
		first = false
		if buf, err = AppendJSON(buf, item); err != nil {
			return buf, err
		}
	}
	return append(buf, ']'), nil
}

// AppendString appends text as a JSON string, without escaping what HTML would need.
func AppendString(buf []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < 0x20 || c == '"' || c == '\\' {
			return appendEscaped(buf, text)
		}
	}
	if !utf8.ValidString(text) {
		return appendEscaped(buf, text)
	}
	buf = append(buf, '"')
	buf = append(buf, text...)
	return append(buf, '"')
}

func appendEscaped(buf []byte, text string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil { // a string: cannot happen
		return append(buf, `""`...)
	}
	return append(buf, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

// NameOf says to a person what a value is.
func NameOf(v ref.Val) abi.Text { return TypeName(value.TypeOf(v)) }
