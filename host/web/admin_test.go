package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// operator knows one of everything, and remembers what it was asked.
type operator struct {
	asked any
	fault error
	// actor is who resumed a connection.
	actor host.Actor
	// listed is which runs were asked for last.
	listed host.RunFilter
	// refuse is what acts on one row give.
	refuse error
}

func sampleRun() host.Run {
	return host.Run{ID: "01R", Flow: "sync", State: host.RunFailed, Created: noon, Error: &abi.Error{Kind: abi.Conflict, Message: "two records", Code: "X"}}
}

func (o *operator) Runs(_ context.Context, f host.RunFilter) ([]host.Run, error) {
	o.asked, o.listed = f, f
	return []host.Run{sampleRun()}, o.fault
}

func (o *operator) Run(_ context.Context, id string) (host.Run, []host.StepRecord, error) {
	o.asked = id
	return sampleRun(), []host.StepRecord{{Run: id, Path: "customer", Output: json.RawMessage(`{"id":9007199254740993}`)}}, o.fault
}

func (o *operator) Lineup(_ context.Context, runs []string) (api.Lineup, error) {
	o.asked = runs
	return api.Lineup{Behind: map[string]string{"01S": "01R"}}, o.fault
}

func (o *operator) Rerun(_ context.Context, id string, again host.Rerun) error {
	o.asked = id + " " + again.String()
	return errors.Join(o.fault, o.refuse)
}

func (o *operator) Cancel(_ context.Context, id string) error {
	o.asked = id
	return o.fault
}

func (o *operator) Events(_ context.Context, f host.EventFilter) ([]host.Event, error) {
	o.asked = f
	return []host.Event{{ID: "01E"}}, o.fault
}

func (o *operator) Event(_ context.Context, id string) (host.Event, []host.Run, error) {
	return host.Event{ID: id}, []host.Run{sampleRun()}, o.fault
}

func (o *operator) Missed(_ context.Context, flow string, f host.EventFilter) ([]host.Event, string, error) {
	o.asked = f
	if f.After != "" {
		return nil, "", o.fault
	}
	return []host.Event{{ID: flow + "1"}}, "01E", o.fault
}

func (o *operator) RunMissed(_ context.Context, flow, event string) error {
	o.asked = flow + " " + event
	return errors.Join(o.fault, o.refuse)
}

func (o *operator) DeadLetters(_ context.Context, f host.EventFilter) ([]host.DeadLetter, error) {
	o.asked = f
	return []host.DeadLetter{{ID: "01D"}}, o.fault
}

func (o *operator) DeadLetter(_ context.Context, id string) (host.DeadLetter, error) {
	return host.DeadLetter{ID: id, Delivery: host.Delivery{Body: []byte{0xff, 0}}}, o.fault
}

func (o *operator) Dismiss(_ context.Context, id string) error {
	o.asked = id
	return o.fault
}

func (o *operator) Replay(context.Context, string) (host.Receipt, error) {
	return host.Receipt{Accepted: []string{"01E"}, Duplicates: 1}, errors.Join(o.fault, o.refuse)
}

func (o *operator) Links(_ context.Context, f host.LinkFilter) ([]host.Link, error) {
	o.asked = f
	return []host.Link{{Kind: "customer", From: f.From}}, o.fault
}

func (o *operator) Cursors(context.Context) ([]api.Cursor, error) { return nil, o.fault }

func (o *operator) SetCursor(_ context.Context, c host.Cursor) error {
	o.asked = c
	return o.fault
}

func (o *operator) Backfills(context.Context) ([]api.Backfill, error) {
	return []api.Backfill{{Connection: "shop", Pages: 2}}, o.fault
}

func (o *operator) Backfill(_ context.Context, job api.Backfill) (api.Backfill, error) {
	o.asked = job
	return job, o.fault
}

func (o *operator) Audits(_ context.Context, f host.AuditFilter) ([]api.Audit, error) {
	o.asked = f
	return []api.Audit{{Audit: host.Audit{ID: "01A", Who: "hanako", Act: host.ActRerun}}}, o.fault
}

func (o *operator) SecretNames(context.Context) ([]string, error) { return []string{"crm"}, o.fault }

