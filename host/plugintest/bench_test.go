package plugintest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// BenchmarkAction is a whole action with all limits on: into the plugin, HTTP
// to the simulated platform, out of the plugin. In turns with it the same
// request goes out without any host, so that both meet the same machine:
//
//	action-µs    the whole
//	http-µs      the request without a host
//	overhead-µs  the whole besides the request: what the host and the plugin cost
//	guest-µs     of that, the plugin and the sandbox around it
//
// All are medians; the best are what an idle machine shows. BenchmarkFloor of host/wasm has the bare engine beside them.
func BenchmarkAction(b *testing.B) {
	pool, sim := open(b, "../../plugins/ecforce")
	call := &abi.Call{Op: abi.OpAction, Name: "customer.get", Now: time.Now(), Body: []byte(`{"id":"30511"}`)}
	var whole, bare, guest []time.Duration
	for b.Loop() {
		began := time.Now()
		_, stats, err := pool.Invoke(b.Context(), call)
		if err != nil {
			b.Fatal(err)
		}
		whole = append(whole, time.Since(began))
		guest = append(guest, stats.Duration-stats.HTTP)
		bare = append(bare, fetch(b, sim.last))
	}
	action, plain := median(whole), median(bare)
	b.ReportMetric(micros(action), "action-µs")
	b.ReportMetric(micros(plain), "http-µs")
	b.ReportMetric(micros(action-plain), "overhead-µs")
	b.ReportMetric(micros(median(guest)), "guest-µs")
	b.ReportMetric(micros(slices.Min(whole)-slices.Min(bare)), "best-overhead-µs")
	b.ReportMetric(micros(slices.Min(guest)), "best-guest-µs")
}

// recorded is a way out that remembers a request, with its credential.
type recorded struct {
	*egress.Client

	auth   abi.AuthScheme
	secret *strings.Replacer
	last   *http.Request
}

func (r *recorded) Do(ctx context.Context, request *abi.Request) *abi.Response {
	if r.last == nil {
		plain, err := http.NewRequestWithContext(context.WithoutCancel(ctx), request.Method, request.URL, nil)
		if err != nil {
			return &abi.Response{Err: &abi.Error{Kind: abi.Invalid, Message: err.Error()}}
		}
		for _, h := range request.Headers {
			plain.Header.Set(h.Name, h.Value)
		}
		plain.Header.Set(r.auth.Header, r.secret.Replace(r.auth.Value))
		r.last = plain
	}
	return r.Client.Do(ctx, request)
}

// open connects a connector to its sim, as a host does.
func open(b *testing.B, dir string) (*wasm.Pool, *recorded) {
	b.Helper()
	workshop := rig.NewWorkshop(b, "")
	fixture := rig.ReadFixture(b, dir)
	sim := fixture.StartSim(b, workshop.Program(b, dir+"/sim"))
	plugin, err := os.ReadFile(workshop.Plugin(b, dir).Path)
	if err != nil {
		b.Fatal(err)
	}
	module, err := workshop.Sandbox.Load(plugin)
	if err != nil {
		b.Fatal(err)
	}
	settings := sim.Fill(b, fixture.Settings).(map[string]any)
	text, err := (&config.Connection{Settings: settings}).Effective(module.Manifest())
	if err != nil {
		b.Fatal(err)
	}
	secrets := map[string]string{}
	var pairs []string
	for name, value := range fixture.Secrets {
		secrets[name] = sim.FillText(b, value)
		pairs = append(pairs, "{"+name+"}", secrets[name])
	}
	client, err := egress.NewClient(egress.Options{
		Connection: "shop", Manifest: module.Manifest(), Settings: text, Secrets: secrets, Auth: fixture.Auth,
		AllowPrivate: true, Rate: abi.Limits{PerSecond: 1e6, Burst: 1e6, Concurrency: 64}, Clock: time.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	out := &recorded{Client: client, auth: module.Manifest().Auth[0], secret: strings.NewReplacer(pairs...)}
	pool := wasm.NewPool(module, wasm.PoolOptions{Settings: text, HTTP: out, Clock: time.Now})
	b.Cleanup(func() {
		if err := pool.Close(context.Background()); err != nil {
			b.Error(err)
		}
	})
	return pool, out
}

// fetch sends the request without a host and reads its answer.
func fetch(b *testing.B, request *http.Request) time.Duration {
	b.Helper()
	began := time.Now()
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || !json.Valid(text) {
		b.Fatalf("the platform answered %d %.200s, %v", answer.StatusCode, text, err)
	}
	return time.Since(began)
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
