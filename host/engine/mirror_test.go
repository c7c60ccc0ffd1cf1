package engine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
)

// mirror is one record at two platforms, each of which tells of every write a
// while later, with what the record held then.
type mirror struct {
	*rig

	platform *platform
	held     map[string]string // by connection; guarded by the platform
	writes   int
	lag      map[string]time.Duration
	// kept is what a platform makes of what is written to it.
	kept func(connection, value string) string
	// silent are platforms that do not tell of what a program writes.
	silent map[string]bool
	// step is that of the platforms' times.
	step time.Duration
	// reboot has another host take over.
	reboot func()
}

var recordAt = map[string]string{"shop": "1", "crm": "A1"}

// mirrored boots two flows, from either platform to the other.
func mirrored(t *testing.T, also ...string) *mirror {
	t.Helper()
	m := &mirror{
		platform: newPlatform(), held: map[string]string{}, silent: map[string]bool{},
		lag:  map[string]time.Duration{"shop": time.Second, "crm": time.Second},
		kept: func(_, value string) string { return value },
	}
	m.platform.delay = 100 * time.Millisecond
	m.platform.after = func(in host.Invocation) error {
		var written input
		if in.Name != "record.update" && in.Name != "record.create" {
			return nil
		}
		if err := json.Unmarshal(in.Input, &written); err != nil {
			return err
		}
		m.writes++
		value := m.kept(in.Connection, written.Fields["N"])
		m.held[in.Connection] = value
		if !m.silent[in.Connection] && m.writes < 1000 {
			m.tell(in.Connection, value)
		}
		return nil
	}
	flows := fmt.Sprintf(bothWays, "${event.data.id}", "${event.data.id}")
	for _, f := range also {
		flows += "---\n" + f
	}
	disk := memory(t)
	m.reboot = func() { m.rig = boot(t, disk, m.platform, flows) }
	m.reboot()
	return m
}

// edit is a person's change at a platform.
func (m *mirror) edit(connection, value string) {
	m.platform.mu.Lock()
	defer m.platform.mu.Unlock()
	m.held[connection] = value
	m.tell(connection, value)
}

func (m *mirror) tell(connection, value string) {
	changed := time.Now()
	go func() {
		time.Sleep(m.lag[connection])
		_, err := m.Accept(m.t.Context(), []host.Event{{
			ID: m.NewID(), Connection: connection, Type: "customer.updated", Subject: recordAt[connection],
			Dedupe: m.NewID(), Time: changed.Truncate(m.step), Received: time.Now(), Data: fmt.Appendf(nil, `{"id":%q,"n":1}`, value), Origin: host.OriginWebhook,
		}})
		if err != nil {
			m.t.Error(err)
		}
	}()
}

// now says what both hold.
func (m *mirror) now() map[string]string {
	m.platform.mu.Lock()
	defer m.platform.mu.Unlock()
	return maps.Clone(m.held)
}

// settles says what both hold when all is quiet, how many writes that took, and which runs failed.
func (m *mirror) settles() (held map[string]string, writes int, failed []host.Run) {
	time.Sleep(time.Hour)
	m.platform.mu.Lock()
	defer m.platform.mu.Unlock()
	held, writes, m.writes = maps.Clone(m.held), m.writes, 0
	return held, writes, m.runs(host.RunFilter{State: host.RunFailed})
}

// Changes of one record that are under way at once, from one side or from both,
// come to rest with the same values on both sides, however late either platform tells of them.
func TestChangesThatCrossComeToRest(t *testing.T) {
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			m := mirrored(t)
			defer m.stop()
			m.edit("shop", "z")
			m.settles()
			for side := range m.lag {
				m.lag[side] = time.Duration(100+random.IntN(5000)) * time.Millisecond
			}
			for range 2 + random.IntN(2) {
				m.edit([]string{"shop", "crm"}[random.IntN(2)], string(rune('a'+random.IntN(5))))
				time.Sleep(time.Duration(random.IntN(3000)) * time.Millisecond)
			}
			held, writes, failed := m.settles()
			if held["shop"] != held["crm"] || len(failed) > 0 || writes > 60 {
				t.Errorf("seed %d: after %d writes %v, %d runs failed", seed, writes, held, len(failed))
			}
		})
	}
}

// A platform that makes something else of each value is a loop as before, also
// where values come again: who changes a record there is told.
func TestValuesThatAlternateForEverAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := mirrored(t)
		defer m.stop()
		m.kept = func(connection, value string) string {
			if connection == "crm" {
				return value
			}
			return map[string]string{"on": "off", "off": "on"}[value]
		}
		for range 8 {
			m.edit("shop", "on")
			_, writes, failed := m.settles()
			if len(failed) > 0 {
				if code := failed[0].Error.Code; code != host.CodeLoop {
					t.Errorf("it failed with %s", code)
				}
				return
			}
			if writes > 60 {
				t.Errorf("%d writes", writes)
			}
		}
		t.Error("nobody was told")
	})
}