func (o *operator) SetSecret(_ context.Context, name, value string) error {
	o.asked = name + "=" + value
	return o.fault
}

func (o *operator) RemoveSecret(_ context.Context, name string) error {
	o.asked = "-" + name
	return errors.Join(o.fault, o.refuse)
}

func (o *operator) Connections(context.Context) ([]api.Connection, error) {
	return []api.Connection{{Name: "shop", ConnectionStatus: host.ConnectionStatus{State: host.ConnectionReady}}}, o.fault
}

func (o *operator) Fuel(_ context.Context, connection string) (api.Fuel, error) {
	if connection != "shop" {
		return api.Fuel{}, host.ErrNotFound
	}
	return api.Fuel{Limit: 100, Calls: []api.CallUse{{Operation: "webhook", Calls: 1, Most: 7}}}, o.fault
}

func (o *operator) Resume(ctx context.Context, name string) error {
	o.asked = name
	o.actor, _ = host.ActorOf(ctx)
	return o.fault
}

func (o *operator) Rules(context.Context) (api.Rules, error) {
	return api.Rules{Version: "abc"}, o.fault
}

func (o *operator) ReloadRules(context.Context) (api.Rules, error) { return api.Rules{}, o.fault }

func (o *operator) RulesHistory(_ context.Context, limit int) ([]host.RulesVersion, error) {
	o.asked = limit
	return nil, o.fault
}

func (o *operator) RulesSources(_ context.Context, version string) (map[string][]byte, error) {
	o.asked = version
	return map[string][]byte{"a.yaml": []byte("language: 1\n")}, o.fault
}

func (o *operator) Read(_ context.Context, connection, action string, input json.RawMessage) (json.RawMessage, error) {
	o.asked = connection + "." + action + " " + string(input)
	return json.RawMessage(`{"id":9007199254740993}`), o.fault
}

func (o *operator) EachRun(_ context.Context, visit func(host.Run) error) error {
	for range 1000 {
		if err := visit(sampleRun()); err != nil {
			return err
		}
	}
	return o.fault
}

func (o *operator) EachLink(_ context.Context, visit func(host.Link) error) error {
	return errors.Join(visit(host.Link{Kind: "customer"}), o.fault)
}

func (o *operator) Backup(_ context.Context, w io.Writer) error {
	_, err := w.Write(bytes.Repeat([]byte("backup"), 1<<20))
	return errors.Join(err, o.fault)
}

