package wasm

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// program is a compiled module with an engine of its own, so that modules
// share no lock, no cache file and no fate.
type program struct {
	engine wazero.Runtime
	cache  wazero.CompilationCache
	code   wazero.CompiledModule
	fresh  bool // it was not in the cache
}

const features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst

func compileWith(source []byte, cacheDir string) (*program, error) {
	ctx := context.Background()
	config := wazero.NewRuntimeConfig().WithCoreFeatures(features).WithDebugInfoEnabled(false)
	p := &program{}
	if cacheDir != "" {
		var err error
		if p.cache, p.fresh, err = openCache(cacheDir); err != nil {
			return nil, err
		}
		config = config.WithCompilationCache(p.cache)
	}
	p.engine = wazero.NewRuntimeWithConfig(ctx, config)
	if err := p.load(ctx, source); err != nil {
		return nil, errors.Join(err, p.close(ctx))
	}
	return p, nil
}

func (p *program) load(ctx context.Context, source []byte) error {
	code, err := p.engine.CompileModule(ctx, source)
	if err != nil {
		return invalid(fmt.Errorf("compiling: %w", err))
	}
	p.code = code
	if err := addSystem(ctx, p.engine); err != nil {
		return fmt.Errorf("linking WASI: %w", err)
	}
	if err := addMeter(ctx, p.engine); err != nil {
		return fmt.Errorf("linking the meter: %w", err)
	}
	if err := addHost(ctx, p.engine); err != nil {
		return fmt.Errorf("linking the host functions: %w", err)
	}
	return nil
}

func (p *program) close(ctx context.Context) error {
	err := p.engine.Close(ctx)
	if p.cache == nil {
		return err
	}
	if cacheErr := p.cache.Close(ctx); err == nil {
		err = cacheErr
	}
	return err
}
