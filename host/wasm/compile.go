package wasm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/musubi-run/musubi/host/wasm/meter"
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

// compile meters and compiles source, or reads the code that an earlier compile
// left under cacheDir. Each module has a folder of its own there, named by what
// is compiled: a plugin that is metered differently has another.
func compile(source []byte, cacheDir string, log *slog.Logger) (*program, error) {
	metered, err := meter.Rewrite(source)
	if err != nil {
		return nil, invalid(fmt.Errorf("metering: %w", err))
	}
	if cacheDir == "" {
		return compileWith(metered, "")
	}
	sum := sha256.Sum256(metered)
	dir := filepath.Join(cacheDir, hex.EncodeToString(sum[:]))
	p, err := compileWith(metered, dir)
	if err != nil {
		return recompile(metered, dir, err, log)
	}
	if p.fresh {
		if err := trimCache(cacheDir, maxCached); err != nil {
			log.Warn("plugin cache grows", slog.String("dir", cacheDir), slog.String("error", err.Error()))
		}
	}
	return p, nil
}

// recompile finds out whether the module or its cache is at fault. A cache that
// cannot be read is thrown away: it is only a cache.
func recompile(metered []byte, dir string, cause error, log *slog.Logger) (*program, error) {
	p, err := compileWith(metered, "")
	if err != nil {
		return nil, err
	}
	log.Warn("plugin cache was unreadable and is dropped", slog.String("dir", dir), slog.String("error", cause.Error()))
	if err := os.RemoveAll(dir); err != nil {
		log.Warn("plugin cache was not dropped", slog.String("dir", dir), slog.String("error", err.Error()))
	}
	return p, nil
}

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