// TestTheClientSpeaksForTheOperator asks everything through the client.
func TestTheClientSpeaksForTheOperator(t *testing.T) {
	o, c := startAdmin(t)
	runs := host.RunFilter{
		Flow: "sync", State: host.RunFailed, Event: "01E", Subject: "a b&c", Kind: abi.Conflict,
		Since: noon, Until: noon.Add(time.Hour), Before: "01Z", After: "01A", Limit: 5,
		Code: "X_1", Connection: host.None, FailedSince: noon,
	}
	events := host.EventFilter{Connection: "shop", Type: "customer.updated", Subject: "1", Since: noon, Before: "01Z", After: "01A", Limit: 5}
	links := host.LinkFilter{Kind: "customer", From: host.Ref{Connection: "shop", Object: "x", ID: "1/2?"}, Limit: 3}
	cursor := host.Cursor{Connection: "shop", Trigger: "order.updated", Value: json.RawMessage(`{"at":1}`)}
	acts := host.AuditFilter{Since: noon, Until: noon.Add(time.Hour), Before: "01Z", Limit: 5}
	history := api.Backfill{Connection: "shop", Trigger: "order.updated", Since: noon}
	ctx := t.Context()
	for _, ask := range []struct {
		name string
		do   func() (any, error)
		want any
	}{
		{"runs", func() (any, error) { _, err := c.Runs(ctx, runs); return nil, err }, runs},
		{"lineup", func() (any, error) { _, err := c.Lineup(ctx, []string{"01S", "01R"}); return nil, err }, []string{"01S", "01R"}},
		{"run", func() (any, error) { _, _, err := c.Run(ctx, "01R"); return nil, err }, "01R"},
		{"rerun", func() (any, error) {
			return nil, c.Rerun(ctx, "01R", host.Rerun{How: host.RestartNewest, Connections: map[string]string{"crm": "crm2"}})
		}, "01R newest, crm=crm2"},
		{"cancel", func() (any, error) { return nil, c.Cancel(ctx, "01C") }, "01C"},
		{"backfill", func() (any, error) { _, err := c.Backfill(ctx, history); return nil, err }, history},
		{"audit", func() (any, error) { _, err := c.Audits(ctx, acts); return nil, err }, acts},
		{"status", func() (any, error) { _, err := c.Status(ctx, noon); return nil, err }, noon},
		{"resume", func() (any, error) { return nil, c.Resume(ctx, "shop") }, "shop"},
		{"renew hook", func() (any, error) { h, err := c.RenewHook(ctx, "shop"); return h.Path, err }, "renew shop"},
		{"rules history", func() (any, error) { _, err := c.RulesHistory(ctx, 3); return nil, err }, 3},
		{"rules sources", func() (any, error) { f, err := c.RulesSources(ctx, "abc"); return string(f["a.yaml"]), err }, "abc"},
		{"read", func() (any, error) {
			_, err := c.Read(ctx, "crm", "record.search", json.RawMessage(`{"n":1}`))
			return nil, err
		}, `crm.record.search {"n":1}`},
		{"events", func() (any, error) { _, err := c.Events(ctx, events); return nil, err }, events},
		{"dead letters", func() (any, error) { _, err := c.DeadLetters(ctx, events); return nil, err }, events},
		{"links", func() (any, error) { _, err := c.Links(ctx, links); return nil, err }, links},
		{"cursor", func() (any, error) { return nil, c.SetCursor(ctx, cursor) }, cursor},
		{"set secret", func() (any, error) { return nil, c.SetSecret(ctx, "crm", "ひみつ\n2") }, "crm=ひみつ\n2"},
		{"remove secret", func() (any, error) { return nil, c.RemoveSecret(ctx, "crm") }, "-crm"},
	} {
		if _, err := ask.do(); err != nil {
			t.Errorf("%s: %v", ask.name, err)
		}
		if diff := cmp.Diff(ask.want, o.asked); diff != "" {
			t.Errorf("%s asked (-want +got):\n%s", ask.name, diff)
		}
	}
}

func TestTheClientReadsWhatTheOperatorTells(t *testing.T) {
	_, c := startAdmin(t)
	ctx := t.Context()
	run, steps, err := c.Run(ctx, "01R")
	if err != nil || string(steps[0].Output) != `{"id":9007199254740993}` {
		t.Errorf("steps are %+v, %v", steps, err)
	}
	if diff := cmp.Diff(sampleRun(), run); diff != "" {
		t.Errorf("run (-want +got):\n%s", diff)
	}
	lineup, err := c.Lineup(ctx, []string{"01S"})
	if err != nil || lineup.Behind["01S"] != "01R" {
		t.Errorf("lineup is %+v, %v", lineup, err)
	}
	letter, err := c.DeadLetter(ctx, "01D")
	if err != nil || string(letter.Delivery.Body) != "\xff\x00" {
		t.Errorf("dead letter is %+v, %v", letter, err)
	}
	if err := c.Dismiss(ctx, "01D"); err != nil {
		t.Errorf("dismissing: %v", err)
	}
	receipt, err := c.Replay(ctx, "01D")
	if err != nil || len(receipt.Accepted) != 1 || receipt.Duplicates != 1 {
		t.Errorf("receipt is %+v, %v", receipt, err)
	}
	if names, err := c.SecretNames(ctx); err != nil || len(names) != 1 || names[0] != "crm" {
		t.Errorf("secrets are %q, %v", names, err)
	}
	event, runs, err := c.Event(ctx, "01E")
	if err != nil || event.ID != "01E" || len(runs) != 1 {
		t.Errorf("event is %+v with %d runs, %v", event, len(runs), err)
	}
}

