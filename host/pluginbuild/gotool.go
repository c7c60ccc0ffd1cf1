package pluginbuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrNoGo is returned on a machine without the go command.
var ErrNoGo = errors.New("the go command is not installed here, and building needs it: " +
	"install Go from https://go.dev/dl, or use ready-made .wasm files, which need nothing")

// goTool runs the go command for one target.
type goTool struct {
	path   string
	dir    string // where it runs
	pkg    string // what it builds, as it is called there
	target target
}

// newGoTool finds the go command. A folder is built from inside, so that it may
// belong to a module of its own.
func newGoTool(dir string, t target) (*goTool, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, ErrNoGo
	}
	tool := &goTool{path: path, dir: dir, pkg: t.pkg, target: t}
	folder := t.pkg
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(dir, folder)
	}
	if info, err := os.Stat(folder); err == nil && info.IsDir() {
		tool.dir, tool.pkg = folder, "."
	}
	tool.dir, err = filepath.Abs(tool.dir)
	return tool, err
}

// scratchName is the pattern of the folders in which is compiled.
const scratchName = "tmp-*"

// compile builds into a temporary file under scratch and returns its content.
func (g *goTool) compile(ctx context.Context, scratch string) (compiled []byte, err error) {
	dir, err := os.MkdirTemp(scratch, scratchName)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	out := filepath.Join(dir, "out")
	args := append([]string{"build"}, g.target.flags...)
	if _, err := g.run(ctx, append(args, "-o", out, g.pkg)...); err != nil {
		return nil, err
	}
	return os.ReadFile(out)
}

// run runs the go command and returns what it printed. Its error is the
// compiler's message.
func (g *goTool) run(ctx context.Context, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, g.path, args...) //nolint:gosec // the caller's packages, built for the caller
	command.Dir = g.dir
	command.Env = append(os.Environ(), g.target.env...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err == nil {
		return out, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if message := strings.TrimSpace(stderr.String()); message != "" {
		return nil, &CompileError{Message: message}
	}
	return nil, fmt.Errorf("running go %s: %w", args[0], err)
}

// CompileError is what the go command said about the source, several lines as it printed them.
type CompileError struct{ Message string }

// Error returns the compiler's message.
func (e *CompileError) Error() string { return "the source does not compile:\n" + e.Message }
