package simkit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

// parrot is a platform that keeps notes: PUT /notes/<id> stores the body.
func parrot(env *simkit.Env) (*simkit.Platform, error) {
	notes := simkit.NewCollection[string]()
	put := func(id, text string) {
		notes.Put(id, text)
		env.Hooks.Send(simkit.Message{Event: "note_put", Body: []byte(text)})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /notes/{id}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		put(r.PathValue("id"), string(body))
		simkit.Effect(w, "put note "+r.PathValue("id"))
		simkit.WriteJSON(w, http.StatusOK, map[string]string{"text": strings.Repeat("echo ", 50)})
	})
	return &simkit.Platform{
		Handler: mux,
		Tables: map[string]simkit.Table{"notes": {
			List: func() (any, error) { return notes.Select(nil), nil },
			Put:  func(id string, fields json.RawMessage) error { put(id, string(fields)); return nil },
		}},
		Hook: func(d simkit.Delivery) (simkit.Message, error) {
			return simkit.Message{Event: d.Event, Header: http.Header{"X-Event": {d.Event}}, Body: []byte(d.Body)}, nil
		},
	}, nil
}

func start(t *testing.T) *simclient.Client {
	t.Helper()
	s, err := simkit.Start(simkit.Program{Name: "parrot", Now: time.Now, Open: parrot}, "127.0.0.1:0", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return simclient.New(s.URL)
}

// put stores a note and returns the answer, or how the connection broke.
func put(t *testing.T, c *simclient.Client, id string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, c.URL+"/notes/"+id, strings.NewReader("text of "+id))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", `Token token="s3cr3t"`)
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

func TestFaults(t *testing.T) {
	cases := []struct {
		name   string
		fault  simkit.Fault
		status int
		effect bool
		broken func(error) bool
	}{
		{"status", simkit.Fault{Kind: simkit.FaultStatus, Status: 429}, 429, false, nil},
		{"status after effect", simkit.Fault{Kind: simkit.FaultStatus, Status: 500, AfterEffect: true}, 500, true, nil},
		{"html", simkit.Fault{Kind: simkit.FaultHTML}, 503, false, nil},
		{"slow", simkit.Fault{Kind: simkit.FaultSlow, DelayMS: 20}, 200, true, nil},
		{"reset", simkit.Fault{Kind: simkit.FaultReset}, 0, false, isReset},
		{"reset after effect", simkit.Fault{Kind: simkit.FaultReset, AfterEffect: true}, 0, true, isReset},
		{"cut", simkit.Fault{Kind: simkit.FaultCut}, 200, true, func(err error) bool { return isReset(err) || errors.Is(err, io.ErrUnexpectedEOF) }},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := start(t)
			tc.fault.Match = simkit.Match{Method: "PUT", Path: "/notes/", Body: "of a"}
			if err := c.Inject(t.Context(), tc.fault); err != nil {
				t.Fatal(err)
			}
			status, _, err := put(t, c, "a")
			if status != tc.status || (err != nil) != (tc.broken != nil) || (err != nil && !tc.broken(err)) {
				t.Errorf("status %d, error %v", status, err)
			}
			checkEffect(t, c, tc.fault.Kind, tc.effect)
			if status, _, err := put(t, c, "a"); status != 200 || err != nil {
				t.Errorf("after the fault: status %d, error %v", status, err)
			}
		})
	}
}

func isReset(err error) bool { return errors.Is(err, syscall.ECONNRESET) }