func TestStreamsComeWholeOrBreakOff(t *testing.T) {
	o, c := startAdmin(t)
	for name, read := range map[string]func() (int, error){
		"1000 runs": func() (n int, err error) {
			err = c.EachRun(t.Context(), func(host.Run) error { n++; return nil })
			return n, err
		},
		"1 links": func() (n int, err error) {
			err = c.EachLink(t.Context(), func(host.Link) error { n++; return nil })
			return n, err
		},
		"6291456 bytes": func() (int, error) {
			var all bytes.Buffer
			err := c.Backup(t.Context(), &all)
			return all.Len(), err
		},
	} {
		o.fault = nil
		n, err := read()
		if err != nil || !strings.HasPrefix(name, strconv.Itoa(n)+" ") {
			t.Errorf("%s: got %d, %v", name, n, err)
		}
		o.fault = errors.New("the disk is gone")
		if _, err := read(); err == nil {
			t.Errorf("%s: a stream that broke off was taken for whole", name)
		}
	}
}

func TestTheClientReadsTheStateOfTheHost(t *testing.T) {
	_, c := startAdmin(t)
	ctx := t.Context()
	hook, err := c.Hook(ctx, "shop")
	if err != nil || hook.Path != "/hooks/shop/"+hookToken {
		t.Errorf("hook is %+v, %v", hook, err)
	}
	if _, err := c.Hook(ctx, "nobody"); !errors.Is(err, host.ErrNotFound) {
		t.Errorf("hook of nobody gives %v", err)
	}
	rules, err := c.Rules(ctx)
	if err != nil || rules.Version != "abc" {
		t.Errorf("rules are %+v, %v", rules, err)
	}
	connections, err := c.Connections(ctx)
	if err != nil || len(connections) != 1 || connections[0].State != host.ConnectionReady {
		t.Errorf("connections are %+v, %v", connections, err)
	}
	fuel, err := c.Fuel(ctx, "shop")
	if err != nil || fuel.Limit != 100 || len(fuel.Calls) != 1 || fuel.Calls[0].Most != 7 {
		t.Errorf("fuel is %+v, %v", fuel, err)
	}
	if _, err := c.Fuel(ctx, "nobody"); !errors.Is(err, host.ErrNotFound) {
		t.Errorf("fuel of nobody gives %v", err)
	}
	version, err := c.Version(ctx)
	if err != nil || version.Version != "v1" {
		t.Errorf("version is %+v, %v", version, err)
	}
}

func TestErrorsKeepTheirKindOnTheWay(t *testing.T) {
	o, c := startAdmin(t)
	faults := diag.Problems{{File: "a.yaml", Line: 3, Column: 1, Message: abi.Text{EN: "wrong", JA: "違います"}}}
	for name, check := range map[string]struct {
		fault error
		same  func(error) bool
	}{
		"not found": {host.ErrNotFound, func(err error) bool { return errors.Is(err, host.ErrNotFound) }},
		"conflict":  {&abi.Error{Kind: abi.Conflict, Message: "it runs"}, kindIs(abi.Conflict)},
		"full":      {&abi.Error{Kind: abi.Unavailable, Message: "full"}, kindIs(abi.Unavailable)},
		"ours":      {errors.New("broken"), kindIs(abi.Internal)},
		"rules": {faults, func(err error) bool {
			got, ok := errors.AsType[diag.Problems](err)
			return ok && cmp.Equal(got, faults)
		}},
	} {
		o.fault = check.fault
		if _, err := c.ReloadRules(t.Context()); !check.same(err) {
			t.Errorf("%s arrived as %v", name, err)
		}
	}
}

// What a platform refuses, or a person must not ask for, is no fault of the host: it is not logged as one.
func TestOnlyTheHostsOwnFaultsAreLogged(t *testing.T) {
	for kind, want := range map[abi.Kind]int{abi.Denied: 403, abi.Auth: 502, abi.Unknown: 502, abi.Limit: 502, abi.Blocked: 502, abi.Internal: 500} {
		o := &operator{fault: &abi.Error{Kind: kind, Message: "no"}}
		s := start(t, func(options *web.Options) { options.Operator = o })
		got := s.send(t, "POST", api.Prefix+"/rules/reload", "", "Authorization", "Bearer "+adminToken)
		s.stop(t)
		if logged := strings.Contains(s.log.String(), "request failed"); got.status != want || logged != (kind == abi.Internal) {
			t.Errorf("%s: answered %d, logged %t", kind, got.status, logged)
		}
	}
}

