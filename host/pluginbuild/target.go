package pluginbuild

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/musubi-run/musubi/host/wholefile"
)

// target is one thing to build, and how.
type target struct {
	pkg    string
	suffix string
	env    []string
	flags  []string
	// finish turns what the compiler wrote into the artifact.
	finish func(ctx context.Context, compiled []byte) ([]byte, error)
}

// What the compiler gets for a plugin. Paths of this machine, version control
// and build ids are kept out, so that the same source gives the same bytes everywhere.
var (
	wasmEnv   = []string{"GOOS=wasip1", "GOARCH=wasm", "GOWASM=", "CGO_ENABLED=0"}
	wasmFlags = []string{"-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid="}
)

// What it gets for a program, which stays on this machine: whatever would have
// the standard library compiled once more, beside the one that go run and go
// test use, is left out. On a fresh machine that is a minute.
var nativeFlags = []string{"-buildvcs=false", "-ldflags=-s -w"}

func asIs(_ context.Context, compiled []byte) ([]byte, error) { return compiled, nil }

// build returns the artifact from the cache if its sources are those it was
// built from, and builds it otherwise.
func (b *Builder) build(ctx context.Context, t target) (*Artifact, error) {
	tool, err := newGoTool(b.opts.Dir, t)
	if err != nil {
		return nil, err
	}
	key, name, err := tool.key(ctx)
	if err != nil {
		return nil, err
	}
	slot := b.slot(tool, name)
	held, err := lock(ctx, filepath.Join(filepath.Dir(slot.file), lockName))
	if err != nil {
		return nil, err
	}
	defer held.Close() //nolint:errcheck // it releases the lock
	if err := use(held, tool.dir); err != nil {
		return nil, fmt.Errorf("marking the build cache: %w", err)
	}
	if slot.holds(key) {
		return &Artifact{Path: slot.file, Cached: true}, nil
	}
	b.opts.Building(t.pkg)
	if err := b.compile(ctx, tool, slot, key); err != nil {
		return nil, err
	}
	trim(b.opts.CacheDir, held)
	return &Artifact{Path: slot.file}, nil
}

// compile fills the slot. The stamp goes away first and comes back last, so
// that whatever interrupts it leaves a slot that holds nothing.
func (b *Builder) compile(ctx context.Context, tool *goTool, s slot, key string) error {
	if err := os.Remove(s.stamp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.tidy()
	compiled, err := tool.compile(ctx, filepath.Dir(s.file))
	if err != nil {
		return err
	}
	finished, err := tool.target.finish(ctx, compiled)
	if err != nil {
		return err
	}
	if err := wholefile.Replace(s.file, finished, 0o755); err != nil {
		return err
	}
	return wholefile.Replace(s.stamp, []byte(key+"\n"+digest(finished)+"\n"), 0o644)
}

// slot is the place in the cache for one package, whatever its source is just now.
type slot struct{ file, stamp string }

func (b *Builder) slot(tool *goTool, name string) slot {
	id := sha256.Sum256([]byte(tool.dir + "\x00" + name + "\x00" + tool.target.suffix))
	base := filepath.Base(name)
	dir := filepath.Join(b.opts.CacheDir, base+"-"+hex.EncodeToString(id[:6]))
	file := filepath.Join(dir, base+tool.target.suffix)
	return slot{file: file, stamp: filepath.Join(dir, "stamp")}
}

// tidy removes what a build left in the slot that was killed.
func (s slot) tidy() {
	for _, pattern := range []string{scratchName, wholefile.Drafts} {
		left, _ := filepath.Glob(filepath.Join(filepath.Dir(s.file), pattern)) //nolint:errcheck // the patterns are right
		for _, name := range left {
			discard(name)
		}
	}
}

// holds says whether the slot's artifact was built from key and is undamaged.
func (s slot) holds(key string) bool {
	stamp, err := os.ReadFile(s.stamp)
	if err != nil {
		return false
	}
	content, err := os.ReadFile(s.file)
	if err != nil {
		return false
	}
	return strings.TrimSpace(string(stamp)) == key+"\n"+digest(content)
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
