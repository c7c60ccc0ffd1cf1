package memberfile

import (
	"slices"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// fieldStatus is the field whose words the model knows all of.
const fieldStatus = "status"

// Statuses are the words that the status of a kind can have; none for a kind without.
func Statuses(kind abi.Model) []string {
	switch kind {
	case abi.ModelOrder:
		return commerce.OrderStatus("").Schema().Enum
	case abi.ModelSubscription:
		return commerce.Status("").Schema().Enum
	default:
		return nil
	}
}

// Unknown says how many rows, so far, have a status that the mapping does not
// translate, by the word: a cancelled order among them would count as a purchase.
func (f *File) Unknown() map[string]int { return f.unknown }

// Kind is what the rows are.
func (f *File) Kind() abi.Model { return f.mapping.Kind }

// noteStatus counts a status that is none of the model's.
func (f *File) noteStatus(field, word string) {
	if field != fieldStatus || slices.Contains(Statuses(f.mapping.Kind), word) {
		return
	}
	if f.unknown == nil {
		f.unknown = make(map[string]int)
	}
	f.unknown[word]++
}