// TestBulkGoesOnAfterAFailure counts first, then acts; the operator's one run is failed.
func TestBulkGoesOnAfterAFailure(t *testing.T) {
	o, c := startAdmin(t)
	ctx := t.Context()
	filter := host.RunFilter{Flow: "sync"}
	seen, err := c.RerunMany(ctx, filter, api.BulkAct{Rerun: host.Rerun{How: host.RestartBegin}, Preview: true})
	if err != nil || seen.Count != 1 || seen.After != "" {
		t.Errorf("preview is %+v, %v", seen, err)
	}
	if want := (host.RunFilter{Flow: "sync", State: host.RunFailed, Oldest: true, Limit: 200}); !cmp.Equal(want, o.asked) {
		t.Errorf("the preview asked %+v", o.asked)
	}
	if _, err := c.RerunMany(ctx, filter, api.BulkAct{Rerun: host.Rerun{How: host.RestartBegin}}); err != nil || o.asked != "01R begin" {
		t.Errorf("rerun asked %v, %v", o.asked, err)
	}
	o.refuse = &abi.Error{Kind: abi.Conflict, Message: "it runs"}
	for name, act := range map[string]func() (api.Bulk, error){
		"rerun": func() (api.Bulk, error) {
			return c.RerunMany(ctx, filter, api.BulkAct{Rerun: host.Rerun{How: host.RestartStep}})
		},
		"replay": func() (api.Bulk, error) { return c.ReplayMany(ctx, host.EventFilter{}, api.BulkAct{}) },
		"run":    func() (api.Bulk, error) { return c.RunMissed(ctx, "F", host.EventFilter{}, api.BulkAct{}) },
	} {
		done, err := act()
		if err != nil || done.Count != 1 || len(done.Failed) != 1 || done.Failed[0].Kind != abi.Conflict {
			t.Errorf("%s gives %+v, %v", name, done, err)
		}
	}
	if _, err := c.CancelMany(ctx, filter, api.BulkAct{}); err != nil || !cmp.Equal(o.listed, host.RunFilter{Flow: "sync", Limit: 200}) {
		t.Errorf("cancelling asked %+v, %v", o.listed, err)
	}
	if _, err := c.RerunMany(ctx, host.RunFilter{State: host.RunDone}, api.BulkAct{Rerun: host.Rerun{How: host.RestartStep}}); abi.KindOf(err) != abi.Invalid {
		t.Errorf("rerunning what is done gives %v", err)
	}
}

func kindIs(kind abi.Kind) func(error) bool {
	return func(err error) bool { return abi.KindOf(err) == kind }
}

func TestTheAdminAPIWantsItsToken(t *testing.T) {
	s := start(t)
	for _, header := range []string{"", "Bearer", "Bearer wrong", adminToken, "Basic " + adminToken} {
		got := s.send(t, "GET", "/api/v1/runs", "", "Authorization", header)
		if got.status != http.StatusUnauthorized || !strings.Contains(got.body, "admin.token") {
			t.Errorf("%q got %d %s", header, got.status, got.body)
		}
	}
	c := client.New(s.url, "wrong", nil)
	if _, err := c.Runs(t.Context(), host.RunFilter{}); abi.KindOf(err) != abi.Auth {
		t.Errorf("the client says %v", err)
	}
}

