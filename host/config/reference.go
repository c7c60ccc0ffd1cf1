package config

import (
	"path/filepath"
	"strings"
)

// Reference says where a secret is: "env:NAME", "file:/path" or "vault:name".
// The zero Reference refers to nothing.
type Reference struct {
	// Scheme is one of the schemes below; Name is what it names, a path made absolute.
	Scheme, Name string
}

// The places where a secret may be.
const (
	FromEnv   = "env"
	FromFile  = "file"
	FromVault = "vault"
)

// String returns the reference as it is written.
func (r Reference) String() string {
	if r.IsZero() {
		return ""
	}
	return r.Scheme + ":" + r.Name
}

// IsZero says that there is no reference.
func (r Reference) IsZero() bool { return r == Reference{} }

// ParseReference reads a reference; relative paths are relative to dir. It
// returns false for anything else, which then may be the secret itself and
// must not be repeated in a message.
func ParseReference(text, dir string) (Reference, bool) {
	scheme, name, _ := strings.Cut(text, ":")
	switch {
	case scheme == FromEnv && isEnvName(name), scheme == FromVault && IsName(name):
		return Reference{scheme, name}, true
	case scheme == FromFile && name != "" && !strings.HasPrefix(name, "//"):
		return Reference{scheme, resolve(dir, name)}, true
	default:
		return Reference{}, false
	}
}

func resolve(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

func isEnvName(s string) bool {
	for i, c := range s {
		if c != '_' && !isLetter(c) && (i == 0 || !isDigit(c)) {
			return false
		}
	}
	return s != ""
}

// IsName says whether s may name a connection or a vault entry: lower-case
// letters, digits, "_" and "-", beginning with a letter.
func IsName(s string) bool {
	for i, c := range s {
		lower := 'a' <= c && c <= 'z'
		if !lower && (i == 0 || !isDigit(c) && c != '_' && c != '-') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

func isLetter(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c rune) bool { return '0' <= c && c <= '9' }
