package rules

import (
	"slices"
	"strings"
)

// formatCodes are the faults that Format puts right: all of them say the same
// to a person before and after.
var formatCodes = []string{
	"tag", "anchor", "quote-then-more", "bracket-then-more", "colon-in-value", "comma-in-value", "unquoted-in-braces", "bad-start",
	"cut-by-comment", "tab", "wide-space", "wide-colon", "colon-space", "dash-space",
	"leading-zero", "leading-plus", "number-too-long", "plain-date", "plain-time",
	"wide-character", "word-operator", "other-operator", "japanese-field", "template-in-expression",
}

// Format returns a rules file in good form: what needs quotes is quoted,
// full-width signs in expressions are half-width, lines end in one way and
// without blanks. Comments and layout stay. What has no certain form stays too.
func Format(name string, data []byte, catalog *Catalog) ([]byte, error) {
	text := tidy(string(data))
	for range maxFixes {
		problems, err := problemsIn(name, text, catalog)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(problems, func(p Problem) bool {
			return p.File == name && p.Fix != "" && slices.Contains(formatCodes, p.Code)
		})
		if i < 0 {
			return []byte(text), nil
		}
		lines := strings.Split(text, "\n")
		if lines[problems[i].Line-1] == problems[i].Fix {
			return []byte(text), nil
		}
		lines[problems[i].Line-1] = problems[i].Fix
		text = strings.Join(lines, "\n")
	}
	return []byte(text), nil
}

// maxFixes is how many faults of a file Format puts right at the most.
const maxFixes = 200

func problemsIn(name, text string, catalog *Catalog) (Problems, error) {
	_, err := LoadSources(map[string][]byte{name: []byte(text)}, catalog)
	if err == nil {
		return nil, nil
	}
	problems, ok := err.(Problems) //nolint:errorlint // LoadSources returns it bare
	if !ok {
		return nil, err
	}
	return problems, nil
}

// tidy makes line ends uniform and drops what nobody sees: the byte order
// mark, blanks at line ends, empty lines at the end of the file.
func tidy(text string) string {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\ufeff")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}
