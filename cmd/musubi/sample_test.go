package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// sampleHost serves the admin API of a host whose content is made up, so that
// scripts show every kind of row.
func sampleHost(ts *testscript.TestScript, _ bool, _ []string) {
	metrics, err := telemetry.New("v1")
	ts.Check(err)
	server, err := web.New(web.Options{
		Hooks: []web.Hook{{Connection: "shop", Token: "unguessable"}}, Operator: &sample{}, AdminToken: "sample-token",
		Ready: func(context.Context) error { return nil }, Metrics: prometheus.NewRegistry(), Meter: metrics.Webhooks,
		Version: built(), Logger: slog.New(slog.DiscardHandler), Clock: time.Now,
	})
	ts.Check(err)
	ts.Check(server.Listen(context.Background(), "127.0.0.1:0"))
	ts.Defer(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		ts.Check(server.Shutdown(ctx))
	})
	ts.Setenv("HOST", server.Addr())
	ts.Check(os.MkdirAll(ts.MkAbs("data"), 0o700))
	ts.Check(os.WriteFile(ts.MkAbs("data/admin.token"), []byte("sample-token\n"), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("musubi.yaml"), []byte("listen: "+server.Addr()+"\n"), 0o600))
	ts.Check(os.MkdirAll(filepath.Join(ts.MkAbs("."), "rules"), 0o700))
}

// morning is when the sample's things happened: 9 o'clock in Tokyo.
var morning = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// sample is an operator of a small shop's host.
type sample struct{}

func sampleRuns() []host.Run {
	run := func(id, subject string, state host.RunState, after time.Duration) host.Run {
		return host.Run{
			ID: "01KE5R" + id, Flow: "customer-to-crm", Version: "5d41402abc4b2a76b9719d911017c592", Event: "01KE5E" + id,
			Connection: "shop", Type: "customer.updated", Subject: subject, Lane: subject, State: state,
			Created: morning.Add(after), Started: morning.Add(after), Ended: morning.Add(after + 350*time.Millisecond),
		}
	}
	failed := run("0003", "30512", host.RunFailed, 2*time.Minute)
	failed.FailedStep = "found"
	failed.Error = &abi.Error{Kind: abi.Conflict, Message: "3 records of Account have Mail__c = hanako@example.com", Code: "DUPLICATES_DETECTED"}
	waiting := run("0002", "30513", host.RunWaiting, time.Minute)
	waiting.Ended, waiting.Due, waiting.Attempt = time.Time{}, morning.Add(11*time.Minute), 3
	waiting.Error = &abi.Error{Kind: abi.Unavailable, Message: "503 from the platform"}
	done := run("0001", "30511", host.RunDone, 0)
	done.Outcome = "取引先を更新しました"
	queued := run("0004", "30512", host.RunQueued, 3*time.Minute)
	queued.Started, queued.Ended = time.Time{}, time.Time{}
	return []host.Run{queued, failed, waiting, done}
}

func (*sample) Runs(_ context.Context, f host.RunFilter) ([]host.Run, error) {
	var some []host.Run
	for _, r := range sampleRuns() {
		if (f.State == "" || r.State == f.State) && (f.Since.IsZero() || !r.Created.Before(f.Since)) && (f.Limit == 0 || len(some) < f.Limit) {
			some = append(some, r)
		}
	}
	return some, nil
}

func (*sample) Run(_ context.Context, id string) (host.Run, []host.StepRecord, error) {
	for _, r := range sampleRuns() {
		if r.ID == id {
			return r, sampleSteps(r), nil
		}
	}
	return host.Run{}, nil, host.ErrNotFound
}

func (*sample) Lineup(context.Context, []string) (api.Lineup, error) {
	return api.Lineup{Holding: map[string]string{"01KE5R0003": "01KE5R0004"}, Behind: map[string]string{"01KE5R0004": "01KE5R0003"}}, nil
}

func sampleSteps(r host.Run) []host.StepRecord {
	if r.Started.IsZero() {
		return nil
	}
	return []host.StepRecord{
		{
			Run: r.ID, Path: "customer", Seq: 1, State: host.StepDone, Call: "shop.customer.get", Attempts: 1,
			Input: json.RawMessage(`{"id":"` + r.Subject + `"}`), Output: json.RawMessage(`{"email":"hanako@example.com","full_name":"山田 花子"}`),
			Started: r.Started, Ended: r.Started.Add(120 * time.Millisecond),
		},
		{
			Run: r.ID, Path: "found", Seq: 2, State: host.StepFailed, Call: "crm.record.search", Attempts: 2, Error: r.Error,
			Started: r.Started.Add(120 * time.Millisecond), Ended: r.Ended,
		},
	}
}

