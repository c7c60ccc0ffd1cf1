package simkit

import (
	"strconv"
	"strings"
)

// credentialWords mark the header names whose values are credentials.
var credentialWords = []string{"auth", "token", "secret", "key", "cookie", "signature", "session", "password"}

// redact returns value, or its shape if the header carries a credential: the
// scheme and parameter names stay, secrets become their length, as in
// `Token token="<9>"`. Tests check the form of a credential by it.
func redact(name, value string) string {
	lower := strings.ToLower(name)
	if strings.Contains(lower, "idempotency") || strings.Contains(lower, "retry") {
		return value
	}
	for _, word := range credentialWords {
		if strings.Contains(lower, word) {
			return shape(value)
		}
	}
	return value
}

func shape(value string) string {
	scheme, rest, found := strings.Cut(value, " ")
	if !found {
		scheme, rest = "", value
	} else {
		scheme += " "
	}
	var out strings.Builder
	out.WriteString(scheme)
	for rest != "" {
		size := strings.IndexAny(rest, `" ,;`)
		if size < 0 {
			size = len(rest)
		}
		word := rest[:size]
		rest = rest[size:]
		out.WriteString(shapeWord(word, strings.HasPrefix(rest, `"`)))
		if rest != "" {
			out.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	return out.String()
}

// shapeWord hides a word unless it is the name of a quoted parameter.
func shapeWord(word string, quoted bool) string {
	if word == "" || (quoted && strings.HasSuffix(word, "=")) {
		return word
	}
	return "<" + strconv.Itoa(len(word)) + ">"
}
