package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// shopperToken is the shopper's own API token, which comes inside customers.
// No attributes ever hold it, so that it can get nowhere.
const shopperToken = "authentication_token"

// attributes are a record's values as the platform wrote them, in its order.
// They are read tolerantly, because the API writes numbers where webhook
// templates write text: what cannot be read as what is asked for is as good as absent.
type attributes struct {
	json  string
	pairs []pair
}

var (
	_ json.Marshaler   = attributes{}
	_ json.Unmarshaler = (*attributes)(nil)
	_ json.Unmarshaler = (*value)(nil)
)

// UnmarshalJSON reads an object; null leaves none.
func (a *attributes) UnmarshalJSON(data []byte) error {
	*a = attributes{}
	if string(data) == "null" {
		return nil
	}
	if len(data) == 0 || data[0] != '{' {
		return sdk.Errorf(abi.Invalid, "an object was expected")
	}
	text := string(data)
	if bytes.Contains(data, []byte(shopperToken)) {
		var err error
		if text, err = withoutToken(text); err != nil {
			return err
		}
	}
	*a = attributes{json: text, pairs: pairsOf(text)}
	return nil
}

// withoutToken drops the token, wherever it is.
func withoutToken(text string) (string, error) {
	var b strings.Builder
	b.Grow(len(text))
	b.WriteByte('{')
	for _, p := range pairsOf(text) {
		if p.name == shopperToken {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		b.WriteString(p.name)
		b.WriteString(`":`)
		b.WriteString(string(p.value))
	}
	b.WriteByte('}')
	if !strings.Contains(b.String(), shopperToken) {
		return b.String(), nil
	}
	var all any
	if err := sdk.Decode([]byte(text), &all); err != nil {
		return "", err
	}
	dropToken(all)
	clean, err := sdk.Encode(all)
	return string(clean), err
}

// dropToken drops the token from a decoded value and all within.
func dropToken(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, shopperToken)
		for _, inner := range v {
			dropToken(inner)
		}
	case []any:
		for _, inner := range v {
			dropToken(inner)
		}
	}
}

// MarshalJSON writes what was read.
func (a attributes) MarshalJSON() ([]byte, error) {
	if a.json == "" {
		return []byte("{}"), nil
	}
	return []byte(a.json), nil
}

// IsZero says that there are none.
func (a attributes) IsZero() bool { return len(a.pairs) == 0 }

// Schema says that attributes are an object of anything.
func (attributes) Schema() *abi.Schema {
	return &abi.Schema{Type: abi.TypeObject, Additional: &abi.Schema{}}
}

// lookup returns the value of that name, and whether there is one; the last counts.
func (a attributes) lookup(name string) (value, bool) {
	for i := len(a.pairs) - 1; i >= 0; i-- {
		if a.pairs[i].name == name {
			return a.pairs[i].value, true
		}
	}
	return "", false
}

func (a attributes) get(name string) value {
	v, _ := a.lookup(name)
	return v
}

// text returns a scalar as text; "" for null, for a list or object, and for what is not there.
func (a attributes) text(name string) string { return a.get(name).text() }

// integer returns a whole number, nil if there is none.
func (a attributes) integer(name string) *int64 { return a.get(name).integer() }

// number is integer, 0 if there is none.
func (a attributes) number(name string) int64 {
	if n := a.integer(name); n != nil {
		return *n
	}
	return 0
}

// flag returns a truth value in any of the platform's spellings, nil if there is none.
func (a attributes) flag(name string) *bool { return a.get(name).flag() }

// moment returns a time; the platform's times are Japan's.
func (a attributes) moment(name string) time.Time { return a.get(name).moment() }

// day returns the date of a time or date.
func (a attributes) day(name string) commerce.Date { return commerce.DateOf(a.moment(name)) }

// yen returns an amount, nil if there is none.
func (a attributes) yen(name string) *commerce.Money {
	if n := a.integer(name); n != nil {
		return commerce.Yen(*n)
	}
	return nil
}

// words splits a comma-separated text, such as the names of labels.
func (a attributes) words(name string) []string {
	var words []string
	for word := range strings.SplitSeq(a.text(name), ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// object returns the object under a name; ok is false if there is none.
func (a attributes) object(name string) (inner attributes, ok bool) {
	v := a.get(name)
	if !strings.HasPrefix(string(v), "{") {
		return inner, false
	}
	return attributes{json: string(v), pairs: pairsOf(string(v))}, true
}

// first returns the first of the names that has text.
func (a attributes) first(names ...string) string {
	for _, name := range names {
		if text := a.text(name); text != "" {
			return text
		}
	}
	return ""
}
