package jp

import "fmt"

// Digits returns the digits of text, full-width ones included, and nothing else.
func Digits(text string) string {
	folded := Narrow(text)
	kept := make([]byte, 0, len(folded))
	for i := range len(folded) {
		if c := folded[i]; c >= '0' && c <= '9' {
			kept = append(kept, c)
		}
	}
	return string(kept)
}

// SplitPostcode splits a postcode into its three and four digits, however it is written.
func SplitPostcode(text string) (first, second string, err error) {
	digits := Digits(text)
	if len(digits) != 7 {
		return "", "", fmt.Errorf("%q is not a Japanese postcode of seven digits", text)
	}
	return digits[:3], digits[3:], nil
}

// FormatPostcode returns a postcode as 150-0001; what is none is returned as it is.
func FormatPostcode(text string) string {
	first, second, err := SplitPostcode(text)
	if err != nil {
		return text
	}
	return first + "-" + second
}
