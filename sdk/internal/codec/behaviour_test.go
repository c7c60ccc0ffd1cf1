package codec

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type order struct {
	ID     string           `json:"id"`
	Mode   string           `json:"mode" default:"fast"`
	Limit  int64            `json:"limit" default:"20"`
	Note   string           `json:"note,omitempty"`
	Items  []item           `json:"items,omitempty"`
	Labels map[string]int64 `json:"labels,omitempty"`
	Any    any              `json:"any,omitempty"`
	Speed  string           `json:"speed,omitempty" enum:"fast,slow"`
	Days   []string         `json:"days,omitempty" enum:"mon,tue"`
	Kind   *string          `json:"kind" enum:"a,b"`
}

type item struct {
	SKU   string `json:"sku"`
	Count *int64 `json:"count"`
}

func TestInputNamesTheMistake(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"unknown field", `{"id":"1","idd":2}`, `idd: there is no such field`},
		{"case matters", `{"ID":"1"}`, `ID: there is no such field`},
		{"nested unknown field", `{"id":"1","items":[{"sku":"a"},{"sku":"b","qty":1}]}`, `items[1].qty: there is no such field`},
		{"missing", `{"mode":"slow"}`, `id: is missing`},
		{"null is missing", `{"id":null}`, `id: is missing`},
		{"nested missing", `{"id":"1","items":[{}]}`, `items[0].sku: is missing`},
		{"wrong type", `{"id":7}`, `id: wants a string, not a number`},
		{"wrong list", `{"id":"1","items":{}}`, `items: wants a list, not an object`},
		{"fraction", `{"id":"1","limit":1.5}`, `limit: wants a whole number that fits int64`},
		{"wrong map value", `{"id":"1","labels":{"定期":"x"}}`, `labels.定期: wants a whole number, not a string`},
		{"not an object", `["a"]`, `wants an object, not a list`},
		{"no such word", `{"id":"1","speed":"warp"}`, `speed: wants one of fast, slow`},
		{"words with a comma", `{"id":"1","speed":"fast,slow"}`, `speed: wants one of fast, slow`},
		{"no such word in a list", `{"id":"1","days":["mon","sun"]}`, `days[1]: wants one of mon, tue`},
		{"no such word behind a pointer", `{"id":"1","kind":"c"}`, `kind: wants one of a, b`},
		{"truncated", `{"id":"1"`, `the JSON ends too early`},
		{"nonsense", `{"id":"1",,}`, `no JSON: unexpected ',' at offset 10`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := UnmarshalInput([]byte(c.text), new(order))
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestErrorsHoldNoValues(t *testing.T) {
	err := Unmarshal([]byte(`{"id":{"email":"hanako@example.com"}}`), new(order))
	if err == nil || strings.Contains(err.Error(), "hanako") {
		t.Errorf("got %v", err)
	}
}

func TestDefaultsFillWhatIsMissing(t *testing.T) {
	cases := []struct {
		name   string
		decode func([]byte, any) error
		text   string
		want   order
	}{
		{"input", UnmarshalInput, `{"id":"1"}`, order{ID: "1", Mode: "fast", Limit: 20}},
		{"input with null", UnmarshalInput, `{"id":"1","mode":null}`, order{ID: "1", Mode: "fast", Limit: 20}},
		{"given", UnmarshalInput, `{"id":"1","mode":"","limit":0}`, order{ID: "1"}},
		{"words", UnmarshalInput, `{"id":"1","speed":"","days":["tue"],"kind":null}`, order{ID: "1", Mode: "fast", Limit: 20, Days: []string{"tue"}}},
		{"settings", UnmarshalSettings, `{"id":"1","more":1}`, order{ID: "1", Mode: "fast", Limit: 20}},
		{"answers have none", Unmarshal, `{"more":1}`, order{}},
	}
	for _, c := range cases {
		var got order
		if err := c.decode([]byte(c.text), &got); err != nil || !cmp.Equal(got, c.want) {
			t.Errorf("%s: got %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}

func TestNumbersInAnyKeepTheirDigits(t *testing.T) {
	const text = `[450789469,9007199254740993,-9223372036854775808,12345678901234567890,1.5,1e3,-0]`
	var got any
	if err := Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := []any{int64(450789469), int64(9007199254740993), int64(-9223372036854775808), json.Number("12345678901234567890"), 1.5, 1000.0, math.Copysign(0, -1)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	again, err := Marshal(got)
	if err != nil || string(again) != strings.Replace(text, "1e3", "1000", 1) {
		t.Errorf("written back: %s, %v", again, err)
	}
}

func TestEmptyIsWrittenAsItsSchemaSays(t *testing.T) {
	type lists struct {
		List []string       `json:"list"`
		Map  map[string]any `json:"map"`
		Text string         `json:"text"`
	}
	got, err := Marshal(lists{Text: "<&>"})
	if want := `{"list":[],"map":{},"text":"<&>"}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

func TestByteOrderMarkIsSkipped(t *testing.T) {
	var got order
	if err := Unmarshal([]byte("\ufeff{\"id\":\"1\"}"), &got); err != nil || got.ID != "1" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDecodedStringsDoNotShareTheInput(t *testing.T) {
	text := []byte(`{"id":"before"}`)
	var got order
	if err := Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	copy(text, `{"id":"after!"}`)
	if got.ID != "before" {
		t.Errorf("the string changed with the buffer: %q", got.ID)
	}
}

func TestRefusals(t *testing.T) {
	type loop struct {
		Next *loop `json:"next"`
	}
	circle := &loop{}
	circle.Next = circle
	cases := []struct {
		name string
		do   func() error
	}{
		{"value within itself", func() error { _, err := Marshal(circle); return err }},
		{"function", func() error { _, err := Marshal(map[string]any{"f": func() {}}); return err }},
		{"channel within", func() error { return Unmarshal([]byte(`{}`), &struct{ C chan int }{}) }},
		{"not a pointer", func() error { return Unmarshal([]byte(`{}`), order{}) }},
		{"nil pointer", func() error { return Unmarshal([]byte(`{}`), (*order)(nil)) }},
		{"raw that is no JSON", func() error { _, err := Marshal(json.RawMessage(`{"a"`)); return err }},
		{"number that is none", func() error { _, err := Marshal(json.Number("1,000")); return err }},
		{"too deep", func() error { return Unmarshal([]byte(strings.Repeat("[", 20000)), new(any)) }},
	}
	for _, c := range cases {
		if err := c.do(); err == nil {
			t.Errorf("%s: no error", c.name)
		}
	}
}

func TestTopLevelValues(t *testing.T) {
	for _, v := range []any{nil, "x", int64(1), 1.5, true, []string{"a"}, map[string]string{"a": "b"}, &item{SKU: "s"}, struct{}{}} {
		got, err := Marshal(v)
		want, wantErr := json.Marshal(v)
		if err != nil || wantErr != nil || string(got) != string(want) {
			t.Errorf("%T: got %s, %v; want %s", v, got, err, want)
		}
	}
}
