package hosttest_test

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/storetest"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// What befalls a host: whatever it acknowledged becomes one lead, in order, and
// what it could not keep it did not acknowledge.

const faultEvents = 4 * crashKeys

func startNotes(t *testing.T, change func(*hosttest.Options)) *hosttest.Host {
	t.Helper()
	o := hosttest.Options{
		Rules: map[string]string{"note.yaml": note},
		Connections: map[string]hosttest.Connection{
			"shop": {Connector: "ecforce", Quiet: true}, "crm": {Connector: "salesforce", Quiet: true},
		},
	}
	if change != nil {
		change(&o)
	}
	return hosttest.Start(t, o)
}

// finish waits for the last events and checks all of them.
func finish(t *testing.T, h *hosttest.Host, s *sender, before int) {
	t.Helper()
	s.wait()
	h.Await("all runs to be done", func() bool { return len(leads(t, h))-before >= s.events && nothingOpen(h) })
	checkLeads(t, h, before, s.events)
}

func inject(t *testing.T, h *hosttest.Host, connection string, f simkit.Fault) {
	t.Helper()
	if err := h.Sims[connection].Inject(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// A platform that says nothing at all holds up neither webhooks nor, for good,
// its own runs.
func TestHangingPlatform(t *testing.T) {
	t.Parallel()
	h := startNotes(t, func(o *hosttest.Options) {
		crm := o.Connections["crm"]
		crm.Limits = map[string]any{"request_time": "300ms"}
		o.Connections["crm"] = crm
	})
	before := len(leads(t, h))
	inject(t, h, "crm", simkit.Fault{Match: simkit.Match{Method: "POST", Path: "/sobjects/Lead"}, Kind: simkit.FaultHang, Times: simkit.Forever})
	s := newSender(t, h, faultEvents)
	s.start()
	s.wait() // all webhooks are taken while the CRM answers nothing
	h.Await("the CRM to be left alone", func() bool { return connectionState(t, h, "crm") != host.ConnectionReady })
	if err := errors.Join(h.Sims["crm"].ClearFaults(t.Context()), h.Client.Resume(t.Context(), "crm")); err != nil {
		t.Fatal(err)
	}
	finish(t, h, s, before)
}

func connectionState(t *testing.T, h *hosttest.Host, name string) host.ConnectionState {
	t.Helper()
	all, err := h.Client.Connections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Name == name {
			return c.State
		}
	}
	t.Fatalf("there is no connection %s", name)
	return ""
}

// The clock is set an hour ahead and an hour back while events come in and a platform fails.
func TestClockThatIsSet(t *testing.T) {
	t.Parallel()
	var offset atomic.Int64
	h := startNotes(t, func(o *hosttest.Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	})
	before := len(leads(t, h))
	for range 3 {
		inject(t, h, "crm", simkit.Fault{Match: simkit.Match{Method: "POST", Path: "/sobjects/Lead"}, Kind: simkit.FaultStatus, Status: 503, Skip: 7})
	}
	s := newSender(t, h, faultEvents)
	s.start()
	for n, jump := range []time.Duration{time.Hour, -time.Hour, time.Hour} {
		h.Await("some deliveries", func() bool { return s.acknowledged.Load() >= int64((n+1)*faultEvents/4) })
		offset.Store(int64(jump))
	}
	finish(t, h, s, before)
}

// The disk fills up: webhooks are sent back with a time to come again, runs
// under way wait, and once there is room all goes on by itself.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	h := startNotes(t, func(o *hosttest.Options) { o.Process = true })
	disk := onSmallDisk(t, h)
	fill(t, disk, "most", diskMost)
	before := len(leads(t, h))
	inject(t, h, "crm", simkit.Fault{Match: simkit.Match{Method: "POST", Path: "/sobjects/Lead"}, Kind: simkit.FaultSlow, DelayMS: 1000, Times: crashKeys})
	s := newSender(t, h, 20*faultEvents)
	s.start()
	h.Await("some deliveries", func() bool { return s.acknowledged.Load() >= crashKeys })
	rest := fill(t, disk, "rest", diskRest)
	h.Await("a webhook to be sent back", func() bool {
		answer := s.try(0, "probe", time.Now())
		return answer.status == http.StatusServiceUnavailable && answer.retryAfter != ""
	})
	if acknowledged := s.acknowledged.Load(); acknowledged >= int64(s.events) {
		t.Errorf("all %d events were acknowledged before the disk was full", acknowledged)
	}
	if err := os.Remove(rest); err != nil {
		t.Fatal(err)
	}
	finish(t, h, s, before)
}

// Of the small disk most is taken from the beginning, and the rest of what the
// store does not keep in reserve later.
const (
	diskSize = 320 << 20
	diskMost = 180 << 20
	diskRest = 60 << 20
)

func fill(t *testing.T, disk, name string, size int) string {
	t.Helper()
	file := filepath.Join(disk, name)
	if err := os.WriteFile(file, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// onSmallDisk moves the host's store to a small file system and starts it again.
func onSmallDisk(t *testing.T, h *hosttest.Host) string {
	t.Helper()
	disk := storetest.SmallDisk(t, diskSize)
	h.Stop()
	place := filepath.Join(h.Dir, "data", "store")
	err := errors.Join(os.RemoveAll(place), os.Mkdir(filepath.Join(disk, "store"), 0o700), os.Symlink(filepath.Join(disk, "store"), place))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Stop)
	h.Restart()
	return disk
}

// A folder that cannot be written to is said at once, and nothing in it is lost.
func TestReadOnlyStore(t *testing.T) {
	t.Parallel()
	h := startNotes(t, nil)
	disk := onSmallDisk(t, h)
	before := len(leads(t, h))
	inject(t, h, "crm", simkit.Fault{Match: simkit.Match{Method: "POST", Path: "/sobjects/Lead"}, Kind: simkit.FaultStatus, Status: 503, Times: 3})
	s := newSender(t, h, crashKeys)
	s.start()
	s.wait()
	h.Stop()
	storetest.SetReadOnly(t, disk, true)
	cfg, err := config.Load(filepath.Join(h.Dir, "musubi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), cfg, app.Options{Logger: slog.New(slog.DiscardHandler)})
	if err == nil {
		err = errors.Join(errors.New("it opened"), a.Close())
	}
	if !errors.Is(err, store.ErrFull) {
		t.Errorf("a host on a read-only disk: %v", err)
	}
	storetest.SetReadOnly(t, disk, false)
	h.Restart()
	finish(t, h, s, before)
}
