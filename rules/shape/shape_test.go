package shape

import (
	"testing"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

func registry(t testing.TB) *Types {
	t.Helper()
	builtin, err := types.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	return New(builtin)
}

var thing = &abi.Schema{
	Type: abi.TypeObject,
	Properties: map[string]*abi.Schema{
		"id": {Type: abi.TypeString}, "n": {Type: abi.TypeInteger}, "d": {Type: abi.TypeNumber}, "b": {Type: abi.TypeBoolean},
		"at": {Type: abi.TypeString, Format: "date-time"}, "on": {Type: abi.TypeString, Format: "date"},
		"list": {Type: abi.TypeArray, Items: &abi.Schema{Type: abi.TypeInteger}},
		"map":  {Type: abi.TypeObject, Additional: &abi.Schema{Type: abi.TypeString}},
		"any":  {}, "kind": {Type: abi.TypeString, Enum: []string{"a", "b"}},
		"sub": {Type: abi.TypeObject, Properties: map[string]*abi.Schema{"x": {Type: abi.TypeString}}, Required: []string{"x"}},
	},
	Required: []string{"id"},
}

// TestValuesComeBackAsTheyWere decodes and encodes.
func TestValuesComeBackAsTheyWere(t *testing.T) {
	typ := registry(t).Of("thing", thing)
	for in, want := range map[string]string{
		`{"id":"1","n":9007199254740993}`:                      `{"id":"1","n":9007199254740993}`,
		`{"n": 12.0 , "id" : "a\"b\u00e9"}`:                    `{"id":"a\"bé","n":12}`,
		`{"id":"1","at":"2025-02-11T21:03:09+09:00"}`:          `{"at":"2025-02-11T21:03:09+09:00","id":"1"}`,
		`{"id":"1","on":"2025-02-11","d":1.5,"b":true}`:        `{"b":true,"d":1.5,"id":"1","on":"2025-02-11"}`,
		`{"id":"1","list":[1,2],"map":{"z":"1","a":"2"}}`:      `{"id":"1","list":[1,2],"map":{"a":"2","z":"1"}}`,
		`{"id":"1","any":{"b":[null,1e3,"x"],"a":123}}`:        `{"any":{"a":123,"b":[null,1000,"x"]},"id":"1"}`,
		`{"id":"1","n":null,"sub":null,"unknown":[{"a":"}"}]}`: `{"id":"1"}`,
		`{"id":"</script>&"}`:                                  `{"id":"</script>&"}`,
		`{"id":"日本語"}`:                                         `{"id":"日本語"}`,
	} {
		v, err := typ.Decode([]byte(in))
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		got, err := AppendJSON(nil, v)
		if err != nil || string(got) != want {
			t.Errorf("%s\n got %s %v\nwant %s", in, got, err, want)
		}
	}
}

// TestAFieldThatDoesNotFitIsAFaultOnlyWhenUsed keeps a platform's odd field
// from stopping rules that do not read it.
func TestAFieldThatDoesNotFitIsAFaultOnlyWhenUsed(t *testing.T) {
	typ := registry(t).Of("thing", thing)
	for in, want := range map[string]string{
		`{"id":"1","n":"12回"}`:                 `a whole number was expected, not "12回"`,
		`{"id":"1","n":1.5}`:                   `a whole number was expected, not 1.5`,
		`{"id":"1","n":123456789012345678901}`: `a whole number was expected, not 123456789012345678901`,
		`{"id":"1","n":{}}`:                    `a whole number was expected, not {}`,
	} {
		v, err := typ.Decode([]byte(in))
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		o, ok := v.(*Object)
		if !ok {
			t.Fatal("no object")
		}
		if id := o.Get(types.String("id")); id.Equal(types.String("1")) != types.True {
			t.Errorf("%s: id is %v", in, id)
		}
		if _, err := present(o.find("n"), "n"); err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", in, err, want)
		}
	}
}

func TestAWholeThatDoesNotFitIsRefused(t *testing.T) {
	typ := registry(t).Of("thing", thing)
	for _, in := range []string{``, `{`, `[]`, `"x"`, `{"id":"1"} x`} {
		if _, err := typ.Decode([]byte(in)); err == nil {
			t.Errorf("%q is decoded", in)
		}
	}
}

func TestAcceptsSaysWhatIsWrong(t *testing.T) {
	typ := registry(t).Of("thing", thing)
	for in, want := range map[string]string{
		`{"id":"1","kind":"a","sub":{"x":"y"},"list":[1]}`: "",
		`{}`:                           "id is missing here",
		`{"id":"1","sub":{}}`:          "sub.x is missing here",
		`{"id":"1","kind":"c"}`:        `"c" is not one of a, b`,
		`{"id":"1","list":[1,"x"]}`:    `list: a whole number was expected, not "x"`,
		`{"id":"1","on":"2025/01/01"}`: "on: a date like 2025-02-11 was expected, not 2025/01/01",
	} {
		err := typ.Accepts([]byte(in))
		if (err == nil) != (want == "") || (err != nil && err.Error() != want) {
			t.Errorf("%s\n got %v\nwant %s", in, err, want)
		}
	}
}

// TestTypesMadeOfExpressionsFindTheirWayBack covers what a foreach or a set needs.
func TestTypesMadeOfExpressionsFindTheirWayBack(t *testing.T) {
	known := registry(t)
	typ := known.Of("thing", thing)
	for _, cel := range []*types.Type{
		typ.CEL(), types.NewListType(typ.CEL()), types.StringType, types.IntType, types.DoubleType, types.BoolType,
		types.TimestampType, value.DateType, types.NewMapType(types.StringType, types.NewListType(types.IntType)),
	} {
		if got := known.From(cel).CEL(); !got.IsExactType(cel) {
			t.Errorf("%v comes back as %v", cel, got)
		}
	}
	if got := known.From(types.NewOptionalType(types.StringType)); !got.Schema().Nullable {
		t.Error("an optional value is not nullable")
	}
}

func TestEqualObjects(t *testing.T) {
	typ := registry(t).Of("thing", thing)
	decode := func(in string) *Object {
		v, err := typ.Decode([]byte(in))
		o, ok := v.(*Object)
		if err != nil || !ok {
			t.Fatal(err)
		}
		return o
	}
	a, b, c := decode(`{"id":"1","n":2}`), decode(`{"n":2,"id":"1"}`), decode(`{"id":"1"}`)
	if a.Equal(b) != types.True || a.Equal(c) != types.False || a.Equal(types.String("1")) != types.False {
		t.Error("objects do not compare by their fields")
	}
}

// FuzzDecode reads anything: nothing may panic, and what was written once is written the same again.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":"1","n":12.0,"list":[1,null],"map":{"a":null},"any":{"x":[1e400]}}`))
	f.Add([]byte(`{"id":"\ud800","at":"2025-02-11T21:03:09.123456789Z"}`))
	typ := registry(f).Of("thing", thing)
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := typ.Decode(data)
		if err != nil {
			return
		}
		first, err := AppendJSON(nil, v)
		if err != nil {
			return
		}
		again, err := typ.Decode(first)
		if err != nil {
			t.Fatalf("%s does not decode: %v", first, err)
		}
		second, err := AppendJSON(nil, again)
		if err != nil || string(first) != string(second) {
			t.Errorf("%s became %s (%v)", first, second, err)
		}
	})
}
