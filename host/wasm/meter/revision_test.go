package meter_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/host/wasm/meter"
)

// Compiled code is kept under the plugin's digest and the revision. Whoever
// changes what Rewrite writes raises the revision, and then notes the new digest here.
func TestRevisionTellsHowModulesAreMetered(t *testing.T) {
	const revision, digest = "3", "bd53c53488e7ccf4"
	sum := sha256.New()
	for _, module := range []asm.Module{
		run(count(10, nops(64)), asm.Const(0), asm.Const(0), asm.Const(65536), asm.Op(0xfc, 10, 0, 0)),
		run(asm.Op(0x03, 0x40, 0x02, 0x40, 0x41, 1, 0x0d, 2, 0x0b, 0x00, 0x0b)),
		{Pages: 1, Table: 2, Elements: []uint32{0}, Data: []byte("text"), Funcs: []asm.Func{{Name: "run", Code: asm.Code(asm.Call(1), asm.Const(0), asm.Op(0x11, 0, 0))}, fork}},
	} {
		metered, err := meter.Rewrite(module.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(metered)
	}
	if got := hex.EncodeToString(sum.Sum(nil))[:16]; got != digest || meter.Revision != revision {
		t.Errorf("revision %s writes %s, and was %s, %s: raise meter.Revision, then note both here", meter.Revision, got, revision, digest)
	}
}