func (*sample) Rerun(_ context.Context, id string, _ host.Rerun) error {
	switch id {
	case "01KE5R0003":
		return nil
	case "01KE5R0001":
		return &abi.Error{Kind: abi.Conflict, Message: "run 01KE5R0001 is done: only a failed or cancelled run can run again"}
	default:
		return host.ErrNotFound
	}
}

func (s *sample) Cancel(ctx context.Context, id string) error { return s.Rerun(ctx, id, host.Rerun{}) }

func sampleEvent() host.Event {
	return host.Event{
		ID: "01KE5E0001", Connection: "shop", Source: "musubi:shop", Type: "customer.updated", Subject: "30511",
		Time: morning.Add(-2 * time.Second), Received: morning, Data: json.RawMessage(`{"id":"30511"}`), Origin: host.OriginWebhook,
	}
}

func (*sample) Events(context.Context, host.EventFilter) ([]host.Event, error) {
	return []host.Event{sampleEvent()}, nil
}

func (*sample) Event(_ context.Context, id string) (host.Event, []host.Run, error) {
	if id == sampleWholeEvent().ID {
		return sampleWholeEvent(), sampleRuns()[1:2], nil
	}
	if id != sampleEvent().ID {
		return host.Event{}, nil, host.ErrNotFound
	}
	return sampleEvent(), sampleRuns()[3:], nil
}

// Missed gives one event, and then a page on which there is none.
func (*sample) Missed(_ context.Context, flow string, f host.EventFilter) ([]host.Event, string, error) {
	switch {
	case flow != "customer-to-crm":
		return nil, "", &api.Problem{Status: 400, Kind: abi.Invalid, Detail: "there is no flow", DetailJA: "フローがありません"}
	case f.After != "":
		return nil, "", nil
	}
	return []host.Event{sampleEvent()}, sampleEvent().ID, nil
}

func (*sample) RunMissed(context.Context, string, string) error { return nil }

func sampleDeadLetter() host.DeadLetter {
	return host.DeadLetter{
		ID: "01KE5D0001", Error: &abi.Error{Kind: abi.Invalid, Message: "the body is not JSON: line 2"},
		Repeats: 2, Last: morning.Add(time.Hour),
		Delivery: host.Delivery{
			Connection: "shop", Method: "POST", Received: morning, RemoteIP: "192.0.2.7",
			Headers: []abi.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "X-Ecf-Event", Value: "customer_updated"}},
			Body:    []byte("{\"id\": \"30514\",\n \"addr\": \"1-2 \"North\" \x1b[31mred\"}"),
		},
	}
}

func (*sample) DeadLetters(context.Context, host.EventFilter) ([]host.DeadLetter, error) {
	return []host.DeadLetter{sampleDeadLetter()}, nil
}

func (*sample) DeadLetter(_ context.Context, id string) (host.DeadLetter, error) {
	if id != sampleDeadLetter().ID {
		return host.DeadLetter{}, host.ErrNotFound
	}
	return sampleDeadLetter(), nil
}

func (*sample) Replay(_ context.Context, id string) (host.Receipt, error) {
	if id != sampleDeadLetter().ID {
		return host.Receipt{}, host.ErrNotFound
	}
	return host.Receipt{Accepted: []string{"01KE5E0009"}, Duplicates: 1}, nil
}

func (*sample) Dismiss(_ context.Context, id string) error {
	if id != sampleDeadLetter().ID {
		return host.ErrNotFound
	}
	return nil
}

func (*sample) Links(_ context.Context, f host.LinkFilter) ([]host.Link, error) {
	if f.From.ID == "nobody" {
		return nil, nil
	}
	return []host.Link{{
		Kind: "customer", From: host.Ref{Connection: "shop", ID: "30511"}, To: host.Ref{Connection: "crm", Object: "Account", ID: "001xx000003DGb2"},
		Run: "01KE5R0001", Created: morning, Written: morning.Add(time.Hour),
	}}, nil
}

func (*sample) Cursors(context.Context) ([]api.Cursor, error) {
	return append(failingPolls(), api.Cursor{Cursor: host.Cursor{
		Connection: "shop", Trigger: "order.updated", Value: json.RawMessage(`{"mark":"2026-01-05T00:00:00Z"}`),
		Updated: morning, Next: morning.Add(10 * time.Minute),
	}}), nil
}