// checkEffect compares the journal's last entry and the records with each other.
func checkEffect(t *testing.T, c *simclient.Client, fault simkit.FaultKind, effect bool) {
	t.Helper()
	entries, err := c.Journal(t.Context(), 0)
	if err != nil || len(entries) != 1 {
		t.Fatalf("journal: %v, %v", entries, err)
	}
	var notes []string
	if err := c.Records(t.Context(), "notes", &notes); err != nil {
		t.Fatal(err)
	}
	if got := entries[0].Effect == "put note a"; got != effect || got != (len(notes) == 1) {
		t.Errorf("effect %q, notes %q", entries[0].Effect, notes)
	}
	if entries[0].Fault != fault {
		t.Errorf("journal says fault %q", entries[0].Fault)
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	c := start(t)
	if err := c.Inject(t.Context(), simkit.Fault{Kind: simkit.FaultHang}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := put(t, c, "a"); err == nil {
		t.Error("a hanging request was answered")
	}
}

func TestFaultSkipsThenRepeats(t *testing.T) {
	c := start(t)
	fault := simkit.Fault{Kind: simkit.FaultStatus, Status: 500, Skip: 1, Times: 2}
	if err := c.Inject(t.Context(), fault); err != nil {
		t.Fatal(err)
	}
	var got []int
	for range 4 {
		status, _, _ := put(t, c, "a")
		got = append(got, status)
	}
	if fmt.Sprint(got) != "[200 500 500 200]" {
		t.Errorf("got %v", got)
	}
}

func TestJournalHidesCredentials(t *testing.T) {
	c := start(t)
	if _, _, err := put(t, c, "a"); err != nil {
		t.Fatal(err)
	}
	entries, err := c.Journal(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	e := entries[0]
	if got := e.Headers["Authorization"]; got != `Token token="<6>"` {
		t.Errorf("Authorization is shown as %s", got)
	}
	if e.Method != http.MethodPut || e.Path != "/notes/a" || e.Status != 200 || e.Request != "text of a" || !strings.Contains(e.Response, "echo") {
		t.Errorf("entry %+v", e)
	}
}

func TestClockFreezesAdvancesAndResumes(t *testing.T) {
	c := start(t)
	noon := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	if err := errors.Join(c.Freeze(t.Context(), noon), c.Advance(t.Context(), 2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if now, err := c.Now(t.Context()); err != nil || !now.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("now %v, %v", now, err)
	}
	if err := c.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now, err := c.Now(t.Context()); err != nil || time.Since(now).Abs() > time.Minute {
		t.Errorf("now %v, %v", now, err)
	}
}

// receiver collects what it is sent and refuses the first refuse deliveries.
func receiver(t *testing.T, refuse int) (url string, got chan string) {
	t.Helper()
	got = make(chan string, 100)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.Header.Get("X-Event") + string(body)
		if refuse--; refuse >= 0 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL, got
}

func TestHooksKeepOrder(t *testing.T) {
	c := start(t)
	url, got := receiver(t, 0)
	if err := c.SetHook(t.Context(), simkit.Hook{URL: url, Events: []string{"note_put"}}); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if err := c.PutRecord(t.Context(), "notes", "n", i); err != nil {
			t.Fatal(err)
		}
	}
	sent, err := c.Sent(t.Context())
	if err != nil || len(sent) != 20 {
		t.Fatalf("%d sent, %v", len(sent), err)
	}
	for i := range 20 {
		if body := <-got; body != strconv.Itoa(i) {
			t.Errorf("delivery %d is %s", i, body)
		}
	}
}

func TestDeliverAnswersWhatTheReceiverSaid(t *testing.T) {
	c := start(t)
	url, got := receiver(t, 1)
	if err := c.SetHook(t.Context(), simkit.Hook{URL: url}); err != nil {
		t.Fatal(err)
	}
	answer, err := c.Deliver(t.Context(), simkit.Delivery{Event: "note_put", Body: "raw"})
	if err != nil || answer.Status != 502 {
		t.Errorf("answer %+v, %v", answer, err)
	}
	if body := <-got; body != "note_putraw" {
		t.Errorf("received %s", body)
	}
}

func TestHookIsSentAgainUntilAccepted(t *testing.T) {
	url, got := receiver(t, 2)
	open := func(env *simkit.Env) (*simkit.Platform, error) {
		env.Hooks.Set(simkit.Hook{URL: url})
		env.Hooks.Send(simkit.Message{Event: "e", Body: []byte("once"), Retry: simkit.Retry{Times: 5, Wait: time.Millisecond}})
		env.Hooks.Flush()
		return &simkit.Platform{Handler: http.NotFoundHandler()}, nil
	}
	s, err := simkit.Start(simkit.Program{Name: "again", Now: time.Now, Open: open}, "127.0.0.1:0", 1)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if len(got) != 3 {
		t.Errorf("sent %d times, want 3", len(got))
	}
}

func TestUnknownControlsAreRefused(t *testing.T) {
	c := start(t)
	refused := map[string]error{
		"collection": c.PutRecord(t.Context(), "nothing", "1", 1),
		"fault":      c.Inject(t.Context(), simkit.Fault{Kind: "explode"}),
		"limits":     c.SetLimits(t.Context(), map[string]int{"per_second": 1}),
	}
	for what, err := range refused {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
