package vault

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// Key seals a vault.
type Key [chacha20poly1305.KeySize]byte

// String hides the key from whatever prints it.
func (Key) String() string { return Redacted }

// GoString hides the key from whatever prints it.
func (Key) GoString() string { return Redacted }

// NewKey returns a random key.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k[:]) // never fails, by its documentation
	return k
}

// Text returns the key as ParseKey reads it.
func (k Key) Text() string { return base64.StdEncoding.EncodeToString(k[:]) }

// ParseKey reads a key of 32 bytes in base64 or hexadecimal, as
// "openssl rand -base64 32" prints one. The error does not repeat it.
func ParseKey(text string) (Key, error) {
	text = strings.TrimSpace(text)
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		if b, err := decode(text); err == nil && len(b) == len(Key{}) {
			return Key(b), nil
		}
	}
	return Key{}, errNoKey
}

var errNoKey = errors.New("a vault key is 32 random bytes in base64 or hexadecimal: openssl rand -base64 32")

// KeyFile reads the key in path, or makes one there if the file does not
// exist: made says so, and the caller warns that the key lies beside what it
// seals. A file that others can read is refused.
func KeyFile(path string) (key Key, made bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key = NewKey()
		if err := writeKey(path, key); err == nil || !errors.Is(err, fs.ErrExist) {
			return key, true, err
		}
		text, err = os.ReadFile(path) // another process was faster
	}
	if err != nil {
		return Key{}, false, fmt.Errorf("reading the vault key: %w", err)
	}
	if err := checkMode(path); err != nil {
		return Key{}, false, err
	}
	key, err = ParseKey(string(text))
	if err != nil {
		return Key{}, false, fmt.Errorf("reading the vault key %s: %w", path, err)
	}
	return key, false, nil
}

const (
	keyMode = 0o600
	dirMode = 0o700
)

// writeKey makes the file with its whole content or not at all, and never over another.
func writeKey(path string, key Key) error {
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return fmt.Errorf("making the folder of the vault key: %w", err)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return fmt.Errorf("writing the vault key: %w", err)
	}
	defer os.Remove(draft.Name()) //nolint:errcheck // a draft
	_, err = draft.WriteString(key.Text() + "\n")
	err = errors.Join(err, draft.Sync(), draft.Close())
	if err != nil {
		return fmt.Errorf("writing the vault key: %w", err)
	}
	if err := os.Link(draft.Name(), path); err != nil {
		return fmt.Errorf("writing the vault key: %w", err)
	}
	return nil
}

func checkMode(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("reading the vault key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("the vault key %s can be read by others (mode %04o): chmod %04o it", path, mode, keyMode)
	}
	return nil
}
