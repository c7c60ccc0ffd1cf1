package config

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/musubi-run/musubi/host/wholefile"
)

const (
	hookFile  = "hooks.json"
	adminFile = "admin.token"
	// tokenBytes gives a token 192 bits, 32 characters.
	tokenBytes = 24
	ownerOnly  = 0o600
)

// TokenFiles are the names of the files in a data folder that hold tokens.
func TokenFiles() []string { return []string{hookFile, adminFile} }

// HookTokenFile is where the tokens of webhook addresses are kept.
func HookTokenFile(data string) string { return filepath.Join(data, hookFile) }

// AdminTokenFile is where the token of the admin API is kept.
func AdminTokenFile(data string) string { return filepath.Join(data, adminFile) }

// HookTokens are the unguessable parts of webhook addresses. They are made
// once and kept in the data folder, so that an address stays as it was given
// to the platform, until a person has one renewed. They are safe for concurrent use.
type HookTokens struct {
	file string

	mu     sync.Mutex
	tokens map[string]string
}

// LoadHookTokens reads the tokens of a data folder. A folder without any has none yet.
func LoadHookTokens(data string) (*HookTokens, error) {
	t := &HookTokens{file: HookTokenFile(data), tokens: map[string]string{}}
	text, err := os.ReadFile(t.file)
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the webhook tokens: %w", err)
	}
	if err := json.Unmarshal(text, &t.tokens); err != nil {
		return nil, fmt.Errorf("reading the webhook tokens in %s: %w", t.file, err)
	}
	return t, nil
}

// Token returns the connection's token, or "" if it has none yet.
func (t *HookTokens) Token(connection string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tokens[connection]
}

// Renew makes another token from random in the place of the connection's, and
// returns when it is on the disk. If that fails the old one stays.
func (t *HookTokens) Renew(random io.Reader, connection string) error {
	token, err := newToken(random)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	tokens := maps.Clone(t.tokens)
	tokens[connection] = token
	if err := t.write(tokens); err != nil {
		return err
	}
	t.tokens = tokens
	return nil
}

// Ensure makes a token from random for each of the connections that has none,
// and returns when they are on the disk.
func (t *HookTokens) Ensure(random io.Reader, connections ...string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	made := false
	for _, name := range connections {
		if t.tokens[name] != "" {
			continue
		}
		token, err := newToken(random)
		if err != nil {
			return err
		}
		t.tokens[name], made = token, true
	}
	if !made {
		return nil
	}
	return t.write(t.tokens)
}

func (t *HookTokens) write(tokens map[string]string) error {
	text, err := json.MarshalIndent(tokens, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the webhook tokens: %w", err)
	}
	return replace(t.file, append(text, '\n'))
}

// LoadAdminToken reads the token of the admin API from the data folder. The
// error is [fs.ErrNotExist] if no host has run there yet.
func LoadAdminToken(data string) (string, error) {
	return ReadToken(AdminTokenFile(data))
}

// ReadToken reads a file that holds one token.
func ReadToken(file string) (string, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return "", fmt.Errorf("reading the admin token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return "", fmt.Errorf("reading the admin token: %s is empty", file)
	}
	return token, nil
}

// EnsureAdminToken is LoadAdminToken for the host itself, which makes a token from random if there is none.
func EnsureAdminToken(data string, random io.Reader) (string, error) {
	token, err := LoadAdminToken(data)
	if !errors.Is(err, fs.ErrNotExist) {
		return token, err
	}
	token, err = newToken(random)
	if err != nil {
		return "", err
	}
	return token, replace(AdminTokenFile(data), []byte(token+"\n"))
}

func newToken(random io.Reader) (string, error) {
	var bits [tokenBytes]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return "", fmt.Errorf("making a token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(bits[:]), nil
}

// replace writes a file that only its owner may read, whole or not at all.
func replace(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	return wholefile.Replace(file, text, ownerOnly)
}
