package codec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// kept keeps an object as it was written.
type kept struct {
	text    string
	members []Member
}

func (k *kept) ReadObject(text string, members []Member) error {
	k.text, k.members = text, members
	return nil
}

func (k kept) WriteJSON() string { return k.text }

func TestObjectsAreKeptAsTheyWereWritten(t *testing.T) {
	type document struct {
		First, Second, None kept
		After               string
	}
	const first, second = `{ "a\u0041" : [1, {"b":"}"}] ,"a":null,"a":-1.5}`, `{}`
	var got document
	if err := Unmarshal([]byte(`{"First":`+first+`,"Second": `+second+` ,"None":null,"After":"x"}`), &got); err != nil {
		t.Fatal(err)
	}
	want := document{
		First: kept{first, []Member{{"aA", `[1, {"b":"}"}]`}, {"a", "null"}, {"a", "-1.5"}}}, Second: kept{text: second}, After: "x",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(kept{}), cmp.Comparer(func(a, b []Member) bool {
		return len(a) == len(b) && (len(a) == 0 || cmp.Equal([3]Member(a), [3]Member(b)))
	})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if text, err := Marshal(got.First); err != nil || string(text) != first {
		t.Errorf("%s, %v", text, err)
	}
}

func TestKeptObjectsAreCheckedToBeJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":[1,}`: "no JSON", `{"a":1`: "too early", `{"a" 1}`: "no JSON", `{'a':1}`: "no JSON", `{"a":{"b":tru}}`: "a", `[]`: "wants an object, not a list", `nul`: "too early",
	} {
		var k kept
		if err := Unmarshal([]byte(text), &k); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
