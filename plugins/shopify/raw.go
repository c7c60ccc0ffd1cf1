package main

import (
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// raw is a JSON object as the platform wrote it.
type raw string

// WriteJSON returns it as it is.
func (r raw) WriteJSON() string {
	if r == "" {
		return "{}"
	}
	return string(r)
}

// MarshalJSON returns it as it is.
func (r raw) MarshalJSON() ([]byte, error) { return []byte(r.WriteJSON()), nil } //nolint:unparam // json.Marshaler

// UnmarshalJSON keeps the text.
func (r *raw) UnmarshalJSON(text []byte) error { //nolint:unparam // json.Unmarshaler
	*r = raw(text)
	return nil
}

// IsZero says that there is none.
func (r raw) IsZero() bool { return r == "" }

// Schema says that it is an object of anything.
func (raw) Schema() *abi.Schema { return &abi.Schema{Type: abi.TypeObject, Additional: &abi.Schema{}} }

// scalar is a text that the platform writes as text or as number, or null.
type scalar string

// UnmarshalJSON takes either.
func (s *scalar) UnmarshalJSON(text []byte) error {
	switch {
	case string(text) == "null":
		*s = ""
	case len(text) > 0 && text[0] == '"':
		var t string
		if err := sdk.Decode(text, &t); err != nil {
			return err
		}
		*s = scalar(t)
	default:
		*s = scalar(text)
	}
	return nil
}

// MarshalJSON writes it as text.
func (s scalar) MarshalJSON() ([]byte, error) { return sdk.Encode(string(s)) }

// money reads an amount; nil if there is none.
func money(amount scalar, currency string) *commerce.Money {
	if amount == "" || currency == "" {
		return nil
	}
	m, err := commerce.ParseMoney(string(amount), currency)
	if err != nil {
		return nil
	}
	return m
}

// joined joins what is not empty.
func joined(separator string, parts ...string) string {
	kept := parts[:0:0]
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, separator)
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
