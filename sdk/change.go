package sdk

import "github.com/musubi-run/musubi/sdk/abi"

// Change is a text field of a record in the input of an action that updates it:
// what is missing stays as it is, and null clears it. Its tag has omitempty.
type Change struct {
	// Text is the new text, empty with Null.
	Text string
	// Given says that the input has the field, Null that it is null there.
	Given, Null bool
}

// UnmarshalJSON reads a text or null.
func (c *Change) UnmarshalJSON(data []byte) error {
	c.Given, c.Null = true, string(data) == "null"
	return Decode(data, &c.Text)
}

// MarshalJSON writes the text, or null.
func (c Change) MarshalJSON() ([]byte, error) {
	if c.Null || !c.Given {
		return []byte("null"), nil
	}
	return Encode(c.Text)
}

// Schema says that it is a text or null.
func (Change) Schema() *abi.Schema { return &abi.Schema{Type: abi.TypeString, Nullable: true} }
