package value

import (
	"testing"

	"github.com/google/cel-go/common/types"
	"pgregory.net/rapid"
)

func TestDecimalsAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]string{
		"1234.50": "1234.50", "-0.05": "-0.05", "0": "0", "+7": "7", "1,234,567.8": "1234567.8", "007.10": "7.10", "-1,000": "-1000",
	} {
		if d, ok := ParseDecimal(text); !ok || d.String() != want {
			t.Errorf("%s becomes %s %t, want %s", text, d, ok, want)
		}
	}
	for _, text := range []string{"", "-", ".5", "5.", "12,50", "1,2345", "1e3", "1.2.3", "0x10", "1_000", "NaN", "1 000", "１２"} {
		if d, ok := ParseDecimal(text); ok {
			t.Errorf("%q is read as %s", text, d)
		}
	}
}

// decimals draws a decimal with its digits and scale.
func decimals(t *rapid.T, name string) Decimal {
	return NewDecimal(rapid.Int64Range(-1e12, 1e12).Draw(t, name), rapid.IntRange(0, 6).Draw(t, name+" scale"))
}

// TestDecimalsLoseNothing checks what must hold for all numbers.
func TestDecimalsLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := decimals(t, "a"), decimals(t, "b")
		back, ok := ParseDecimal(a.String())
		if !ok || back.Equal(a) != types.True || back.String() != a.String() {
			t.Fatalf("%s is read back as %s", a, back)
		}
		sum, ok := a.Add(b).(Decimal)
		if !ok || sum.Subtract(b).Equal(a) != types.True {
			t.Fatalf("%s + %s - %s is %v", a, b, b, sum.Subtract(b))
		}
		product, ok := a.Multiply(b).(Decimal)
		if !ok || product.Equal(b.Multiply(a)) != types.True {
			t.Fatalf("%s * %s is %v", a, b, product)
		}
		if quotient, ok := product.Divide(b, 6, RoundHalf); ok && quotient.Cmp(a) != 0 {
			t.Fatalf("%s / %s is %s, not %s", product, b, quotient, a)
		}
		if a.Cmp(b) != -b.Cmp(a) || (a.Cmp(b) < 0) != (sum.Cmp(a.Add(a).(Decimal)) > 0) { //nolint:errcheck,forcetypeassert // a sum of decimals
			t.Fatalf("%s and %s have two orders", a, b)
		}
	})
}

func TestRoundingIsTheOneThatIsAskedFor(t *testing.T) {
	for _, c := range []struct {
		text, down, up, half string
	}{
		{"2.5", "2", "3", "3"}, {"-2.5", "-2", "-3", "-3"}, {"2.4", "2", "3", "2"}, {"-2.6", "-2", "-3", "-3"}, {"2.0", "2", "2", "2"}, {"0.4", "0", "1", "0"},
	} {
		d, _ := ParseDecimal(c.text)
		for rounding, want := range map[Rounding]string{RoundDown: c.down, RoundUp: c.up, RoundHalf: c.half} {
			if got, ok := d.Round(0, rounding); !ok || got.String() != want {
				t.Errorf("%s %s is %s, want %s", c.text, rounding, got, want)
			}
		}
	}
	if _, ok := NewDecimal(1, 0).Round(0, "floor"); ok {
		t.Error("there is no rounding floor")
	}
	if _, ok := NewDecimal(1, 0).Divide(NewDecimal(0, 0), 2, RoundDown); ok {
		t.Error("divided by zero")
	}
}

func TestDecimalsStayWithinReason(t *testing.T) {
	var v any = NewDecimal(1e15, 0)
	for range 4 {
		d, ok := v.(Decimal)
		if !ok {
			break
		}
		v = d.Multiply(d)
	}
	if e, ok := v.(*types.Err); !ok || e.Error() != tooManyDigits.EN {
		t.Errorf("got %v", v)
	}
}