func TestWrongRequestsAreToldWhatIsPossible(t *testing.T) {
	s := start(t)
	for path, want := range map[string]string{
		"/api/v1/runs?stat=failed":  "possible are flow, state",
		"/api/v1/runs?state=broken": "queued, running",
		"/api/v1/runs?kind=bad":     "no kind of error",
		"/api/v1/runs?since=today":  "2026-01-02T15:04:05",
		"/api/v1/events?limit=0":    "from 1 to 1000",
		"/api/v1/nothing":           "Not Found",
	} {
		got := s.send(t, "GET", path, "", "Authorization", "Bearer "+adminToken)
		if got.status < 400 || got.status >= 500 || !strings.Contains(got.body, want) || got.headers.Get("Content-Type") != api.ProblemType {
			t.Errorf("%s got %d %s %s", path, got.status, got.headers.Get("Content-Type"), got.body)
		}
	}
	for path, body := range map[string]string{
		"/api/v1/runs/01R/rerun": `{"how":"again"}`, "/api/v1/runs/01/rerun": `{`,
	} {
		if got := s.send(t, "POST", path, body, "Authorization", "Bearer "+adminToken); got.status != 400 {
			t.Errorf("%s with %s got %d", path, body, got.status)
		}
	}
	if got := s.send(t, "PUT", "/api/v1/cursors/shop/x", `{}`, "Authorization", "Bearer "+adminToken); got.status != 400 {
		t.Errorf("a cursor without a value got %d", got.status)
	}
}

func TestTheOperatorIsToldWhoActs(t *testing.T) {
	o, c := startAdmin(t)
	for name, want := range map[string]string{"hanako": "hanako", "花子 & co": "花子 & co", "a\nb\x1b[1m": "ab[1m", strings.Repeat("花", 100): strings.Repeat("花", 66)} {
		if err := c.As(name).Resume(t.Context(), "shop"); err != nil {
			t.Fatal(err)
		}
		if o.actor != (host.Actor{Name: want, Address: "127.0.0.1"}) {
			t.Errorf("%q acts as %+v", name, o.actor)
		}
	}
}

// What acts may still be at work when the next request comes over the same connection.
func TestWhoActedIsNotOverwritten(t *testing.T) {
	o, c := startAdmin(t)
	for _, name := range []string{"hanako", "sachio"} {
		before := o.actor
		if err := c.As(name).Resume(t.Context(), "shop"); err != nil {
			t.Fatal(err)
		}
		if before.Name != "" && before.Name != "hanako" {
			t.Errorf("hanako became %q", before.Name)
		}
	}
}

func TestABackfillNeedsAPast(t *testing.T) {
	_, c := startAdmin(t)
	for _, job := range []api.Backfill{{Connection: "shop", Trigger: "x"}, {Connection: "shop", Trigger: "x", Since: time.Now().Add(time.Hour)}} {
		if _, err := c.Backfill(t.Context(), job); abi.KindOf(err) != abi.Invalid {
			t.Errorf("%+v gives %v", job, err)
		}
	}
}

func TestAHostThatIsNotThereIsUnreachable(t *testing.T) {
	c := client.New("http://127.0.0.1:1", adminToken, nil)
	if _, err := c.Version(t.Context()); !errors.Is(err, client.ErrUnreachable) {
		t.Errorf("error is %v", err)
	}
}

func startAdmin(t *testing.T) (*operator, *client.Client) {
	t.Helper()
	o := &operator{}
	s := start(t, func(options *web.Options) { options.Operator = o })
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return o, client.New(s.url, adminToken, transport)
}

func (o *operator) Status(_ context.Context, since time.Time) (api.Status, error) {
	o.asked = since
	return api.Status{Since: since}, o.fault
}

func (o *operator) RenewHook(_ context.Context, name string) (string, error) {
	o.asked = "renew " + name
	return web.HookPath(name, "another"), o.fault
}

// bothLanguagesError is an error of a part of the host that speaks both.
type bothLanguagesError struct{}

func (bothLanguagesError) Error() string { return "both are the same" }
func (bothLanguagesError) Text() abi.Text {
	return abi.Text{EN: "both are the same", JA: "同じです"}
}
func (bothLanguagesError) Unwrap() error { return &abi.Error{Kind: abi.Invalid} }

func TestARefusalThatSpeaksBothLanguagesArrivesInBoth(t *testing.T) {
	o, c := startAdmin(t)
	o.fault = bothLanguagesError{}
	_, _, err := c.Run(t.Context(), "01R")
	problem, is := errors.AsType[*api.Problem](err)
	if !is || problem.DetailJA != "同じです" || problem.Status != http.StatusBadRequest {
		t.Errorf("told %+v", err)
	}
}