// What people change to and fro is written each time, also where platforms do
// not tell of what a program writes, and however often they do so.
func TestPeopleMayChangeToAndFro(t *testing.T) {
	for _, silent := range [][]string{nil, {"shop"}, {"crm"}, {"shop", "crm"}} {
		for _, sides := range [][]string{{"shop", "shop"}, {"shop", "crm"}} {
			for _, gap := range []time.Duration{20 * time.Second, 90 * time.Second, 5 * time.Minute} {
				t.Run(fmt.Sprint(silent, sides, gap), func(t *testing.T) { changesToAndFro(t, silent, sides, gap) })
			}
		}
	}
}

func changesToAndFro(t *testing.T, silent, sides []string, gap time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := mirrored(t)
		defer m.stop()
		for _, platform := range silent {
			m.silent[platform] = true
		}
		m.edit("shop", "z")
		m.settles()
		m.edit("crm", "y") // the two are written to from both sides now
		m.settles()
		for n := range 14 {
			want := []string{"a", "b"}[n%2]
			m.edit(sides[n%2], want)
			time.Sleep(gap)
			if got := m.now(); got["shop"] != want || got["crm"] != want {
				t.Errorf("change %d to %s: %v", n, want, got)
			}
		}
	})
}

// Two flows each way write other fields of the same two records: what either
// wrote is known when it comes back, or each round would be twice the last.
func TestSeveralFlowsBetweenTwoRecordsComeToRest(t *testing.T) {
	const other = `language: 1
flow: %s
on: {connection: %s, event: customer.updated}
steps:
  - upsert: %s
    object: %s
    link: customer
    match: {Mail: "${event.data.id}@example.com"}
    set: {N: "${event.data.id}", More: "${event.data.id}"}
`
	synctest.Test(t, func(t *testing.T) {
		m := mirrored(t, fmt.Sprintf(other, "there-too", "shop", "crm", "Account"), fmt.Sprintf(other, "back-too", "crm", "shop", "Customer"))
		defer m.stop()
		for _, want := range []string{"z", "a"} {
			m.edit("shop", want)
			held, writes, failed := m.settles()
			if held["shop"] != want || held["crm"] != want || writes > 6 || len(failed) > 0 {
				t.Errorf("%s: after %d writes %v, %d runs failed", want, writes, held, len(failed))
			}
		}
	})
}

// However late platforms tell of a change, as where both are polled, an edit is
// written to the other side and comes to rest, over a restart, too.
func TestEditsThatAreToldLateComeToRest(t *testing.T) {
	lags := []time.Duration{time.Second, 20 * time.Second, time.Minute, 12 * time.Minute, 30 * time.Minute}
	for _, shop := range lags {
		for _, crm := range lags {
			for _, step := range []time.Duration{0, time.Second, time.Minute} {
				t.Run(fmt.Sprint(shop, crm, step), func(t *testing.T) { editsToldLate(t, shop, crm, step) })
			}
		}
	}
}

func editsToldLate(t *testing.T, shop, crm, step time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := mirrored(t)
		defer func() { m.stop() }()
		m.lag["shop"], m.lag["crm"], m.step = shop, crm, step
		for n, side := range []string{"shop", "crm", "shop", "crm", "crm", "shop", "shop"} {
			want := []string{"a", "b"}[n%2]
			m.edit(side, want)
			if n == 4 {
				time.Sleep(shop/2 + crm) // it is under way
				m.stop()
				m.reboot()
			}
			time.Sleep(2 * time.Hour)
			held, writes, failed := m.settles()
			if held["shop"] != want || held["crm"] != want || writes > 4 || len(failed) > 0 {
				t.Errorf("edit %d to %s: after %d writes %v, %d runs failed", n, want, writes, held, len(failed))
			}
		}
	})
}

// Two edits that cross do so, too, where both platforms are polled.
func TestEditsThatCrossAndAreToldLateComeToRest(t *testing.T) {
	for _, lag := range []time.Duration{20 * time.Second, 12 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			m := mirrored(t)
			defer m.stop()
			m.edit("shop", "z")
			m.settles()
			m.lag["shop"], m.lag["crm"] = lag, lag+lag/3
			m.edit("shop", "a")
			time.Sleep(lag / 2)
			m.edit("crm", "b")
			time.Sleep(11 * time.Hour)
			if held, writes, failed := m.settles(); held["shop"] != held["crm"] || len(failed) > 0 || writes > 30 {
				t.Errorf("%s: after %d writes %v, %d runs failed", lag, writes, held, len(failed))
			}
		})
	}
}

// A change that is taken back soon after it came over is no echo of what was written there long ago.
func TestAChangeThatIsTakenBackIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := mirrored(t)
		defer m.stop()
		m.edit("crm", "z")
		m.settles()
		m.edit("shop", "yes")
		m.settles()
		m.silent["shop"], m.silent["crm"] = true, true // of what a program writes
		m.edit("crm", "no")
		time.Sleep(10 * time.Second)
		m.edit("shop", "yes")
		if held, _, _ := m.settles(); held["shop"] != "yes" || held["crm"] != "yes" {
			t.Errorf("they hold %v", held)
		}
	})
}
