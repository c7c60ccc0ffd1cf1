package gocode_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/musubi-run/musubi/host/wasm/gocode"
)

// What Rewrite wrote for some modules when the revision was last raised.
const (
	noted  = "4"
	digest = "da58fcea34766bf5"
)

// Code that was compiled earlier stays in caches under the revision's name.
func TestRevisionTellsHowModulesAreChanged(t *testing.T) {
	sum := sha256.New()
	sum.Write(gocode.Rewrite(bulkModule()))
	for seed := range uint64(50) {
		sum.Write(gocode.Rewrite(randomModule(seed)))
	}
	if got := hex.EncodeToString(sum.Sum(nil))[:16]; gocode.Revision != noted || got != digest {
		t.Errorf("revision %s writes %s, and was %s, %s: raise gocode.Revision, then note both here", gocode.Revision, got, noted, digest)
	}
}
