package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// Tokens keeps OAuth tokens, sealed. It is what package egress calls Tokens.
type Tokens struct{ vault *Vault }

// Tokens returns the vault's tokens.
func (v *Vault) Tokens() Tokens { return Tokens{v} }

// Load returns what was saved under key, nil if nothing was, or [ErrKey].
func (t Tokens) Load(ctx context.Context, key string) ([]byte, error) {
	return t.vault.load(ctx, tokenPrefix+key)
}

// Swap saves next if old is what is saved now (nil: nothing, or what was sealed
// with a key that is not there), and says whether it did.
func (t Tokens) Swap(ctx context.Context, key string, old, next []byte) (bool, error) {
	key = tokenPrefix + key
	row, err := t.vault.rows.Get(ctx, key)
	if err != nil {
		return false, fmt.Errorf("reading the vault: %w", err)
	}
	var now []byte
	if row != nil {
		if now, err = t.vault.open(key, row); err != nil && !errors.Is(err, ErrKey) {
			return false, err
		}
	}
	if (now == nil) != (old == nil) || !bytes.Equal(now, old) {
		return false, nil
	}
	return t.vault.swap(ctx, key, row, next)
}
