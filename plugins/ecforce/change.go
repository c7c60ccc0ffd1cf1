package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// numberChange is a number of a record in the input of an update, as
// [sdk.Change] is a text: what is missing stays, null clears it.
type numberChange struct {
	Number      int64
	Given, Null bool
}

// UnmarshalJSON reads a number or null.
func (c *numberChange) UnmarshalJSON(data []byte) error {
	c.Given, c.Null = true, string(data) == "null"
	return sdk.Decode(data, &c.Number)
}

// MarshalJSON writes the number, or null.
func (c numberChange) MarshalJSON() ([]byte, error) {
	if c.Null || !c.Given {
		return []byte("null"), nil
	}
	return sdk.Encode(c.Number)
}

// Schema says that it is a whole number or null.
func (numberChange) Schema() *abi.Schema { return &abi.Schema{Type: abi.TypeInteger, Nullable: true} }

// dateChange is a text that is a day: null clears it as it does a number.
type dateChange struct{ sdk.Change }
