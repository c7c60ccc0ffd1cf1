package diag

import (
	"unicode"

	eastasian "golang.org/x/text/width"
)

// width is how many columns a terminal gives to r: 2 for East Asian wide
// characters, 0 for marks that combine with the character before them.
func width(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch eastasian.LookupRune(r).Kind() {
	case eastasian.EastAsianWide, eastasian.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}
