package main

import (
	"encoding/json"
	"slices"
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
	json    string
	members []sdk.Member
}

var (
	_ sdk.TextWriter   = attributes{}
	_ sdk.ObjectReader = (*attributes)(nil)
	_ json.Unmarshaler = (*value)(nil)
)

// ReadObject keeps an object; null leaves none.
func (a *attributes) ReadObject(text string, members []sdk.Member) error {
	token, tokens := 0, 0
	for i := range members {
		switch m := &members[i]; {
		case m.Name == shopperToken:
			token = i
			tokens++
		case (m.JSON[0] == '{' || m.JSON[0] == '[') && strings.Contains(m.JSON, shopperToken):
			return a.readWithoutToken(text)
		}
	}
	if tokens == 0 {
		*a = attributes{json: text, members: members}
		return nil
	}
	rest, ok := without(text, members[token])
	if !ok || tokens > 1 {
		return a.readWithoutToken(text)
	}
	*a = attributes{json: rest, members: slices.Delete(members, token, token+1)}
	return nil
}

// without cuts a member out of an object's text. It does so only where the
// member is written plainly, and nothing else in the text could be taken for it.
func without(text string, m sdk.Member) (rest string, ok bool) {
	name := `"` + m.Name + `":`
	start := strings.Index(text, name)
	if start < 0 || !strings.HasPrefix(text[start+len(name):], m.JSON) {
		return "", false
	}
	before, after := text[:start], text[start+len(name)+len(m.JSON):]
	switch {
	case after[0] == ',':
		return before + after[1:], true
	case before[len(before)-1] == ',':
		return before[:len(before)-1] + after, true
	default:
		return "", false
	}
}

// readWithoutToken drops the token wherever it is.
func (a *attributes) readWithoutToken(text string) error {
	var all any
	if err := sdk.Decode([]byte(text), &all); err != nil {
		return err
	}
	dropToken(all)
	clean, err := sdk.Encode(all)
	if err != nil {
		return err
	}
	return sdk.Decode(clean, a)
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

// WriteJSON returns what was read.
func (a attributes) WriteJSON() string {
	if a.json == "" {
		return "{}"
	}
	return a.json
}

// IsZero says that there are none.
func (a attributes) IsZero() bool { return len(a.members) == 0 }

// Schema says that attributes are an object of anything.
func (attributes) Schema() *abi.Schema {
	return &abi.Schema{Type: abi.TypeObject, Additional: &abi.Schema{}}
}

// lookup returns the value of that name, and whether there is one; the last counts.
func (a attributes) lookup(name string) (value, bool) {
	for i := len(a.members) - 1; i >= 0; i-- {
		if a.members[i].Name == name {
			return value(a.members[i].JSON), true
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
	return inner, sdk.Decode([]byte(v), &inner) == nil
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
