package jp

import (
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

var (
	cp932Write sync.Once
	cp932Codes map[rune]uint16
)

// Rows that repeat characters of others. Windows writes those of IBM, at the end.
const (
	firstNECRow = 2 * (0xed - 0x81 - 0x40)
	lastNECRow  = firstNECRow + 3
)

// orderCP932 turns the rows around. Of a character that is there twice the first place counts.
func orderCP932() {
	cp932Read.Do(readCP932)
	cp932Codes = map[rune]uint16{}
	for row, cells := range cp932Rows {
		for cell, r := range cells {
			if _, there := cp932Codes[r]; there || r == utf8.RuneError || (firstNECRow <= row && row <= lastNECRow) {
				continue
			}
			cp932Codes[r] = cp932Code(row*cellsPerRow + cell)
		}
	}
}

// cp932Code returns the two bytes of a cell, counted from the first.
func cp932Code(cell int) uint16 {
	lead, trail := 0x81+cell/cellsPerLead, 0x40+cell%cellsPerLead
	if lead > 0x9f { // behind the katakana of half width
		lead += 0x40
	}
	if trail >= 0x7f {
		trail++
	}
	return uint16(lead<<8 | trail)
}

// ToCP932 returns a text as [FromCP932] reads it, for platforms that take
// Shift_JIS in a search or an upload. A wave dash or minus of other systems
// becomes that of Windows, and a yen sign a backslash. The error is for a
// character that is not there, such as 𠮷 or an emoji, and tells which.
func ToCP932(text string) ([]byte, error) {
	cp932Write.Do(orderCP932)
	encoded := make([]byte, 0, len(text))
	for _, r := range text {
		r = alike(r)
		code, known := cp932Codes[r]
		switch {
		case r < utf8.RuneSelf:
			encoded = append(encoded, byte(r))
		case '｡' <= r && r <= 'ﾟ':
			encoded = append(encoded, byte(0xa1+r-'｡'))
		case known:
			encoded = append(encoded, byte(code>>8), byte(code))
		default:
			return nil, fmt.Errorf("%q (U+%04X) cannot be written in Shift_JIS", r, r)
		}
	}
	return encoded, nil
}

// alike returns the character that Windows writes for one of other systems, or r itself.
func alike(r rune) rune {
	const others, windows = "〜−‖—¢£¬¥‾", "～－∥―￠￡￢\\~"
	before, _, found := strings.Cut(others, string(r))
	if !found {
		return r
	}
	return []rune(windows)[utf8.RuneCountInString(before)]
}
