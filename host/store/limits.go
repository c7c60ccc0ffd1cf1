package store

import (
	"errors"
	"fmt"
)

// Every backend keeps exactly these limits, so that what one accepts all accept.
const (
	// MaxKey is the longest key in bytes.
	MaxKey = 32 << 10
	// MaxValue is the longest value in bytes.
	MaxValue = 16 << 20
	// MaxRows is how many mutations one batch may hold, and how many conditions.
	MaxRows = 5_000
	// LargeValue is the size from which a value is kept aside from the rows. It
	// costs a second write, and only its key counts in MaxSmall.
	LargeValue = 16 << 10
	// MaxSmall bounds the keys and the values below LargeValue of one batch, in bytes together.
	MaxSmall = 768 << 10
	// MaxBatch bounds all keys and values of one batch, those of conditions too, in bytes together.
	MaxBatch = 32 << 20
)

// ErrInvalid is returned by Commit for a batch that no backend would ever take:
// it changes a key twice or is over a limit. Nothing was written.
var ErrInvalid = errors.New("store: invalid batch")

// Check reports, as an ErrInvalid, why the batch can never be committed.
// Backends call it; callers need not.
func (b *Batch) Check() error {
	if len(b.Do) > MaxRows || len(b.If) > MaxRows {
		return fmt.Errorf("%w: %d mutations and %d conditions, at most %d", ErrInvalid, len(b.Do), len(b.If), MaxRows)
	}
	if err := b.checkSizes(); err != nil {
		return err
	}
	return b.checkKeys()
}

func (b *Batch) checkSizes() error {
	small, all := 0, 0
	for i := range b.If {
		k, v := len(b.If[i].Key), len(b.If[i].Value)
		if err := checkRow(k, v); err != nil {
			return err
		}
		all += k + v
	}
	for i := range b.Do {
		k, v := len(b.Do[i].Key), len(b.Do[i].Value)
		if err := checkRow(k, v); err != nil {
			return err
		}
		small += k
		if v < LargeValue {
			small += v
		}
		all += k + v
	}
	if small > MaxSmall || all > MaxBatch {
		return fmt.Errorf("%w: %d bytes of small rows, %d of all, at most %d and %d", ErrInvalid, small, all, MaxSmall, MaxBatch)
	}
	return nil
}

func checkRow(key, value int) error {
	if key > MaxKey || value > MaxValue {
		return fmt.Errorf("%w: a key of %d and a value of %d bytes, at most %d and %d", ErrInvalid, key, value, MaxKey, MaxValue)
	}
	return nil
}

// fewKeys is up to where comparing every pair is faster than building a set.
const fewKeys = 12

func (b *Batch) checkKeys() error {
	if len(b.Do) > fewKeys {
		return b.checkManyKeys()
	}
	for i := range b.Do {
		for j := range i {
			if b.Do[i].Key == b.Do[j].Key {
				return fmt.Errorf("%w: key %q is changed twice", ErrInvalid, b.Do[i].Key)
			}
		}
	}
	return nil
}

func (b *Batch) checkManyKeys() error {
	seen := make(map[string]struct{}, len(b.Do))
	for i := range b.Do {
		key := b.Do[i].Key
		if _, twice := seen[key]; twice {
			return fmt.Errorf("%w: key %q is changed twice", ErrInvalid, key)
		}
		seen[key] = struct{}{}
	}
	return nil
}
