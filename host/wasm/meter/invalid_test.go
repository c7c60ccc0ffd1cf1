package meter_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/musubi-run/musubi/host/wasm/meter"
)

// custom names the modules whose only fault is in a custom section, which
// metering drops.
var custom = regexp.MustCompile(`^(custom\.[45]|utf8-custom-section-id\..*|binary-leb128\.(30|55))\.wasm$`)

// TestInvalidModulesStayInvalid: what the engine refuses must not become valid
// by what metering adds.
func TestInvalidModulesStayInvalid(t *testing.T) {
	engine := newEngine(t, wazero.NewRuntimeConfigInterpreter())
	refused := 0
	for _, file := range specFiles(t, "v2/testdata/*.wasm") {
		if custom.MatchString(filepath.Base(file)) {
			continue
		}
		plain, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if compiles(engine, plain) {
			continue
		}
		refused++
		if metered, err := meter.Rewrite(plain); err == nil && compiles(engine, metered) {
			t.Errorf("%s becomes valid", filepath.Base(file))
		}
	}
	if refused < 2000 {
		t.Errorf("only %d modules were refused", refused)
	}
}

func compiles(engine wazero.Runtime, source []byte) bool {
	code, err := engine.CompileModule(context.Background(), source)
	if err == nil {
		_ = code.Close(context.Background())
	}
	return err == nil
}