// failingPolls is a poll that the shop refuses, one that waits, and one to which nothing answers.
func failingPolls() []api.Cursor {
	poll := func(trigger string, t api.PollTrouble) api.Cursor {
		t.Since, t.Again = morning.Add(10*time.Minute), morning.Add(30*time.Minute)
		return api.Cursor{Trouble: &t, Cursor: host.Cursor{
			Connection: "shop", Trigger: trigger, Value: json.RawMessage(`{"mark":"2026-01-05T00:00:00Z"}`),
			Updated: morning, Next: morning.Add(10 * time.Minute),
		}}
	}
	return []api.Cursor{
		poll("customer.updated", api.PollTrouble{Tries: 3, Error: &abi.Error{Kind: abi.Auth, Message: "invalid token"}}),
		poll("order.created", api.PollTrouble{Error: &abi.Error{Kind: abi.Unavailable, Message: "the connection shop does not work just now"}}),
		poll("order.shipped", api.PollTrouble{Tries: 2, Error: &abi.Error{Kind: abi.Unavailable, Message: "connection refused"}}),
	}
}

func (*sample) SetCursor(_ context.Context, c host.Cursor) error {
	if c.Trigger != "order.updated" {
		return fmt.Errorf("finding the cursor: %w", host.ErrNotFound)
	}
	return nil
}

func (*sample) Backfills(context.Context) ([]api.Backfill, error) {
	return []api.Backfill{{
		Connection: "shop", Trigger: "order.updated", Since: time.Date(2024, 11, 20, 15, 0, 0, 0, time.UTC),
		Pages: 3, Events: 210, Done: true, Updated: morning,
	}, {
		Connection: "shop", Trigger: "customer.updated", Since: time.Date(2024, 11, 20, 15, 0, 0, 0, time.UTC), Updated: morning,
		Waiting: &abi.Text{EN: "the export 12, 400 records so far", JA: "エクスポート12を準備中(400件)"}, Again: morning.Add(10 * time.Second),
	}}, nil
}

func (*sample) Backfill(_ context.Context, job api.Backfill) (api.Backfill, error) {
	if job.Connection != "shop" {
		return job, &api.Problem{Status: 400, Kind: abi.Invalid, Detail: "there is no connection", DetailJA: "接続がありません"}
	}
	job.Pages, job.Events = 1, 100
	job.Done, job.Updated = job.Since.Year() < 2024 && !job.Anew, morning
	return job, nil
}

// Status is quiet for a period from 2026-01-04 on, and full of trouble otherwise.
func (s *sample) Status(ctx context.Context, since time.Time) (api.Status, error) {
	rules := api.RulesStatus{Version: "9f86d081884c7d65", Loaded: morning, Flows: 4}
	runs := api.RunCounts{Queued: host.Count{N: 2}, Waiting: host.Count{N: 3}, Done: host.Count{N: 20_000, AtLeast: true}}
	connections, err := s.Connections(ctx)
	if since.Before(morning) {
		return api.Status{Since: since, Connections: []api.Connection{{Name: "shop", ConnectionStatus: host.ConnectionStatus{State: host.ConnectionReady}}}, Runs: runs, Rules: rules}, err
	}
	rules.Problems = []api.RuleProblem{{File: "customers.yaml", Line: 12, Message: abi.Text{EN: "customer has no field emial", JA: "「emial」という項目は customer にありません"}}}
	runs.Failed = host.Count{N: 60}
	group := func(connection, where string, count, holding int, e *abi.Error) api.Failures {
		return api.Failures{
			Flow: "customer-to-crm", Connection: connection, Error: e, Count: count, Holding: holding,
			First: morning, Last: morning.Add(time.Hour), Example: "01KE5R0003", Where: where + ",failed_since=2026-01-05T09:00:00+09:00",
		}
	}
	return api.Status{
		Since: since, Connections: connections, Runs: runs, Rules: rules, NotReady: &abi.Text{EN: "plugins are being compiled", JA: "プラグインを準備(コンパイル)しています"},
		Failures: []api.Failures{
			group("crm", "flow=customer-to-crm,connection=crm,kind=conflict,code=DUPLICATES_DETECTED", 41, 2, &abi.Error{Kind: abi.Conflict, Message: "3 records", Code: "DUPLICATES_DETECTED", Status: 400}),
			group("crm", "flow=customer-to-crm,connection=crm,kind=conflict,code=no_answer", 12, 0, &abi.Error{Kind: abi.Conflict, Message: "no answer came", Code: host.CodeNoAnswer}),
			group("", "flow=customer-to-crm,connection=-,kind=invalid,code=-", 3, 0, &abi.Error{Kind: abi.Invalid, Message: "no e-mail address"}),
		},
		Dead: []api.DeadLetters{{Connection: "shop", Error: &abi.Error{Kind: abi.Invalid, Message: "the body is not JSON"}, Count: 2, First: morning, Last: morning.Add(time.Hour), Example: "01KE5D0001"}}, DeadAtLeast: true,
		Expiring: []api.Expiring{
			{Connection: "crm", Secret: "client_secret", Expires: morning.Add(-9 * time.Hour), DaysLeft: 0},
			{Connection: "shop", Secret: "token", Expires: morning.Add(111 * time.Hour), DaysLeft: 5},
		},
	}, err
}

