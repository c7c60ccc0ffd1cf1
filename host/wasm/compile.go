package wasm

import (
	"context"
	"fmt"
	"log/slog"
	"os"

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
}

const features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst

// compile compiles source, or reads the code that an earlier compile left in
// cacheDir. A cache that cannot be read is thrown away: it is only a cache.
func compile(source []byte, cacheDir string, log *slog.Logger) (*program, error) {
	p, err := compileWith(source, cacheDir)
	if err == nil || cacheDir == "" {
		return p, err
	}
	if _, plain := compileWith(source, ""); plain != nil {
		return nil, plain
	}
	log.Warn("plugin cache was unreadable and is rebuilt", slog.String("dir", cacheDir), slog.String("error", err.Error()))
	if err := os.RemoveAll(cacheDir); err != nil {
		return nil, fmt.Errorf("dropping a broken plugin cache: %w", err)
	}
	return compileWith(source, cacheDir)
}

func compileWith(source []byte, cacheDir string) (*program, error) {
	ctx := context.Background()
	config := wazero.NewRuntimeConfig().WithCoreFeatures(features).WithDebugInfoEnabled(false)
	p := &program{}
	if cacheDir != "" {
		if err := os.MkdirAll(cacheDir, 0o700); err != nil {
			return nil, fmt.Errorf("making the plugin cache: %w", err)
		}
		cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
		if err != nil {
			return nil, fmt.Errorf("opening the plugin cache: %w", err)
		}
		p.cache = cache
		config = config.WithCompilationCache(cache)
	}
	p.engine = wazero.NewRuntimeWithConfig(ctx, config)
	if err := p.load(ctx, source); err != nil {
		_ = p.close(ctx) // the compile's error says more
		return nil, err
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
