package codec

import (
	"math/bits"
	"unicode/utf8"
	"unsafe"
)

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plainBytes returns how many bytes at the beginning of s are neither quotes,
// backslashes nor control characters, and whether all of them are ASCII. It
// looks at eight bytes at a time: in the sandbox a step costs the same for one or for eight.
func plainBytes(s string) (n int, ascii bool) {
	base, wide := unsafe.Pointer(unsafe.StringData(s)), uint64(0)
	for ; n+8 <= len(s); n += 8 {
		word := *(*uint64)(unsafe.Add(base, n)) // WebAssembly is little-endian; so are all hosts that tests run on
		quote, slash := word^(lows*'"'), word^(lows*'\\')
		// A byte's high bit is set where it is zero after the subtraction
		// borrowed. A borrow spills upwards only, so the lowest one is true.
		special := ((quote - lows) &^ quote) | ((slash - lows) &^ slash) | ((word - lows*0x20) &^ word)
		if special &= highs; special != 0 {
			plain := bits.TrailingZeros64(special) &^ 7
			wide |= word & (1<<plain - 1)
			return n + plain/8, wide&highs == 0
		}
		wide |= word
	}
	for ; n < len(s); n++ {
		c := s[n]
		if c == '"' || c == '\\' || c < ' ' {
			break
		}
		wide |= uint64(c)
	}
	return n, wide&highs == 0
}

// validUTF8 says whether s is UTF-8, and whether the two separators are in it
// that JavaScript takes for line ends. It has a short way for what Japanese
// text consists of, characters of three bytes.
func validUTF8(s string) (ok, separators bool) {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			continue
		}
		if c > 0xe2 && c < 0xf0 && c != 0xed && i+2 < len(s) && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80 {
			i += 3
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			return false, separators
		}
		separators = separators || r == '\u2028' || r == '\u2029'
		i += size
	}
	return true, separators
}

// startsWith says whether want stands in s at pos. It is strings.HasPrefix
// without the call into the runtime, which costs more than the comparison.
func startsWith(s string, pos int, want string) bool {
	if len(s)-pos < len(want) {
		return false
	}
	a, b, n := unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), pos), unsafe.Pointer(unsafe.StringData(want)), len(want)
	i := 0
	for ; i+8 <= n; i += 8 {
		if *(*uint64)(unsafe.Add(a, i)) != *(*uint64)(unsafe.Add(b, i)) {
			return false
		}
	}
	for ; i < n; i++ {
		if *(*byte)(unsafe.Add(a, i)) != *(*byte)(unsafe.Add(b, i)) {
			return false
		}
	}
	return true
}
