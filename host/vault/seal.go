package vault

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// A sealed row is a version, the id of its key, a random nonce and the
// ciphertext. The row's own key in the table is authenticated with it, so a row
// cannot be moved to another name.
const (
	sealVersion = 1
	keyIDBytes  = 8
	sealHead    = 1 + keyIDBytes + chacha20poly1305.NonceSizeX
)

var (
	// ErrKey is returned for what was sealed with a key that the vault does not have.
	ErrKey  = errors.New("it was sealed with another key than those that this host has")
	errTorn = errors.New("it was changed since it was sealed")
)

type seal struct {
	id   [keyIDBytes]byte
	aead cipher.AEAD
}

func newSeal(key Key) seal {
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		panic(err) // the key's length is its type's
	}
	sum := sha256.Sum256(append([]byte("musubi vault key id\n"), key[:]...))
	return seal{id: [keyIDBytes]byte(sum[:]), aead: aead}
}

func (s seal) close(name string, value []byte) []byte {
	row := make([]byte, sealHead, sealHead+len(value)+s.aead.Overhead())
	row[0] = sealVersion
	copy(row[1:], s.id[:])
	nonce := row[1+keyIDBytes : sealHead]
	_, _ = rand.Read(nonce) // never fails, by its documentation
	return s.aead.Seal(row, nonce, value, []byte(name))
}

func (s seal) made(row []byte) bool { return [keyIDBytes]byte(row[1:]) == s.id }

func (s seal) open(name string, row []byte) ([]byte, error) {
	value, err := s.aead.Open(nil, row[1+keyIDBytes:sealHead], row[sealHead:], []byte(name))
	if err != nil {
		return nil, errTorn
	}
	return value, nil
}

func (v *Vault) open(name string, row []byte) ([]byte, error) {
	if len(row) < sealHead || row[0] != sealVersion {
		return nil, fmt.Errorf("opening %s: %w", name, errTorn)
	}
	for _, s := range v.seals {
		if !s.made(row) {
			continue
		}
		value, err := s.open(name, row)
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", name, err)
		}
		return value, nil
	}
	return nil, fmt.Errorf("opening %s: %w", name, ErrKey)
}

// Rotate seals everything anew with the first key, and returns how many rows
// it changed. When it returns without an error, or with a [LostError], the other
// keys can be destroyed: that names what none of them opens, which stays as it is.
func (v *Vault) Rotate(ctx context.Context) (changed int, err error) {
	keys, err := v.rows.Keys(ctx, "")
	if err != nil {
		return 0, fmt.Errorf("listing the vault: %w", err)
	}
	var lost LostError
	for _, key := range keys {
		moved, err := v.reseal(ctx, key)
		switch {
		case errors.Is(err, ErrKey):
			lost = append(lost, key)
		case err != nil:
			return changed, err
		case moved:
			changed++
		}
	}
	if len(lost) > 0 {
		return changed, lost
	}
	return changed, nil
}

// reseal seals one row with the first key, unless it is.
func (v *Vault) reseal(ctx context.Context, key string) (bool, error) {
	for {
		row, err := v.rows.Get(ctx, key)
		if err != nil {
			return false, fmt.Errorf("reading the vault: %w", err)
		}
		if row == nil || (len(row) >= sealHead && v.seals[0].made(row)) {
			return false, nil
		}
		value, err := v.open(key, row)
		if err != nil {
			return false, err
		}
		done, err := v.swap(ctx, key, row, value)
		if err != nil || done {
			return done, err
		}
	}
}
