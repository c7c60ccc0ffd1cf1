package jp

import (
	_ "embed" // the characters
	"strings"
	"sync"
	"unicode/utf8"
)

// cp932 are the characters of two bytes, by row of 94 cells, a line each. What
// is no character is U+FFFD, or missing at the end of its line.
//
//go:embed cp932.txt
var cp932 string

const (
	cellsPerRow  = 94
	cellsPerLead = 2 * cellsPerRow
)

var (
	cp932Read sync.Once
	cp932Rows [][]rune
)

// readCP932 fills the rows. It runs when it is needed first, so that a plugin that never needs it does not carry the characters.
func readCP932() {
	for line := range strings.Lines(cp932) {
		cp932Rows = append(cp932Rows, []rune(strings.TrimSuffix(line, "\n")))
	}
}

// FromCP932 returns a text that is written in CP932, which is what Windows, and
// with it nearly everybody, means by Shift_JIS: ①, 髙 and ～ are in it. What is no
// character there, such as one that somebody made himself, becomes U+FFFD.
// The yen sign is a backslash, as it is for Windows.
func FromCP932(text []byte) string {
	cp932Read.Do(readCP932)
	var b strings.Builder
	b.Grow(len(text) * 3 / 2)
	for len(text) > 0 {
		r, size := cp932Rune(text)
		b.WriteRune(r)
		text = text[size:]
	}
	return b.String()
}

// cp932Rune returns the first character of a text, and of how many bytes it is.
func cp932Rune(text []byte) (r rune, size int) {
	switch lead := text[0]; {
	case lead <= 0x80:
		return rune(lead), 1
	case 0xa1 <= lead && lead <= 0xdf:
		return '｡' + rune(lead-0xa1), 1
	case lead == 0xa0 || lead > 0xfc || len(text) == 1:
		return utf8.RuneError, 1
	}
	if trail := text[1]; trail < 0x40 || trail == 0x7f { // a comma or a quote is one all the same
		return utf8.RuneError, 1
	}
	return cp932Pair(text[0], text[1]), 2
}

// cp932Pair returns the character that two bytes make.
func cp932Pair(lead, trail byte) rune {
	if trail > 0xfc {
		return utf8.RuneError
	}
	cell := (int(lead)-0x81)*cellsPerLead + int(trail) - 0x40
	if lead >= 0xe0 { // behind the katakana of half width
		cell -= 0x40 * cellsPerLead
	}
	if trail > 0x7f {
		cell--
	}
	if row := cell / cellsPerRow; row < len(cp932Rows) && cell%cellsPerRow < len(cp932Rows[row]) {
		return cp932Rows[row][cell%cellsPerRow]
	}
	return utf8.RuneError
}
