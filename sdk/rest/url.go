package rest

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

func isAbsolute(url string) bool {
	return strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")
}

// join puts one slash between base and path.
func join(base, path string) string {
	return strings.TrimRight(base, "/") + "/" + strings.TrimLeft(path, "/")
}

// fill replaces the verbs of format by the escaped args.
func fill(format string, args []any) (string, error) {
	var b strings.Builder
	used := 0
	for {
		before, after, found := strings.Cut(format, "%")
		b.WriteString(before)
		if !found {
			break
		}
		if strings.HasPrefix(after, "%") {
			b.WriteByte('%')
			format = after[1:]
			continue
		}
		if after == "" || strings.IndexByte("sdv", after[0]) < 0 || used == len(args) {
			return "", misuse("path %q does not fit its %d arguments", b.String()+"%"+after, len(args))
		}
		segment, err := argument(args[used], used)
		if err != nil {
			return "", err
		}
		b.WriteString(segment)
		used, format = used+1, after[1:]
	}
	if used != len(args) {
		return "", misuse("path %q uses %d of %d arguments", b.String(), used, len(args))
	}
	return b.String(), nil
}

// argument returns arg as one path segment.
func argument(arg any, index int) (string, error) {
	text, err := textOf(arg)
	if err != nil {
		return "", err
	}
	if text == "" || text == "." || text == ".." {
		return "", &abi.Error{Kind: abi.Invalid, Message: fmt.Sprintf("argument %d of the address is %q: an id was expected", index+1, text)}
	}
	return Escape(text), nil
}

func misuse(format string, args ...any) error {
	return &abi.Error{Kind: abi.Internal, Message: fmt.Sprintf(format, args...)}
}

const upperHex = "0123456789ABCDEF"

// Escape escapes all but letters, digits and -._~ (RFC 3986's unreserved), so
// that the result stands for itself in a path, a query and a form alike.
func Escape(s string) string {
	plain := 0
	for plain < len(s) && unreserved(s[plain]) {
		plain++
	}
	if plain == len(s) {
		return s
	}
	return string(appendEscaped(make([]byte, 0, len(s)+16), s))
}

func appendEscaped(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; unreserved(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return b
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
