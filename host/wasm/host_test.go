package wasm_test

import (
	"bytes"
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestHTTPReachesTheWayOut(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{HTTP: web(func(_ context.Context, r *abi.Request) *abi.Response {
		return &abi.Response{Status: 200, Body: []byte(r.Method + " " + r.URL)}
	})})
	if got := do(t, p, "fetch", "https://shop.example.com/a?b=c"); got != "GET https://shop.example.com/a?b=c" {
		t.Errorf("got %q", got)
	}
}

func TestHTTPErrorArrivesWhole(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{HTTP: web(func(context.Context, *abi.Request) *abi.Response {
		return &abi.Response{Err: &abi.Error{Kind: abi.Blocked, Message: "not on the list"}}
	})})
	fails(t, p, "fetch", "https://evil.example.com/", abi.Blocked, "not on the list")
	fails(t, newPool(t, wasm.PoolOptions{}), "fetch", "https://shop.example.com/", abi.Blocked, "no way out")
}

// renewing is a way out whose token may have expired.
type renewing struct {
	expired bool
	web
}

func (r *renewing) Refused(time.Time) bool {
	was := r.expired
	r.expired = false
	return was
}

// A plugin that answers that the credential was refused is called once more with
// another one, if there is another one.
func TestACallWhoseTokenHadExpiredIsMadeOnceMore(t *testing.T) {
	calls := 0
	out := &renewing{expired: true}
	out.web = func(context.Context, *abi.Request) *abi.Response {
		if calls++; out.expired || calls > 2 {
			return &abi.Response{Err: &abi.Error{Kind: abi.Auth, Message: "token_expired"}}
		}
		return &abi.Response{Status: 200, Body: []byte("fine")}
	}
	p := newPool(t, wasm.PoolOptions{HTTP: out})
	body, stats, err := p.Invoke(t.Context(), action("fetch", "https://chat.example.com/"))
	if err != nil || string(body) != "fine" || stats.HTTPCalls != 2 {
		t.Errorf("%q, %v, %d requests", body, err, stats.HTTPCalls)
	}
	fails(t, p, "fetch", "https://chat.example.com/", abi.Auth, "token_expired")
	if calls != 3 {
		t.Errorf("%d requests", calls)
	}
}

// What a call has changed would be changed twice.
func TestACallIsNotMadeOnceMoreAfterAChange(t *testing.T) {
	var sent []string
	out := &renewing{expired: true}
	refusing := ""
	out.web = func(_ context.Context, r *abi.Request) *abi.Response {
		sent = append(sent, r.Method)
		if out.expired && r.Method == refusing {
			return &abi.Response{Err: &abi.Error{Kind: abi.Auth, Message: "token_expired"}}
		}
		return &abi.Response{Status: 200, Body: []byte("fine")}
	}
	p := newPool(t, wasm.PoolOptions{HTTP: out})
	refusing = "GET"
	fails(t, p, "amend", "https://chat.example.com/", abi.Auth, "token_expired")
	if out.expired || strings.Join(sent, " ") != "POST GET" {
		t.Errorf("it sent %q, and the token is in use still: %t", sent, out.expired)
	}
	sent, refusing, out.expired = nil, "POST", true
	if got := do(t, p, "amend", "https://chat.example.com/"); got != "fine" || strings.Join(sent, " ") != "POST POST GET" {
		t.Errorf("%q, it sent %q", got, sent)
	}
}

func TestLimitsEndACall(t *testing.T) {
	ok := web(func(context.Context, *abi.Request) *abi.Response { return &abi.Response{Status: 204} })
	for name, c := range map[string]struct {
		limits  wasm.Limits
		body    string
		setting string
	}{
		"loop":    {wasm.Limits{Fuel: 1_000_000}, "", "limits.fuel"},
		"recurse": {wasm.Limits{Fuel: 1_000_000}, "", "limits.fuel"},
		"bomb":    {wasm.Limits{}, "", "limits.memory"},
		"flood":   {wasm.Limits{HTTPCalls: 10}, "", "limits.http_calls"},
		"fetch":   {wasm.Limits{RequestBytes: 100}, strings.Repeat("x", 100), "limits.request_bytes"},
		"giant":   {wasm.Limits{Memory: 256 << 20}, "", "limits.output_bytes"},
		"state":   {wasm.Limits{StateBytes: 10}, "12345678901", "limits.state_bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPool(t, wasm.PoolOptions{HTTP: ok, State: memory{}, Limits: c.limits})
			fails(t, p, name, c.body, abi.Limit, c.setting)
			do(t, p, "echo", "still alive")
		})
	}
}

func TestTimeIncludesHostCalls(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{
		Limits: wasm.Limits{Time: 20 * time.Millisecond},
		HTTP: web(func(ctx context.Context, _ *abi.Request) *abi.Response {
			<-ctx.Done()
			return &abi.Response{Err: &abi.Error{Kind: abi.Unavailable, Message: "late"}}
		}),
	})
	fails(t, p, "fetch", "https://shop.example.com/", abi.Limit, "limits.time")
}

func TestTimeEndsPureCompute(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{Limits: wasm.Limits{Fuel: 1 << 50, Time: 20 * time.Millisecond}})
	fails(t, p, "loop", "", abi.Limit, "limits.time")
	fails(t, p, "recurse", "", abi.Limit, "limits.time")
}

