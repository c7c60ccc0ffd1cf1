package host_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/musubi-run/musubi/"

// node is a package: what its code imports, and what its tests import besides.
type node struct{ imports, testImports []string }

// graph holds packages by name: ours by their folder, the others by their import path.
type graph map[string]node

// listPackages asks the go command for every package of the module and all
// that they depend on, as that platform sees them; "" is this machine's.
func listPackages(t *testing.T, goos string) graph {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "-json=ImportPath,Imports,TestImports,XTestImports", module+"...")
	list.Env = os.Environ()
	if goos != "" {
		list.Env = append(list.Env, "GOOS="+goos, "GOARCH=wasm")
	}
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	return decodePackages(t, strings.NewReader(string(out)))
}

// readTree looks at every folder of the module, so that the go command knows
// what this test's cached result rests on: it does not see what go list reads.
func readTree(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != ".." && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if errors.Is(err, fs.ErrNotExist) { // another test's, gone meanwhile
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatalf("reading the tree: %v", err)
	}
}

func decodePackages(t *testing.T, list io.Reader) graph {
	t.Helper()
	g := graph{}
	for decoder := json.NewDecoder(list); ; {
		var p struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return g
		} else if err != nil {
			t.Fatalf("decoding the list of packages: %v", err)
		}
		g[folder(p.ImportPath)] = node{folders(p.Imports), folders(append(p.TestImports, p.XTestImports...))}
	}
}

func folder(importPath string) string { return strings.TrimPrefix(importPath, module) }

func folders(paths []string) []string {
	for i, path := range paths {
		paths[i] = folder(path)
	}
	return paths
}

// faults returns a sentence for every import that breaks the rule.
func (l *layer) faults(g graph) []string {
	var all []string
	for name, n := range g {
		if !ours(name) || !l.binds(name) {
			continue
		}
		for _, chain := range l.breaches(g, name, n) {
			all = append(all, fmt.Sprintf("%s\n\tbreaks the rule: %s\n\twhat to do: %s", chain, l.rule, l.advice))
		}
	}
	slices.Sort(all)
	return all
}

func (l *layer) breaches(g graph, name string, n node) []string {
	if l.reach {
		return g.chains(name, func(imported string) bool { return l.forbids(name, imported) })
	}
	var all []string
	for _, imported := range n.imports {
		if l.forbids(name, imported) {
			all = append(all, "package "+name+" imports "+imported)
		}
	}
	for _, imported := range n.testImports {
		if l.includesTests && l.forbids(name, imported) {
			all = append(all, "a test of package "+name+" imports "+imported)
		}
	}
	return all
}

// chains returns the shortest chain of imports from a package to one that is forbidden.
func (g graph) chains(from string, forbidden func(string) bool) []string {
	came := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		for _, imported := range g[queue[0]].imports {
			if _, seen := came[imported]; seen {
				continue
			}
			came[imported] = queue[0]
			if forbidden(imported) {
				return []string{"package " + chain(came, imported)}
			}
			queue = append(queue, imported)
		}
	}
	return nil
}

func chain(came map[string]string, to string) string {
	text := to
	for at := came[to]; at != ""; at = came[at] {
		text = at + " imports " + text
	}
	return text
}

func ours(pkg string) bool { return within(pkg, "sdk", "rules", "host", "plugins", "cmd") }

// TestLayersNotice breaks every rule once in a made-up house.
func TestLayersNotice(t *testing.T) {
	for _, edge := range []struct{ pkg, imports, rule string }{
		{"host/ledger", "github.com/dgraph-io/badger/v4", "only host/store/badger imports"},
		{"host/app", "github.com/tetratelabs/wazero/api", "only host/wasm imports"},
		{"cmd/musubi", "github.com/gofiber/fiber/v2", "only host/web imports"},
		{"host/engine", "github.com/google/cel-go/cel", "only rules imports"},
		{"host/web", "rules", "host/web never imports another"},
		{"host/app", "plugins/shopify", "nobody imports plugins"},
		{"plugins/shopify/sim", "plugins/shopify/order", "a sim and its connector"},
		{"sdk/page", "github.com/google/go-cmp/cmp", "sdk imports only"},
		{"plugins/shopify", "host", "a connector imports only"},
		{"plugins/shopify/sim", "host/store", "a sim knows nothing of the host"},
		{"plugins/shopify", "os", "no file system"},
		{"plugins/shopify", "net/http", "reaches the network only"},
		{"rules", "host", "rules import sdk/abi but"},
		{"host/engine", "host/egress", "host/engine knows neither"},
		{"host", "host/store", "package host holds words"},
		{"host/store/mem", "host/ledger", "nothing in the store's contract"},
		{"host/web", "host/app", "host/app is the wiring"},
	} {
		g := graph{edge.pkg: {imports: []string{edge.imports}}}
		if !noticed(g, edge.rule) {
			t.Errorf("nobody minds that %s imports %s", edge.pkg, edge.imports)
		}
	}
}

// TestLayersNameTheChain reaches a forbidden package over another one.
func TestLayersNameTheChain(t *testing.T) {
	g := graph{"host/engine": {imports: []string{"host/schedule"}}, "host/schedule": {imports: []string{"host/wasm"}}}
	if !noticed(g, "host/engine imports host/schedule imports host/wasm") {
		t.Error("the chain from host/engine to host/wasm is not named")
	}
}

func noticed(g graph, text string) bool {
	return slices.ContainsFunc(layers, func(l layer) bool {
		return slices.ContainsFunc(l.faults(g), func(fault string) bool { return strings.Contains(fault, text) })
	})
}
