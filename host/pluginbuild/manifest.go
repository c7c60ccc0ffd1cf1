package pluginbuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/sdk/abi"
)

// addManifest asks the module for its manifest and appends it as a section.
func (b *Builder) addManifest(ctx context.Context, wasm []byte) ([]byte, error) {
	if b.opts.Describe == nil {
		return nil, errors.New("a plugin cannot be built without a way to run its describe export")
	}
	text, err := b.opts.Describe(ctx, wasm)
	if err != nil {
		return nil, fmt.Errorf("asking the plugin to describe itself: %w", err)
	}
	if err := checkManifest(text); err != nil {
		return nil, err
	}
	return abi.AppendManifest(wasm, text)
}

// checkManifest validates what a plugin says of itself. A connector whose
// declaration is wrong answers {"error": why}.
func checkManifest(text []byte) error {
	var described struct {
		abi.Manifest
		Error string `json:"error"`
	}
	if err := json.Unmarshal(text, &described); err != nil {
		return fmt.Errorf("decoding the manifest: %w", err)
	}
	if described.Error != "" {
		return fmt.Errorf("the connector's declaration is wrong:\n%s", described.Error)
	}
	return described.Validate()
}