func (*sample) Connections(context.Context) ([]api.Connection, error) {
	return []api.Connection{
		{
			Name: "crm", Connector: "salesforce", Version: "1.0.0", Since: morning, Held: host.Count{N: 12}, Oldest: morning.Add(-time.Hour),
			ConnectionStatus: host.ConnectionStatus{
				State: host.ConnectionParked, Error: &abi.Error{Kind: abi.Auth, Message: "invalid_client"},
			},
		},
		{Name: "shop", Polls: failingPolls()[:1], Use: api.Use{Calls: 1200, Fuel: 480_000_000, Most: 2_000_000, Instances: 2}, Connector: "ecforce", Version: "1.0.0", ConnectionStatus: host.ConnectionStatus{State: host.ConnectionReady}},
	}, nil
}

func (*sample) Fuel(_ context.Context, connection string) (api.Fuel, error) {
	if connection != "shop" {
		return api.Fuel{}, host.ErrNotFound
	}
	return api.Fuel{Limit: 5_000_000, Calls: []api.CallUse{
		{Operation: "action", Name: "customer.get", Calls: 1100, Median: 410_000, P99: 655_359, Most: 2_000_000},
		{Operation: "poll", Name: "order.updated", Calls: 40, Median: 1_600_000, P99: 1_800_000, Most: 1_800_000},
		{Operation: "webhook", Calls: 60, Median: 98_303, P99: 114_687, Most: 120_000},
	}}, nil
}

func (*sample) Resume(_ context.Context, name string) error {
	if name != "crm" && name != "shop" {
		return host.ErrNotFound
	}
	return nil
}

func (*sample) EachRun(_ context.Context, visit func(host.Run) error) error {
	for _, r := range sampleRuns() {
		if err := visit(r); err != nil {
			return err
		}
	}
	return nil
}

func (s *sample) EachLink(ctx context.Context, visit func(host.Link) error) error {
	links, err := s.Links(ctx, host.LinkFilter{})
	return errors.Join(err, visit(links[0]))
}

func (*sample) Backup(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, "this is no backup")
	return err
}

func (*sample) Audits(_ context.Context, f host.AuditFilter) ([]api.Audit, error) {
	if !f.Since.IsZero() {
		return nil, nil
	}
	return []api.Audit{
		{
			Audit: host.Audit{
				ID: "01KE5A0003", Time: morning.Add(2 * time.Hour), Who: "花子", Address: "192.0.2.7", Act: host.ActCancel, On: "01KE5R0001",
				Refused: "run 01KE5R0001 is done already",
			},
			RefusedJA: "実行 01KE5R0001 はすでに終わっています。取り消せません",
		},
		{Audit: host.Audit{ID: "01KE5A0002", Time: morning.Add(time.Hour), Who: "花子", Address: "192.0.2.7", Act: host.ActRerun, On: "01KE5R0003", Detail: "newest"}},
		{Audit: host.Audit{ID: "01KE5A0001", Time: morning, Who: "taro", Act: host.ActRestore, Detail: "210 rows"}},
	}, nil
}

func (*sample) Rules(context.Context) (api.Rules, error) {
	return api.Rules{
		Version: "9f86d081884c7d65", Loaded: morning,
		Flows: []api.Flow{{
			ID: "customer-to-crm", Title: "顧客を取引先へ", Version: "5d41402abc4b2a76", File: "customers.yaml",
			Connection: "shop", Event: "customer.updated",
		}},
	}, nil
}

func (*sample) ReloadRules(context.Context) (api.Rules, error) {
	return api.Rules{}, diag.Problems{{
		File: "customers.yaml", Line: 12, Column: 33, EndColumn: 38, Code: "unknown-field", Source: "      match: {Mail__c: \"${customer.emial}\"}",
		Message: abi.Text{EN: "customer has no field emial: did you mean email?", JA: "「emial」という項目は customer にありません。「email」ではありませんか?"},
	}}
}

func (*sample) SecretNames(context.Context) ([]string, error) { return []string{"crm_secret"}, nil }

func (*sample) SetSecret(context.Context, string, string) error { return nil }

func (*sample) RemoveSecret(context.Context, string) error { return host.ErrNotFound }

func (*sample) RenewHook(_ context.Context, name string) (string, error) {
	if name != "shop" {
		return "", host.ErrNotFound
	}
	return web.HookPath(name, "another"), nil
}
