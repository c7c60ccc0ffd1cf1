package rules

import (
	"fmt"
	"io"
	"strings"

	"github.com/musubi-run/musubi/rules/funcs"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Function is one function that expressions have.
type Function struct {
	Name  string   `json:"name"`
	Group abi.Text `json:"group"`
	Doc   abi.Text `json:"doc"`
	// Example is an expression, Result its value as JSON.
	Example string `json:"example"`
	Result  string `json:"result"`
}

// Functions returns the functions by group: those whose name, explanation or
// example has the word in it; an empty word takes all.
func Functions(word string) []Function {
	var found []Function
	for _, f := range funcs.All() {
		all := strings.Join([]string{f.Name, f.Group.EN, f.Group.JA, f.Doc.EN, f.Doc.JA, f.Example}, "\n")
		if strings.Contains(strings.ToLower(all), strings.ToLower(word)) {
			found = append(found, Function{f.Name, f.Group, f.Doc, f.Example, f.Result})
		}
	}
	return found
}

// RenderFunctions writes functions for a person, under the headings of their groups.
func RenderFunctions(w io.Writer, functions []Function, lang Lang) error {
	var out strings.Builder
	group := ""
	for _, f := range functions {
		if heading := lang.Pick(f.Group); heading != group {
			if group != "" {
				out.WriteByte('\n')
			}
			group = heading
			fmt.Fprintf(&out, "%s\n", group)
		}
		fmt.Fprintf(&out, "  %s\n    %s → %s\n", lang.Pick(f.Doc), f.Example, f.Result)
	}
	_, err := io.WriteString(w, out.String())
	return err
}
