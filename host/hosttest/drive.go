package hosttest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// Log returns what the host has logged so far, over restarts.
func (h *Host) Log() string { return h.log.read() }

// Deliver has the connection's platform send one webhook, and returns the host's answer.
func (h *Host) Deliver(connection string, d simkit.Delivery) simkit.Answer {
	h.tb.Helper()
	answer, err := h.Sims[connection].Deliver(h.tb.Context(), d)
	if err != nil {
		h.tb.Fatal(err)
	}
	return answer
}

// Send posts a delivery of the test's own making to the connection's address.
func (h *Host) Send(connection string, header http.Header, body []byte) (status int, answer []byte) {
	h.tb.Helper()
	hook, err := h.Client.Hook(h.tb.Context(), connection)
	if err != nil {
		h.tb.Fatal(err)
	}
	request, err := http.NewRequestWithContext(h.tb.Context(), http.MethodPost, h.URL+hook.Path, bytes.NewReader(body))
	if err != nil {
		h.tb.Fatal(err)
	}
	request.Header = header.Clone()
	response, err := (&http.Client{Transport: h.transport}).Do(request)
	if err != nil {
		h.tb.Fatal(err)
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(response.Body); err != nil {
		h.tb.Fatal(err)
	}
	return response.StatusCode, answer
}

// Runs returns the runs, newest first.
func (h *Host) Runs(f host.RunFilter) []host.Run {
	h.tb.Helper()
	runs, err := h.Client.Runs(h.tb.Context(), f)
	if err != nil {
		h.tb.Fatal(err)
	}
	return runs
}

// Settled waits until there are at least n runs and none is open, and returns them, newest first.
func (h *Host) Settled(n int) []host.Run {
	h.tb.Helper()
	var runs []host.Run
	h.AwaitWithin(fmt.Sprintf("%d runs to end", n), waitTime, func() bool {
		runs = h.Runs(host.RunFilter{Limit: n + maxExtra})
		return len(runs) >= n && !anyOpen(runs)
	})
	return runs
}

// maxExtra is how many runs more than expected Settled looks at.
const maxExtra = 50

func anyOpen(runs []host.Run) bool {
	for i := range runs {
		if runs[i].State.Open() {
			return true
		}
	}
	return false
}

// Steps returns a run's journal.
func (h *Host) Steps(run string) []host.StepRecord {
	h.tb.Helper()
	_, steps, err := h.Client.Run(h.tb.Context(), run)
	if err != nil {
		h.tb.Fatal(err)
	}
	return steps
}

// Await waits until holds says yes.
func (h *Host) Await(what string, holds func() bool) {
	h.tb.Helper()
	h.AwaitWithin(what, waitTime, holds)
}

const lookEvery = 5 * time.Millisecond

// AwaitWithin waits until holds says yes, and has this much patience.
func (h *Host) AwaitWithin(what string, patience time.Duration, holds func() bool) {
	h.tb.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(lookEvery) {
		if time.Now().After(end) {
			h.tb.Fatalf("waited %s for %s", patience, what)
		}
	}
}
