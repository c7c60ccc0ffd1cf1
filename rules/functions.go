package rules

import (
	"fmt"
	"io"
	"strings"

	"github.com/musubi-run/musubi/rules/funcs"
)

// Functions writes the functions that expressions have beside those of CEL,
// each with an example and its result.
func Functions(w io.Writer, lang Lang) error {
	var out strings.Builder
	group := ""
	for _, f := range funcs.All() {
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
