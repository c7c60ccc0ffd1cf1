package plugintest

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// checkPages reads a list to its end from its first page on: as many pages as
// the case says, and as many items, each once.
func (c *actionCase) checkPages(t *testing.T, connection *connection, action *abi.Action, first []byte) {
	t.Helper()
	seen := map[string]bool{}
	output, pages := first, 1
	next := c.readPage(t, action, output, seen)
	c.checkLaterPageFails(t, connection, next)
	c.checkPageTwice(t, connection, action, next)
	for ; next != ""; pages++ {
		call := c.call()
		call.Body = withNext(t, c.Input, next)
		var fault *abi.Error
		if output, fault = connection.invoke(t, call); fault != nil {
			t.Fatalf("page %d: %s", pages+1, fault)
		}
		for _, fault := range conform("output", action.Output, output) {
			t.Errorf("page %d: %s", pages+1, fault)
		}
		if next = c.readPage(t, action, output, seen); pages > c.Pages {
			t.Fatalf("there is still a page after %d", pages)
		}
	}
	if pages != c.Pages {
		t.Errorf("%d pages, want %d", pages, c.Pages)
	}
	if len(seen) != c.Total {
		t.Errorf("%d items on all pages, want %d: \"total\" of the case", len(seen), c.Total)
	}
}

// checkLaterPageFails asks for a page while the platform fails. An empty one
// would look like the end of the list, and a rule would go over half of it.
func (c *actionCase) checkLaterPageFails(t *testing.T, connection *connection, next string) {
	t.Helper()
	if next == "" {
		return
	}
	p := connection.platform
	call, began := c.call(), p.entries(t)
	call.Body = withNext(t, c.Input, next)
	rig.Must(t, p.Inject(t.Context(), simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusInternalServerError, Times: simkit.Forever}))
	output, fault := connection.invoke(t, call)
	rig.Must(t, p.ClearFaults(t.Context()))
	if fault == nil && met(p.since(t, began), simkit.FaultStatus) {
		t.Errorf("the platform answered 500 to the request for the second page, and %s succeeded with %.200s: a rule would take the list for "+
			"whole. Return the error", c.Action, output)
	}
}

// checkPageTwice asks for the second page twice, as the engine does when its
// answer was lost. A platform's cursor that moves on with each request gives
// another page then, and what stood on the lost one never comes.
func (c *actionCase) checkPageTwice(t *testing.T, connection *connection, action *abi.Action, next string) {
	t.Helper()
	if next == "" {
		return
	}
	call := c.call()
	call.Body = withNext(t, c.Input, next)
	items := func() string {
		output, fault := connection.invoke(t, call)
		if fault != nil {
			return fault.Error()
		}
		var fields map[string]json.RawMessage
		rig.Must(t, json.Unmarshal(output, &fields))
		return string(fields[action.Pages])
	}
	if first, second := items(), items(); first != second {
		t.Fatalf("the same page, asked for twice, holds %.200s and then %.200s: the engine asks again when an answer was lost, and a rule would "+
			"miss what stood there. Have %s say where a page begins, as a number or the last id, not that the platform's cursor moves on", first, second, abi.PageNext)
	}
}

// readPage notes the page's items and returns where the next page begins.
func (c *actionCase) readPage(t *testing.T, action *abi.Action, output []byte, seen map[string]bool) string {
	t.Helper()
	var fields map[string]json.RawMessage
	var items []json.RawMessage
	var next string
	for _, into := range []struct {
		raw  func() []byte
		into any
	}{
		{func() []byte { return output }, &fields},
		{func() []byte { return fields[action.Pages] }, &items},
		{func() []byte { return fields[abi.PageNext] }, &next},
	} {
		raw := into.raw()
		if len(raw) == 0 { // as the engine sees it: no items, or no next page
			continue
		}
		if err := json.Unmarshal(raw, into.into); err != nil {
			t.Fatal(err)
		}
	}
	for _, item := range items {
		if seen[string(item)] {
			t.Errorf("an item is on two pages: %s", item)
		}
		seen[string(item)] = true
	}
	return next
}

func withNext(t *testing.T, input []byte, next string) []byte {
	t.Helper()
	fields := map[string]any{}
	if err := json.Unmarshal(input, &fields); err != nil {
		t.Fatal(err)
	}
	fields[abi.PageNext] = next
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
