package app_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/hosttest"
)

// TestEveryRulesFileIsWatched writes one file of each kind after the other and
// waits until the host has it in force by itself.
func TestEveryRulesFileIsWatched(t *testing.T) {
	flow := "language: 1\nflow: watched\non: {connection: shop, event: customer.updated}\nsteps:\n" +
		"  - stop: \"${tables.points['a'].n} ${string(tables.ranks.gold)} ${text('thanks')}\"\n"
	h := hosttest.Start(t, hosttest.Options{
		Rules: map[string]string{
			"watched.yaml": flow, "points.csv": "key,n\na,1\n", "thanks.txt": "thanks",
			"ranks.yaml": "language: 1\ntable: ranks\nrows: {gold: 1}\n", "shop.objects.json": "{}",
		},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}},
	})
	version := inForce(t, h)
	for name, text := range map[string]string{
		"deep/er/new.yaml": "language: 1\nflow: new\non: {connection: shop, event: customer.updated}\nsteps: [{stop: new}]\n",
		"points.csv":       "key,n\na,2\n", "thanks.txt": "many thanks",
		"ranks.yaml": "language: 1\ntable: ranks\nrows: {gold: 2}\n", "shop.objects.json": `{"Thing": {"type": "object"}}`,
	} {
		h.SetRules(map[string]string{name: text})
		h.Await(name+" to be in force", func() bool { return inForce(t, h) != version })
		version = inForce(t, h)
	}
}

// TestAFolderThatGoesTakesNoRulesAlong moves the rules folder away, as git and
// rsync do for a moment, and empties it.
func TestAFolderThatGoesTakesNoRulesAlong(t *testing.T) {
	flow := "language: 1\nflow: kept\non: {connection: shop, event: customer.updated}\nsteps: [{stop: kept}]\n"
	h := hosttest.Start(t, hosttest.Options{
		Rules:       map[string]string{"kept.yaml": flow},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}},
	})
	version, folder := inForce(t, h), filepath.Join(h.Dir, "rules")
	refused := func(why string) {
		t.Helper()
		h.Await("it to be told that "+why, func() bool {
			rules, err := h.Client.Rules(t.Context())
			return err == nil && len(rules.Problems) == 1 && strings.Contains(rules.Problems[0].Message.EN, why) &&
				rules.Problems[0].Line > 0 && rules.Version == version && len(rules.Flows) == 1
		})
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Rename(folder, folder+".away"))
	refused("there is no folder")
	if _, err := h.Client.ReloadRules(t.Context()); err == nil {
		t.Error("a folder that is not there was put in force on demand")
	}
	must(os.Mkdir(folder, 0o700))
	refused("holds no rules any more")
	must(os.Remove(folder))
	refused("there is no folder")
	must(os.Rename(folder+".away", folder))
	h.Await("all to be well", func() bool {
		rules, err := h.Client.Rules(t.Context())
		return err == nil && len(rules.Problems) == 0 && rules.Version == version
	})
	must(os.Remove(filepath.Join(folder, "kept.yaml")))
	refused("holds no rules any more")
	if rules, err := h.Client.ReloadRules(t.Context()); err != nil || len(rules.Flows) > 0 || len(rules.Problems) > 0 {
		t.Errorf("no rules, on demand: %v, %v", rules, err)
	}
}

// TestTheLastFlowIsSwitchedOffByItsFile needs no more than that: who stops a
// flow in a hurry must not have to say it twice.
func TestTheLastFlowIsSwitchedOffByItsFile(t *testing.T) {
	flow := "language: 1\nflow: only\non: {connection: shop, event: customer.updated}\nsteps: [{stop: only}]\n"
	h := hosttest.Start(t, hosttest.Options{
		Rules:       map[string]string{"only.yaml": flow},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}},
	})
	h.SetRules(map[string]string{"only.yaml": flow + "enabled: false\n"})
	h.Await("the flow to be off", func() bool {
		rules, err := h.Client.Rules(t.Context())
		return err == nil && len(rules.Flows) == 0 && len(rules.Problems) == 0
	})
}