func TestCancelEndsPureCompute(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{Limits: wasm.Limits{Fuel: 1 << 50}})
	do(t, p, "echo", "")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := p.Invoke(ctx, action("loop", "")); abi.KindOf(err) != abi.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestCancelEndsACall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := newPool(t, wasm.PoolOptions{HTTP: web(func(ctx context.Context, _ *abi.Request) *abi.Response {
		cancel()
		<-ctx.Done()
		return &abi.Response{}
	})})
	if _, _, err := p.Invoke(ctx, action("fetch", "https://shop.example.com/")); abi.KindOf(err) != abi.Unavailable {
		t.Errorf("got %v", err)
	}
}

// school is a way out that learns.
type school struct {
	web
	learned []abi.Allowance
}

func (s *school) Learn(a abi.Allowance) { s.learned = append(s.learned, a) }

func TestWhatAPluginLearnsReachesTheWayOut(t *testing.T) {
	const text = `{"available":12.5,"capacity":2000,"per_second":100}`
	puppet := guest(puppetCode())
	puppet.Data = []byte(text)
	out := &school{}
	p := wasm.NewPool(load(t, puppet), wasm.PoolOptions{HTTP: out})
	call := answering("ok", [5]uint32{pullLearn, 0, uint32(len(text))})
	if reply, _, err := p.Invoke(t.Context(), call); err != nil || string(reply) != "ok" {
		t.Fatalf("%q, %v", reply, err)
	}
	want := abi.Allowance{Available: 12.5, Capacity: 2000, PerSecond: 100}
	if len(out.learned) != 1 || out.learned[0] != want {
		t.Errorf("learned %+v", out.learned)
	}
}

func TestLogIsCut(t *testing.T) {
	var log records
	p := newPool(t, wasm.PoolOptions{Logger: newLogger(&log), Limits: wasm.Limits{LogLines: 3, LogBytes: 5}})
	do(t, p, "log", "a\xffbcdefgh")
	if len(log.lines) != 4 || log.lines[0] != "WARN plugin log text=a\uFFFDbcd" || !strings.Contains(log.lines[3], "was cut") {
		t.Errorf("got %q", log.lines)
	}
}

// memory is a connection's state.
type memory map[string][]byte

func (m memory) Get(_ context.Context, key string) ([]byte, error) { return m[key], nil }
func (m memory) Put(_ context.Context, writes []wasm.StateWrite) error {
	for _, w := range writes {
		m[w.Key] = w.Value
	}
	return nil
}

func TestStateIsKeptOnlyWhenTheCallSucceeds(t *testing.T) {
	kept := memory{}
	p := newPool(t, wasm.PoolOptions{State: kept})
	if got := do(t, p, "state", "a"); got != "" {
		t.Errorf("the first call saw %q", got)
	}
	fails(t, p, "state", "fail", abi.Invalid, "asked to fail")
	if got := do(t, p, "state", "b"); got != "a" {
		t.Errorf("the second call saw %q", got)
	}
	if want := (memory{"seen": []byte("ab")}); !maps.EqualFunc(kept, want, bytes.Equal) {
		t.Errorf("kept %q", kept)
	}
}

func TestGuestHasNoEnvironmentNoFilesAndNoClockOfItsOwn(t *testing.T) {
	t.Setenv("MUSUBI_SECRET", "x")
	p := newPool(t, wasm.PoolOptions{})
	if got := do(t, p, "env", ""); got != `{"args":0,"env":[]}` && got != `{"args":0,"env":null}` {
		t.Errorf("the guest sees %s", got)
	}
	if got := do(t, p, "files", ""); got != "[true,true,true]" {
		t.Errorf("errors of read, list, write: %s", got)
	}
	if got := decode[int64](t, do(t, p, "clock", "")); got != callTime.UnixNano() {
		t.Errorf("the guest's clock shows %d", got)
	}
}

func TestRandomnessRepeatsForTheSameCallOnly(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{})
	first, again, other := do(t, p, "random", "a"), do(t, p, "random", "a"), do(t, p, "random", "b")
	if first != again || first == other {
		t.Errorf("drew %s, %s and %s", first, again, other)
	}
}

func TestRecursionEndsAtTheConnectionsLimit(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{Limits: wasm.Limits{Recursion: 30}})
	fails(t, p, "recurse", "", abi.Limit, "more than 30 deep; the connection's setting limits.recursion raises it")
	do(t, p, "echo", "still alive")
}

func TestDeepRecursionIsALimit(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{})
	fails(t, p, "deep", "", abi.Limit, "")
	do(t, p, "echo", "still alive")
}

func TestSameCallBurnsTheSameFuel(t *testing.T) {
	const document = `{"id":"1","email":"hanako@example.com","items":[{"sku":"A","price":100}]}`
	fuel := map[int64]bool{}
	for range 3 {
		p := newPool(t, wasm.PoolOptions{Limits: wasm.Limits{Fuel: 10_000_000}})
		_, stats, err := p.Invoke(t.Context(), action("json", document))
		if err != nil {
			t.Fatal(err)
		}
		fuel[stats.Fuel] = true
		fails(t, p, "loop", "", abi.Limit, "limits.fuel")
	}
	if len(fuel) != 1 || fuel[0] {
		t.Errorf("the same call burned %v", fuel)
	}
}
