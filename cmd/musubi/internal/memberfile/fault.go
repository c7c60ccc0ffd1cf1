package memberfile

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Fault is something wrong with a mapping, a file or a row, in both languages.
type Fault struct{ text abi.Text }

// Error returns the English text.
func (f *Fault) Error() string { return f.text.EN }

// Text returns both.
func (f *Fault) Text() abi.Text { return f.text }

// wrong makes a fault; both formats take the arguments.
func wrong(en, ja string, args ...any) *Fault {
	return &Fault{abi.Text{EN: fmt.Sprintf(en, args...), JA: fmt.Sprintf(ja, args...)}}
}

// of says which field it is that is wrong.
func (f *Fault) of(field string) *Fault {
	return &Fault{abi.Text{EN: field + ": " + f.text.EN, JA: field + ": " + f.text.JA}}
}

// faults are several at once.
type faults []*Fault

// joined is all of them as one error, nil if there are none.
func (f faults) joined(between string) error {
	if len(f) == 0 {
		return nil
	}
	var en, ja []string
	for _, one := range f {
		en, ja = append(en, one.text.EN), append(ja, one.text.JA)
	}
	return &Fault{abi.Text{EN: strings.Join(en, between), JA: strings.Join(ja, between)}}
}
