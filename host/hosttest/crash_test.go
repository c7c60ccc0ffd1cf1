package hosttest_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/sdk/simkit"
)

var (
	crashSeed   = flag.Uint64("crash.seed", 1, "seed of the crash test")
	crashEvents = flag.Int("crash.events", 400, "how many events the crash test delivers")
	crashKills  = flag.Int("crash.kills", 4, "how often the host is killed")
)

// note writes a lead for every event. Nothing at the platform keeps it from
// writing two: that is the host's business. The lead's number tells the order.
const note = `
language: 1
flow: note
on: {connection: shop, event: customer.updated}
key: event.subject
steps:
  - id: customer
    call: shop.customer.get
    with: {id: "${event.data.id}"}
  - call: crm.record.create
    with:
      object: Lead
      fields: {LastName: "${event.data.?number.orValue('')}", Company: "${event.subject}"}
`

const crashKeys = 12

// The host is killed again and again while events come in and platforms fail.
// Afterwards every acknowledged event is one lead, exactly, in order per customer.
func TestKilledHostLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{
		Rules: map[string]string{"note.yaml": note},
		Connections: map[string]hosttest.Connection{
			"shop": {Connector: "ecforce", Quiet: true}, "crm": {Connector: "salesforce", Quiet: true},
		},
		Process: true,
	})
	chaos := rand.New(rand.NewPCG(*crashSeed, 0)) //nolint:gosec // a test's seed
	before := len(leads(t, h))
	breakThings(t, h, chaos)
	s := newSender(t, h, *crashEvents)
	s.start()
	for kill := range *crashKills {
		h.Await("some deliveries", func() bool {
			return s.acknowledged.Load() >= int64((kill+1)**crashEvents/(*crashKills+1))
		})
		h.Kill()
		h.Restart()
	}
	s.wait()
	patience := 2*time.Minute + time.Duration(*crashEvents)*10*time.Millisecond // a soak leaves a backlog
	h.AwaitWithin("all runs to be done", patience, func() bool { return nothingOpen(h) && len(leads(t, h))-before >= *crashEvents })
	checkLeads(t, h, before, *crashEvents)
}

// breakThings has both platforms fail now and then, before and after an effect.
func breakThings(t *testing.T, h *hosttest.Host, chaos *rand.Rand) {
	t.Helper()
	for range 6 {
		for _, f := range []simkit.Fault{
			{Match: simkit.Match{Method: "POST", Path: "/sobjects/Lead"}, Kind: simkit.FaultReset, AfterEffect: true},
			{Match: simkit.Match{Method: "POST", Path: "/sobjects/Lead"}, Kind: simkit.FaultStatus, Status: 503},
		} {
			f.Skip = chaos.IntN(*crashEvents / 8)
			if err := h.Sims["crm"].Inject(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
		f := simkit.Fault{Match: simkit.Match{Path: "/customers/"}, Kind: simkit.FaultCut, Skip: chaos.IntN(*crashEvents / 8)}
		if err := h.Sims["shop"].Inject(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
}

// sender delivers numbered events, each until it is acknowledged, as platforms do.
type sender struct {
	t            *testing.T
	events       int
	url          string
	client       *http.Client
	acknowledged atomic.Int64
	senders      sync.WaitGroup
}

func newSender(t *testing.T, h *hosttest.Host, events int) *sender {
	t.Helper()
	hook, err := h.Client.Hook(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	return &sender{t: t, events: events, url: h.URL + hook.Path, client: &http.Client{Timeout: 5 * time.Second}}
}

// start sends with one client per customer: a platform's own order is what we promise to keep.
func (s *sender) start() {
	for key := range crashKeys {
		s.senders.Go(func() {
			for n := key; n < s.events && s.t.Context().Err() == nil; n += crashKeys {
				for !s.post(key, n) && s.t.Context().Err() == nil {
					time.Sleep(20 * time.Millisecond)
				}
				s.acknowledged.Add(1)
			}
		})
	}
}

func (s *sender) wait() { s.senders.Wait() }

func (s *sender) post(key, n int) bool {
	return s.try(key, strconv.Itoa(n), time.Date(2026, 11, 2, 0, 0, n, 0, time.UTC)).status == http.StatusOK
}

// answer is what the host answered; its status is 0 if it did not.
type answer struct {
	status     int
	retryAfter string
}

// try delivers a numbered change of a customer, as of a time that tells it from other changes.
func (s *sender) try(key int, number string, at time.Time) answer {
	body := fmt.Appendf(nil, `{"musubi":1,"family":"customer","id":"%d","number":"%s","updated_at":"%s"}`,
		30501+key, number, at.Format("2006/01/02 15:04:05"))
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return answer{}
	}
	request.Header.Set("X-Ecf-Event", "customer_updated")
	response, err := s.client.Do(request)
	if err != nil {
		return answer{}
	}
	defer response.Body.Close()
	if _, err = io.Copy(io.Discard, response.Body); err != nil {
		return answer{}
	}
	return answer{response.StatusCode, response.Header.Get("Retry-After")}
}

type lead struct {
	ID       string `json:"Id"`
	LastName string
	Company  string
}

func leads(t *testing.T, h *hosttest.Host) []lead {
	t.Helper()
	var all []lead
	if err := h.Sims["crm"].Records(t.Context(), "Lead", &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func nothingOpen(h *hosttest.Host) bool {
	for _, state := range []host.RunState{host.RunQueued, host.RunRunning, host.RunWaiting} {
		if len(h.Runs(host.RunFilter{State: state, Limit: 1})) > 0 {
			return false
		}
	}
	return true
}

func checkLeads(t *testing.T, h *hosttest.Host, before, events int) {
	t.Helper()
	all := leads(t, h)
	slices.SortFunc(all, func(a, b lead) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	seen := make(map[string]int)
	last := make(map[string]int)
	for _, l := range all {
		n, err := strconv.Atoi(l.LastName)
		if err != nil {
			continue // the org's own leads
		}
		if seen[l.LastName]++; seen[l.LastName] > 1 {
			t.Errorf("event %s was written %d times", l.LastName, seen[l.LastName])
		}
		if previous, ok := last[l.Company]; ok && n < previous {
			t.Errorf("customer %s: event %d was written after event %d", l.Company, n, previous)
		}
		last[l.Company] = n
	}
	for n := range events {
		if seen[strconv.Itoa(n)] == 0 {
			t.Errorf("event %d was acknowledged and is lost", n)
		}
	}
	if failed := h.Runs(host.RunFilter{State: host.RunFailed}); len(failed) > 0 {
		t.Errorf("%d runs failed, the first: %v", len(failed), failed[0].Error)
	}
	t.Logf("%d leads of %d events, %d before", len(all), events, before)
}
