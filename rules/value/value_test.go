package value

import (
	"testing"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

func TestDictHasOneOrder(t *testing.T) {
	d := NewDict([]Entry{{types.String("b"), types.Int(1)}, {types.String("a"), types.Int(2)}, {types.String("b"), types.Int(3)}})
	if d.Size() != types.Int(2) {
		t.Fatalf("size %v", d.Size())
	}
	var keys []ref.Val
	for it := d.Iterator(); it.HasNext() == types.True; {
		keys = append(keys, it.Next())
	}
	if keys[0] != types.String("a") || keys[1] != types.String("b") {
		t.Errorf("keys %v", keys)
	}
	if v, ok := d.Find(types.String("b")); !ok || v != types.Int(3) {
		t.Errorf("the last value of a key does not stay: %v", v)
	}
	if d.Contains(types.String("c")) != types.False || !types.IsError(d.Get(types.String("c"))) {
		t.Error("a key that is not there is found")
	}
}

func TestDictEqualsMapsOfCEL(t *testing.T) {
	d := NewDict([]Entry{{types.String("a"), types.Int(1)}})
	same := types.NewRefValMap(types.DefaultTypeAdapter, map[ref.Val]ref.Val{types.String("a"): types.Int(1)})
	other := types.NewRefValMap(types.DefaultTypeAdapter, map[ref.Val]ref.Val{types.String("a"): types.Int(2)})
	if d.Equal(same) != types.True || d.Equal(other) != types.False || d.Equal(types.Int(1)) != types.False {
		t.Error("maps do not compare by their entries")
	}
	if DictFrom(d) != d {
		t.Error("a Dict is copied")
	}
}

func TestDatesKeepTheCalendar(t *testing.T) {
	for _, text := range []string{"0001-01-01", "1969-12-31", "1970-01-01", "2000-02-29", "9999-12-31"} {
		d, err := ParseDate(text)
		if err != nil || d.String() != text {
			t.Errorf("%s becomes %s (%v)", text, d, err)
		}
	}
	tokyo := time.FixedZone("JST", 9*60*60)
	late := time.Date(2025, 2, 11, 23, 30, 0, 0, tokyo)
	if got := DateOf(late).String(); got != "2025-02-11" {
		t.Errorf("got %s", got)
	}
	if got := DateOf(late.UTC()).In(tokyo); !got.Equal(time.Date(2025, 2, 11, 0, 0, 0, 0, tokyo)) {
		t.Errorf("got %s", got)
	}
}
