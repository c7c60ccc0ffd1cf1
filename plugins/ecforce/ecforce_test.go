package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

// simBinary is the sim, built once for all tests.
var simBinary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ecforce-sim")
	if err != nil {
		panic(err)
	}
	simBinary = filepath.Join(dir, "sim")
	if out, err := exec.Command("go", "build", "-o", simBinary, "./sim").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// shopSim is a simulated shop with a connection to it.
type shopSim struct {
	*simclient.Process
	*sdktest.Connection
}

// openShop starts a shop without a rate limit and connects to it; more settings go on top.
func openShop(t *testing.T, more map[string]any) *shopSim {
	t.Helper()
	sim, err := simclient.Start(t.Context(), simBinary)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Stop)
	if err := sim.SetLimits(t.Context(), map[string]int{"per_second": 0}); err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"base_url": sim.URL}
	for name, value := range more {
		all[name] = value
	}
	c := sdktest.New(t, connector, all, nil)
	c.Transport = http.DefaultTransport
	c.Authorize = func(r *http.Request) { r.Header.Set("Authorization", `Token token="sim-token"`) }
	return &shopSim{Process: sim, Connection: c}
}

func (s *shopSim) put(t *testing.T, collection, id string, record map[string]any) {
	t.Helper()
	if err := s.PutRecord(t.Context(), collection, id, record); err != nil {
		t.Fatal(err)
	}
}

func (s *shopSim) freeze(t *testing.T, at time.Time) {
	t.Helper()
	if err := s.Freeze(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	s.Now = at
}

// subjects polls until there is no more and returns the subjects, joined.
func (s *shopSim) subjects(t *testing.T, trigger string, in *abi.PollInput) string {
	t.Helper()
	events, cursor, err := s.PollAll(trigger, *in)
	if err != nil {
		t.Fatal(err)
	}
	in.Cursor = cursor
	var all []string
	for _, e := range events {
		all = append(all, e.Subject)
	}
	return strings.Join(all, " ")
}

var april = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

func TestShippedIsAnnouncedHoweverLateItIsEntered(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	in := &abi.PollInput{}
	if got := s.subjects(t, "order.shipped", in); got != "" {
		t.Errorf("the first poll announced %s", got)
	}
	s.put(t, "orders", "700001", map[string]any{"state": "shipped", "shipped_at": april.Format(time.RFC3339)})
	s.put(t, "orders", "700002", map[string]any{"state": "shipped", "shipped_at": april.AddDate(0, 0, -3).Format(time.RFC3339)})
	s.put(t, "orders", "700003", map[string]any{"state": "shipped", "shipped_at": april.AddDate(-1, 0, 0).Format(time.RFC3339)})
	s.put(t, "orders", "700004", map[string]any{"state": "complete"})
	if got := s.subjects(t, "order.shipped", in); got != "700001 700002" {
		t.Errorf("announced %s", got)
	}
}

func decodeInto(t *testing.T, raw json.RawMessage, v any) {
	t.Helper()
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatal(err)
	}
}
