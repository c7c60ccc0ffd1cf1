package org

import "fmt"

const suffixDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// LongID returns the 18 characters of a 15-character id: three more that say
// which of the letters are capitals. Other strings are returned as they are.
func LongID(id string) string {
	if len(id) != 15 {
		return id
	}
	var suffix [3]byte
	for chunk := range suffix {
		bits := 0
		for i := range 5 {
			if c := id[chunk*5+i]; 'A' <= c && c <= 'Z' {
				bits |= 1 << i
			}
		}
		suffix[chunk] = suffixDigits[bits]
	}
	return id + string(suffix[:])
}

func validID(id string) bool {
	if len(id) != 15 && len(id) != 18 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return len(id) == 15 || LongID(id[:15]) == id
}

// MakeID returns the n-th id of the prefix.
func MakeID(prefix string, n int) string {
	return LongID(fmt.Sprintf("%sxx%010d", prefix, n))
}
