package wasm_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/host/wasm/meter"
	"github.com/musubi-run/musubi/sdk/abi"
)

// document is 1.2 kB of JSON, as a cart sends an order.
var document = `{"id":"30511","email":"hanako@example.com","total":123456,"tags":["a","b","c","d"],"items":[` +
	`{"sku":"TRIAL-7","name":"お試しセット","price":980,"count":1},{"sku":"REG-30","name":"定期コース","price":3980,"count":2},` +
	`{"sku":"REG-31","name":"定期コース 2","price":3980,"count":2},{"sku":"REG-32","name":"定期コース 3","price":3980,"count":2}],` +
	`"extra":{"zip":"1500001","pref":"東京都","city":"渋谷区","street":"神宮前1-2-3","note":"` + strings.Repeat("x", 600) + `"}}`

// work is what the benchmarks let the guest do.
var work = map[string]*abi.Call{
	"echo-1kB": action("echo", strings.Repeat("x", 1024)),
	"json":     action("json", document),
}

// BenchmarkCall is a call as the engine makes it: pooled, with all limits on.
func BenchmarkCall(b *testing.B) {
	for name, call := range work {
		b.Run(name, func(b *testing.B) {
			p := newPool(b, wasm.PoolOptions{})
			var fuel int64
			for b.Loop() {
				_, stats, err := p.Invoke(b.Context(), call)
				if err != nil {
					b.Fatal(err)
				}
				fuel = stats.Fuel
			}
			b.ReportMetric(float64(fuel), "fuel/op")
		})
	}
}

// BenchmarkFloor is the same by wazero alone, without pool and limits: plain,
// and metered, to tell what metering costs.
func BenchmarkFloor(b *testing.B) {
	for name, call := range work {
		for _, metered := range []bool{false, true} {
			b.Run(name+map[bool]string{false: "/plain", true: "/metered"}[metered], func(b *testing.B) {
				g := newStock(b, metered)
				frame := call.Append(nil)
				for b.Loop() {
					g.call(b, frame)
				}
			})
		}
	}
}

// BenchmarkMetering measures the two kinds of floor in turns, so that both meet
// the same machine, and compares their best times.
func BenchmarkMetering(b *testing.B) {
	guests := []*stock{newStock(b, false), newStock(b, true)}
	frame := work["json"].Append(nil)
	times := make([][]time.Duration, len(guests))
	for b.Loop() {
		for i, g := range guests {
			began := time.Now()
			g.call(b, frame)
			times[i] = append(times[i], time.Since(began))
		}
	}
	plain, metered := slices.Min(times[0]), slices.Min(times[1])
	b.ReportMetric(float64(plain.Microseconds()), "plain-µs")
	b.ReportMetric(float64(metered.Microseconds()), "metered-µs")
	b.ReportMetric(100*(float64(metered)/float64(plain)-1), "overhead-%")
}

// stock is the probe in an engine as wazero ships it.
type stock struct {
	module      api.Module
	alloc, main api.Function
	stack       [2]uint64
}

func newStock(t testing.TB, metered bool) *stock {
	t.Helper()
	ctx := context.Background()
	cache, err := wazero.NewCompilationCacheWithDir(cacheDir + "-stock")
	if err != nil {
		t.Fatal(err)
	}
	engine := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCompilationCache(cache).WithDebugInfoEnabled(false))
	t.Cleanup(func() { _ = engine.Close(ctx); _ = cache.Close(ctx) })
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, engine); err != nil {
		t.Fatal(err)
	}
	stub(t, engine)
	source := bare
	if metered {
		if source, err = meter.Rewrite(bare); err != nil {
			t.Fatal(err)
		}
	}
	module, err := engine.InstantiateWithConfig(ctx, source, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		t.Fatal(err)
	}
	return &stock{module: module, alloc: module.ExportedFunction(abi.ExportAlloc), main: module.ExportedFunction(abi.ExportCall)}
}

// stub adds host functions that do nothing, and fuel without end.
func stub(t testing.TB, engine wazero.Runtime) {
	t.Helper()
	const i32 = api.ValueTypeI32
	nothing := api.GoFunc(func(context.Context, []uint64) {})
	refill := api.GoModuleFunc(func(_ context.Context, m api.Module, _ []uint64) {
		m.ExportedGlobal(meter.FuelExport).(api.MutableGlobal).Set(1 << 40)
	})
	host := engine.NewHostModuleBuilder(abi.ImportModule)
	for name, types := range map[string][2][]api.ValueType{
		abi.ImportHTTP: {{i32, i32}, {i32}}, abi.ImportTake: {{i32, i32}, {}}, abi.ImportLog: {{i32, i32, i32}, {}},
		abi.ImportStateGet: {{i32, i32}, {i32}}, abi.ImportStateSet: {{i32, i32, i32, i32}, {}},
	} {
		host.NewFunctionBuilder().WithGoFunction(nothing, types[0], types[1]).Export(name)
	}
	fuel := engine.NewHostModuleBuilder(meter.RefuelModule)
	fuel.NewFunctionBuilder().WithGoModuleFunction(refill, nil, nil).Export(meter.RefuelName)
	for _, builder := range []wazero.HostModuleBuilder{host, fuel} {
		if _, err := builder.Instantiate(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func (g *stock) call(t testing.TB, frame []byte) {
	g.stack[0] = uint64(len(frame))
	if err := g.alloc.CallWithStack(context.Background(), g.stack[:]); err != nil {
		t.Fatal(err)
	}
	g.module.Memory().Write(uint32(g.stack[0]), frame)
	g.stack[1] = uint64(len(frame))
	if err := g.main.CallWithStack(context.Background(), g.stack[:]); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkStart is how long a call waits when it needs a new instance.
func BenchmarkStart(b *testing.B) {
	p := newPool(b, wasm.PoolOptions{MaxCalls: 1})
	for b.Loop() {
		if _, _, err := p.Invoke(b.Context(), work["echo-1kB"]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad is from a plugin's bytes to its first answer, its compiled
// code being cached on disk.
func BenchmarkLoad(b *testing.B) {
	newPool(b, wasm.PoolOptions{}) // so that it is
	for b.Loop() {
		rt := wasm.New(wasm.Options{CacheDir: cacheDir})
		m, err := rt.Load(probe)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := wasm.NewPool(m, wasm.PoolOptions{}).Invoke(b.Context(), work["echo-1kB"]); err != nil {
			b.Fatal(err)
		}
		if err := rt.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNeighbour is the 99th percentile of a well-behaved connection's
// calls, alone and beside a hostile one on the same host.
func BenchmarkNeighbour(b *testing.B) {
	for _, hostile := range []string{"", "loop", "bomb", "panic", "recurse"} {
		b.Run("beside-"+hostile, func(b *testing.B) {
			p := newPool(b, wasm.PoolOptions{})
			ctx, cancel := context.WithCancel(b.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				attack(ctx, newPool(b, wasm.PoolOptions{}), hostile)
			}()
			do(b, p, "echo", "x") // compiled and started
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				if _, _, err := p.Invoke(b.Context(), work["json"]); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			cancel()
			<-done
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
		})
	}
}

func attack(ctx context.Context, p *wasm.Pool, name string) {
	for name != "" && ctx.Err() == nil {
		_, _, _ = p.Invoke(ctx, action(name, ""))
	}
}