// TestARulesFolderThatIsNotThereIsAnError starts with none, or with a file.
func TestARulesFolderThatIsNotThereIsAnError(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "musubi.yaml")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Mkdir(filepath.Join(dir, "empty"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"ruless": "musubi.yaml:2:8: rules: there is no folder ", "musubi.yaml": "musubi.yaml:2:8: rules: ", "empty": "",
	} {
		cfg, err := config.Parse(file, []byte("zone: Asia/Tokyo\nrules: ./"+name+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		_, checked := app.Check(cfg)
		a, opened := app.Open(t.Context(), cfg, app.Options{Logger: slog.New(slog.DiscardHandler)})
		if opened == nil {
			opened = a.Close()
		}
		folder, err := app.OpenRulesFolder(cfg)
		if err != nil {
			t.Fatal(err)
		}
		_, loaded := folder.Load()
		_, tested := folder.Test()
		for what, err := range map[string]error{"check": checked, "open": opened, "load": loaded, "test": tested} {
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s with rules: %s: %v", what, name, err)
			}
		}
	}
}

func inForce(t testing.TB, h *hosttest.Host) string {
	t.Helper()
	rules, err := h.Client.Rules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rules.Version
}

// BenchmarkAcceptWhileReloading delivers webhooks one after the other to a host
// with 1,000 flows, in peace and while the rules are loaded again and again.
// It reports how long an answer takes, in microseconds.
func BenchmarkAcceptWhileReloading(b *testing.B) {
	flows := map[string]string{}
	for i := range 1000 {
		flows[fmt.Sprintf("flow-%d.yaml", i)] = fmt.Sprintf("language: 1\nflow: flow-%d\non: {connection: shop, event: customer.updated}\n"+
			"when: event.subject == 'nobody-%d'\nsteps:\n  - id: customer\n    call: shop.customer.get\n    with: {id: \"${event.subject}\"}\n"+
			"  - stop: \"${customer.?full_name.orValue('').trim()} ${customer.?phone.orValue('')}\"\n", i, i)
	}
	h := hosttest.Start(b, hosttest.Options{Rules: flows, Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}}})
	hook, err := h.Client.Hook(b.Context(), "shop")
	if err != nil {
		b.Fatal(err)
	}
	d := &deliveries{b: b, address: h.URL + hook.Path}
	for range 50 {
		d.once()
	}
	peace, load := &quantiles{}, &quantiles{}
	reloads := 0
	for b.Loop() {
		for range 20 {
			peace.add(d.once())
		}
		h.SetRules(map[string]string{"flow-0.yaml": flows["flow-0.yaml"] + "# " + strconv.Itoa(reloads) + "\n"})
		reloads++
		done := make(chan error, 1)
		go func() {
			_, err := h.Client.ReloadRules(b.Context())
			done <- err
		}()
		d.until(done, load)
	}
	peace.report(b, "peace")
	load.report(b, "reloading")
}

// deliveries sends webhooks, each about another change.
type deliveries struct {
	b       *testing.B
	address string
	n       int
}

func (d *deliveries) once() time.Duration {
	d.n++
	body := fmt.Sprintf(`{"musubi":1,"family":"customer","id":"%d","updated_at":"2025/02/11 21:03:10"}`, d.n)
	request, err := http.NewRequestWithContext(d.b.Context(), http.MethodPost, d.address, strings.NewReader(body))
	if err != nil {
		d.b.Fatal(err)
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "X-Ecf-Event": {"customer_updated"}}
	began := time.Now()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		d.b.Fatal(err)
	}
	took := time.Since(began)
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		d.b.Fatalf("%s, %v", answer.Status, err)
	}
	if err := answer.Body.Close(); err != nil {
		d.b.Fatal(err)
	}
	return took
}

// until delivers until the reload is done.
func (d *deliveries) until(done <-chan error, into *quantiles) {
	for {
		select {
		case err := <-done:
			if err != nil {
				d.b.Fatal(err)
			}
			return
		default:
			into.add(d.once())
		}
	}
}

// quantiles gathers how long things took.
type quantiles struct{ all []time.Duration }

func (q *quantiles) add(took time.Duration) { q.all = append(q.all, took) }

func (q *quantiles) report(b *testing.B, name string) {
	if len(q.all) == 0 {
		return
	}
	slices.Sort(q.all)
	for _, at := range []struct {
		name string
		per  int
	}{{"p50", 50}, {"p99", 99}, {"max", 100}} {
		i := min(len(q.all)*at.per/100, len(q.all)-1)
		b.ReportMetric(float64(q.all[i].Microseconds()), name+"-"+at.name+"-µs")
	}
}
