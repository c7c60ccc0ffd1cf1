package wasm

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/musubi-run/musubi/host/wasm/gocode"
	"github.com/musubi-run/musubi/host/wasm/meter"
	"github.com/musubi-run/musubi/sdk/abi"
)

// source is where a module's code comes from: the plugin, which may be read
// again, and what an earlier compile left in the cache.
type source struct {
	read   func() ([]byte, error)
	digest [sha256.Size]byte
}

func newSource(wasm []byte, read func() ([]byte, error)) source {
	return source{read: read, digest: sha256.Sum256(wasm)}
}

// bytes reads the plugin, which must be the one that was checked.
func (s *source) bytes() ([]byte, error) {
	wasm, err := s.read()
	if err != nil {
		return nil, &abi.Error{Kind: abi.Unavailable, Message: "reading the plugin: " + err.Error()}
	}
	if sha256.Sum256(wasm) != s.digest {
		return nil, &abi.Error{Kind: abi.Unavailable, Message: "the plugin's file has changed since the host started: start the host again"}
	}
	return wasm, nil
}

// folder is the module's own under cacheDir, named by what is compiled: the
// plugin, and how its code is changed.
func (s *source) folder(cacheDir string) string {
	key := sha256.Sum256(append(s.digest[:], gocode.Revision+"/"+meter.Revision...))
	return filepath.Join(cacheDir, hex.EncodeToString(key[:]))
}

// meteredFile is the metered module in a module's folder, behind its own SHA-256.
const meteredFile = "metered"

func (s *source) cached(cacheDir string) bool {
	_, err := os.Stat(filepath.Join(s.folder(cacheDir), meteredFile))
	return cacheDir != "" && err == nil
}

// compile meters and compiles the plugin, or reads the code that an earlier
// compile left under cacheDir.
func (s *source) compile(cacheDir string, log *slog.Logger) (*program, error) {
	if cacheDir == "" {
		metered, err := s.meter()
		if err != nil {
			return nil, err
		}
		return compileWith(metered, "")
	}
	dir := s.folder(cacheDir)
	if metered := readMetered(dir); metered != nil {
		p, err := compileWith(metered, dir)
		if err == nil {
			return p, nil
		}
		dropCache(dir, err, log)
	}
	return s.compileAnew(cacheDir, log)
}

func (s *source) meter() ([]byte, error) {
	wasm, err := s.bytes()
	if err != nil {
		return nil, err
	}
	metered, err := meter.Rewrite(gocode.Rewrite(wasm))
	if err != nil {
		return nil, invalid(fmt.Errorf("metering: %w", err))
	}
	return metered, nil
}

// compileAnew compiles what is not in the cache. A cache that cannot be used is
// thrown away: it is only a cache.
func (s *source) compileAnew(cacheDir string, log *slog.Logger) (*program, error) {
	metered, err := s.meter()
	if err != nil {
		return nil, err
	}
	dir := s.folder(cacheDir)
	p, err := compileWith(metered, dir)
	if err != nil {
		if p, anyway := compileWith(metered, ""); anyway == nil {
			dropCache(dir, err, log)
			return p, nil
		}
		return nil, err
	}
	if err := writeMetered(dir, metered); err != nil {
		log.Warn("plugin cache was not written", slog.String("dir", dir), slog.String("error", err.Error()))
	}
	if p.fresh {
		if err := trimCache(cacheDir, maxCached); err != nil {
			log.Warn("plugin cache grows", slog.String("dir", cacheDir), slog.String("error", err.Error()))
		}
	}
	return p, nil
}
