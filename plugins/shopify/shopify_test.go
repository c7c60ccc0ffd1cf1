package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

// simDir is where the sim is built, when the first test needs it.
var simDir string

var buildSim = sync.OnceValues(func() (string, error) {
	var err error
	if simDir, err = os.MkdirTemp("", "shopify-sim"); err != nil {
		return "", err
	}
	binary := filepath.Join(simDir, "sim")
	if out, err := exec.Command("go", "build", "-o", binary, "./sim").CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the sim: %w\n%s", err, out)
	}
	return binary, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if err := os.RemoveAll(simDir); err != nil {
		code = 1
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
	binary, err := buildSim()
	if err != nil {
		t.Fatal(err)
	}
	sim, err := simclient.Start(t.Context(), binary)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Stop)
	all := map[string]any{"base_url": sim.URL, "bulk_file_host": sim.URL}
	for name, value := range more {
		all[name] = value
	}
	c := sdktest.New(t, connector(), all, nil)
	c.Transport = http.DefaultTransport
	c.Authorize = func(r *http.Request) { r.Header.Set("X-Shopify-Access-Token", "shpat_sim") }
	s := &shopSim{Process: sim, Connection: c}
	s.limit(t, map[string]any{"restore_rate": 0})
	return s
}

func (s *shopSim) limit(t *testing.T, limits map[string]any) {
	t.Helper()
	if err := s.SetLimits(t.Context(), limits); err != nil {
		t.Fatal(err)
	}
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

func TestX(t *testing.T) {
	s := openShop(t, nil)
	for _, c := range []struct {
		action string
		in     any
	}{
		{"customer.get", byID{"7770002"}},
		{"customer.find", map[string]any{"phone": "090-1234-5678"}},
		{"customer.search", map[string]any{"tag": "VIP"}},
		{"order.get", byID{"5550001112224"}},
		{"order.search", map[string]any{"number": "#1042"}},
		{"product.search", map[string]any{}},
		{"variant.find", map[string]any{"sku": "POT-01"}},
		{"stock.get", map[string]any{"inventory_item_id": "4440001", "location_id": "222000"}},
		{"location.list", map[string]any{}},
		{"checkout.search", map[string]any{}},
		{"shop.get", map[string]any{}},
		{"webhook.list", map[string]any{}},
		{"stock.set", map[string]any{"inventory_item_id": "4440001", "location_id": "222000", "quantity": 3}},
		{"tag.add", map[string]any{"object": "order", "id": "5550001112224", "tags": []string{"a"}}},
		{"metafield.set", map[string]any{"object": "order", "id": "5550001112224", "metafields": []any{map[string]any{"name": "custom.sf", "value": "1", "type": "id"}}}},
		{"metafield.get", map[string]any{"object": "order", "id": "5550001112224", "name": "custom.sf"}},
		{"customer.upsert", map[string]any{"email": "new@example.com", "last_name": "新", "line_id": "U1", "birthday": "1990-01-02", "tags": []string{"x"}}},
		{"customer.update", map[string]any{"id": "7770001", "note": "n"}},
		{"customer.create", map[string]any{"email": "new2@example.com", "line_id": "U2"}},
		{"customer.set_consent", map[string]any{"id": "7770001", "state": "UNSUBSCRIBED"}},
		{"order.create", map[string]any{"source": "ecforce", "source_identifier": "EC-1", "items": []any{map[string]any{"variant_id": "4440001", "quantity": 1}}}},
		{"order.update", map[string]any{"id": "5550001112224", "note": "x"}},
		{"webhook.register", map[string]any{"topic": "orders/create", "url": "https://m.example.com/h"}},
		{"bulk.start", map[string]any{"query": "{ products { edges { node { id } } } }"}},
		{"bulk.get", map[string]any{"id": "1"}},
		{"bulk.get", map[string]any{"id": "1"}},
		{"bulk.read", map[string]any{"id": "1"}},
		{"record.search", map[string]any{"object": "customer", "match": map[string]any{"email": "hanako@example.com"}, "fields": []string{"email"}}},
		{"record.search", map[string]any{"object": "order", "match": map[string]any{"customer_id": "7770001"}, "fields": []string{"number"}}},
	} {
		var out map[string]any
		n := len(s.Requests())
		err := s.Do(c.action, c.in, &out)
		delete(out, "raw")
		t.Logf("%s: %v %.600v", c.action, err, out)
		for i, r := range s.Requests()[n:] {
			t.Log(i, r.Cost)
		}
	}
	j, _ := s.Journal(t.Context(), 0)
	for _, e := range j {
		i := strings.Index(e.Response, `"requestedQueryCost":`)
		if i > 0 {
			t.Log(e.Response[i : i+30])
		} else {
			t.Log(e.Response)
		}
	}
}
