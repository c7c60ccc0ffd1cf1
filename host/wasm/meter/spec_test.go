package meter_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/musubi-run/musubi/host/wasm/gocode"
	"github.com/musubi-run/musubi/host/wasm/meter"
)

// specScript is a file of the official WebAssembly test suite, as wazero ships it.
type specScript struct {
	Commands []specCommand `json:"commands"`
}

type specCommand struct {
	Type     string     `json:"type"`
	Line     int        `json:"line"`
	Name     string     `json:"name"`
	Filename string     `json:"filename"`
	Format   string     `json:"module_type"`
	Action   specAction `json:"action"`
}

type specAction struct {
	Type   string      `json:"type"`
	Module string      `json:"module"`
	Field  string      `json:"field"`
	Args   []specValue `json:"args"`
}

type specValue struct {
	Type  string `json:"type"`
	Lane  string `json:"lane_type"`
	Value any    `json:"value"`
}

const features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst

// wazeroDir is where the go command keeps wazero's sources, test data included.
func wazeroDir(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func specFiles(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(wazeroDir(t), "internal", "integration_test", "spectest", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files match %s: %v", pattern, err)
	}
	return files
}

// TestMeteredModulesBehaveTheSame runs the official test suite twice, plain
// and metered, and compares every result bit by bit.
func TestMeteredModulesBehaveTheSame(t *testing.T) {
	compared := 0
	for _, file := range slices.Concat(specFiles(t, "v2/testdata/*.json"), specFiles(t, "tail-call/testdata/*.json"), specFiles(t, "extended-const/testdata/*.json")) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			p := newPair(t, filepath.Dir(file))
			p.run(readScript(t, file))
			compared += p.compared
		})
	}
	if compared < 40_000 && !testing.Short() {
		t.Errorf("only %d results were compared", compared)
	}
}

func readScript(t *testing.T, file string) specScript {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s specScript
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// pair is two engines, the second for metered modules, and the modules in them.
type pair struct {
	t        *testing.T
	dir      string
	engines  [2]wazero.Runtime
	current  *twins
	named    map[string]*twins
	compared int
}

// twins are the same module, plain and metered.
type twins [2]api.Module

func newPair(t *testing.T, dir string) *pair {
	p := &pair{t: t, dir: dir, named: map[string]*twins{}}
	for i := range p.engines {
		p.engines[i] = newEngine(t, wazero.NewRuntimeConfig())
	}
	return p
}

func newEngine(t testing.TB, config wazero.RuntimeConfig) wazero.Runtime {
	t.Helper()
	ctx := context.Background()
	engine := wazero.NewRuntimeWithConfig(ctx, config.WithCoreFeatures(features))
	t.Cleanup(func() { _ = engine.Close(ctx) })
	builder := engine.NewHostModuleBuilder(meter.RefuelModule)
	builder.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(refill), nil, nil).Export(meter.RefuelName)
	if _, err := builder.Instantiate(ctx); err != nil {
		t.Fatal(err)
	}
	addPrints(t, engine)
	return engine
}

// refill gives a guest fuel without end.
func refill(_ context.Context, m api.Module, _ []uint64) {
	m.ExportedGlobal(meter.FuelExport).(api.MutableGlobal).Set(1 << 40)
}

// addPrints adds the functions that the suite's modules import. They do nothing.
func addPrints(t testing.TB, engine wazero.Runtime) {
	t.Helper()
	const i32, i64, f32, f64 = api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeF32, api.ValueTypeF64
	builder := engine.NewHostModuleBuilder("spectest")
	for name, params := range map[string][]api.ValueType{
		"print": {}, "print_i32": {i32}, "print_i64": {i64}, "print_f32": {f32}, "print_f64": {f64},
		"print_i32_f32": {i32, f32}, "print_f64_f64": {f64, f64},
	} {
		builder.NewFunctionBuilder().WithGoFunction(api.GoFunc(func(context.Context, []uint64) {}), params, nil).Export(name)
	}
	if _, err := builder.Instantiate(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (p *pair) run(s specScript) {
	for _, c := range s.Commands {
		switch c.Type {
		case "module":
			p.current = p.load(c)
			if c.Name != "" {
				p.named[c.Name] = p.current
			}
		case "assert_return", "assert_trap", "action", "assert_exhaustion":
			p.act(c)
		}
	}
}

// load starts a module twice. Modules that import what metering refuses, or
// what other modules of the script export, are left out.
func (p *pair) load(c specCommand) *twins {
	plain, err := os.ReadFile(filepath.Join(p.dir, c.Filename))
	if err != nil {
		p.t.Fatal(err)
	}
	metered, err := meter.Rewrite(gocode.Rewrite(plain))
	if err != nil {
		if !strings.Contains(err.Error(), "only functions can be imported") {
			p.t.Errorf("line %d: %v", c.Line, err)
		}
		return nil
	}
	var pair twins
	var errs [2]error
	for i, source := range [][]byte{plain, metered} {
		pair[i], errs[i] = p.engines[i].InstantiateWithConfig(context.Background(), source, wazero.NewModuleConfig().WithName(""))
	}
	if (errs[0] == nil) != (errs[1] == nil) {
		p.t.Errorf("line %d: plain: %v, metered: %v", c.Line, errs[0], errs[1])
	}
	if errs[0] != nil || errs[1] != nil {
		return nil
	}
	pair[1].ExportedGlobal(meter.DepthExport).(api.MutableGlobal).Set(1 << 30) // how deep is for the engine to say
	return &pair
}

// act calls a function in both modules and compares what comes back.
func (p *pair) act(c specCommand) {
	modules := p.current
	if c.Action.Module != "" {
		modules = p.named[c.Action.Module]
	}
	if modules == nil || c.Action.Type != "invoke" {
		return
	}
	p.compared++
	var results [2][]uint64
	var errs [2]error
	for i, m := range modules {
		results[i], errs[i] = m.ExportedFunction(c.Action.Field).Call(context.Background(), arguments(p.t, c.Action.Args)...)
	}
	if (errs[0] == nil) != (errs[1] == nil) || !slices.Equal(results[0], results[1]) {
		p.t.Errorf("line %d: plain: %x %v, metered: %x %v", c.Line, results[0], errs[0], results[1], errs[1])
	}
}

func arguments(t *testing.T, values []specValue) (args []uint64) {
	t.Helper()
	for _, v := range values {
		switch value := v.Value.(type) {
		case string:
			args = append(args, number(t, value))
		case []any:
			args = append(args, lanes(t, v.Lane, value)...)
		default:
			t.Fatalf("argument %v", v)
		}
	}
	return args
}

func number(t *testing.T, text string) uint64 {
	t.Helper()
	if text == "null" {
		return 0
	}
	if strings.HasPrefix(text, "nan:") {
		return math.Float64bits(math.NaN())
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// lanes packs the lanes of a vector into two words.
func lanes(t *testing.T, lane string, values []any) []uint64 {
	t.Helper()
	words := make([]uint64, 2)
	width := 128 / len(values)
	for i, v := range values {
		text, ok := v.(string)
		if !ok {
			t.Fatalf("lane %v of type %s", v, lane)
		}
		bit := i * width
		words[bit/64] |= number(t, text) << (bit % 64)
	}
	return words
}
