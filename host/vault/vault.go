// Package vault holds what must never be seen: it looks up secrets where the
// configuration says they are, keeps its own sealed at rest, keeps OAuth
// tokens, and removes all of them from text.
package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Rows is where sealed values are kept: a small ordered table.
type Rows interface {
	// Get returns the value of key, or nil if there is none.
	Get(ctx context.Context, key string) ([]byte, error)
	// Swap sets key to next (nil removes it) if its value is old (nil: there is
	// none), and says whether it did.
	Swap(ctx context.Context, key string, old, next []byte) (bool, error)
	// Keys returns all keys that begin with prefix, in order.
	Keys(ctx context.Context, prefix string) ([]string, error)
}

// Options open a [Vault].
type Options struct {
	// Rows keeps what is sealed.
	Rows Rows
	// Keys seal it: the first is used, the others can still open what they sealed once.
	Keys []Key
	// Getenv looks up environment variables; nil means the process's.
	Getenv func(string) (string, bool)
}

// Vault looks up and keeps secrets. It is safe for concurrent use.
type Vault struct {
	rows   Rows
	seals  []seal
	getenv func(string) (string, bool)
}

// The places where a secret may be; see [Reference].
const (
	env    = "env"
	file   = "file"
	sealed = "vault"
)

// Reference says where a secret is: an environment variable (env), a file
// (file, with an absolute path) or this vault (vault).
type Reference struct{ Scheme, Name string }

// String returns the reference as it is written in the configuration.
func (r Reference) String() string { return r.Scheme + ":" + r.Name }

const (
	secretPrefix = "secret/"
	tokenPrefix  = "token/"
	// maxSecret bounds a secret's length, in bytes: a file that is longer is the wrong file.
	maxSecret = 64 << 10
)

// New returns a vault. It needs at least one key.
func New(o Options) (*Vault, error) {
	if len(o.Keys) == 0 {
		return nil, errors.New("opening the vault: no key")
	}
	v := &Vault{rows: o.Rows, getenv: o.Getenv}
	if v.getenv == nil {
		v.getenv = os.LookupEnv
	}
	for _, key := range o.Keys {
		v.seals = append(v.seals, newSeal(key))
	}
	return v, nil
}

var (
	errUnset = errors.New("the environment variable is not set")
	errEmpty = errors.New("it is empty")
	// ErrUnknown is returned for a name that the vault does not hold.
	ErrUnknown = errors.New("the vault holds no such secret")
)

// Resolve looks up all references, by their path in the configuration. All
// that are missing are in the error at once, [FaultErrors] in order of path.
func (v *Vault) Resolve(ctx context.Context, wanted map[string]Reference) (map[string]string, error) {
	paths := make([]string, 0, len(wanted))
	for path := range wanted {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	found := make(map[string]string, len(wanted))
	var faults FaultErrors
	for _, path := range paths {
		value, err := v.Lookup(ctx, wanted[path])
		if err != nil {
			faults = append(faults, &Fault{path, wanted[path], err})
			continue
		}
		found[path] = value
	}
	if len(faults) > 0 {
		return found, faults
	}
	return found, nil
}

// Lookup returns one secret. A line break at its end, which editors leave in
// files, is not part of it.
func (v *Vault) Lookup(ctx context.Context, r Reference) (string, error) {
	var value string
	var err error
	switch r.Scheme {
	case env:
		value, err = v.variable(r.Name)
	case file:
		value, err = readSecret(r.Name)
	case sealed:
		value, err = v.Get(ctx, r.Name)
	default:
		return "", fmt.Errorf("a secret cannot be in %q: env, file and vault are known", r.Scheme)
	}
	if err != nil {
		return "", err
	}
	if value = strings.TrimRight(value, "\r\n"); value == "" {
		return "", errEmpty
	}
	return value, nil
}

func (v *Vault) variable(name string) (string, error) {
	value, set := v.getenv(name)
	if !set {
		return "", errUnset
	}
	return value, nil
}

func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > maxSecret {
		return "", fmt.Errorf("it is not a file of at most %d bytes", maxSecret)
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

// Get returns the secret that the vault holds under name, or [ErrUnknown].
func (v *Vault) Get(ctx context.Context, name string) (string, error) {
	value, err := v.load(ctx, secretPrefix+name)
	if err != nil {
		return "", err
	}
	if value == nil {
		return "", ErrUnknown
	}
	return string(value), nil
}

// Set keeps a secret under name, in the place of an older one.
func (v *Vault) Set(ctx context.Context, name, value string) error {
	if value == "" || len(value) > maxSecret {
		return fmt.Errorf("a secret has 1 to %d bytes", maxSecret)
	}
	return v.put(ctx, secretPrefix+name, []byte(value))
}

// Remove forgets the secret under name; it may be gone already.
func (v *Vault) Remove(ctx context.Context, name string) error {
	return v.put(ctx, secretPrefix+name, nil)
}

// Names returns the names of the secrets that the vault holds.
func (v *Vault) Names(ctx context.Context) ([]string, error) {
	keys, err := v.rows.Keys(ctx, secretPrefix)
	if err != nil {
		return nil, fmt.Errorf("listing the vault: %w", err)
	}
	for i, key := range keys {
		keys[i] = strings.TrimPrefix(key, secretPrefix)
	}
	return keys, nil
}

// put sets a row whatever it holds. It tries again when somebody else changed the row meanwhile.
func (v *Vault) put(ctx context.Context, key string, value []byte) error {
	for {
		old, err := v.rows.Get(ctx, key)
		if err != nil {
			return fmt.Errorf("reading the vault: %w", err)
		}
		done, err := v.swap(ctx, key, old, value)
		if err != nil || done {
			return err
		}
	}
}

func (v *Vault) swap(ctx context.Context, key string, old, value []byte) (bool, error) {
	var next []byte
	if value != nil {
		next = v.seals[0].close(key, value)
	}
	done, err := v.rows.Swap(ctx, key, old, next)
	if err != nil {
		return false, fmt.Errorf("writing the vault: %w", err)
	}
	return done, nil
}

func (v *Vault) load(ctx context.Context, key string) ([]byte, error) {
	row, err := v.rows.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("reading the vault: %w", err)
	}
	if row == nil {
		return nil, nil
	}
	return v.open(key, row)
}
