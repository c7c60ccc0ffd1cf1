package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

const exportBegun = `{"export":{"id":"1","from":"2025-04-01T00:00:00Z","began":"2026-04-01T00:00:00Z"}}`

// TestAnExportThatNobodyKnowsIsStartedAgain: the platform answers null for it, for ever.
func TestAnExportThatNobodyKnowsIsStartedAgain(t *testing.T) {
	unknown := map[string]string{"bulkOperation": `{"data":{"bulkOperation":null}}`}
	page, err := answering(t, unknown, "").Poll("order.updated", abi.PollInput{Since: april.AddDate(-1, 0, 0), Cursor: []byte(exportBegun)})
	if err != nil || page.Wait == nil || !page.More || strings.Contains(string(page.Cursor), `"id":"1"`) {
		t.Errorf("%+v, %v", page, err)
	}
	if got := kindFor(t, unknown, "", "bulk.get", map[string]any{"id": "1"}); got != abi.NotFound {
		t.Errorf("asked by a flow: %s", got)
	}
}

// TestAFileOfUnknownSizeIsNotTakenForAnEmptyOne: the backfill would end with nothing.
func TestAFileOfUnknownSizeIsNotTakenForAnEmptyOne(t *testing.T) {
	sizeless := map[string]string{"bulkOperation": strings.Replace(finished, `"fileSize":"40",`, "", 1)}
	_, err := answering(t, sizeless, "").Poll("order.updated", abi.PollInput{Since: april.AddDate(-1, 0, 0), Cursor: []byte(exportBegun)})
	if abi.KindOf(err) != abi.Unavailable {
		t.Error(err)
	}
	if got := kindFor(t, sizeless, "", "bulk.read", map[string]any{"id": "1"}); got != abi.Unavailable {
		t.Errorf("read by a flow: %s", got)
	}
}

// TestAnExportLeavesOutWhatIsTooOld: a filter that the platform does not know is ignored, and everything comes.
func TestAnExportLeavesOutWhatIsTooOld(t *testing.T) {
	row := func(id, year int) string {
		return fmt.Sprintf(`{"id":"gid://shopify/Customer/%d","createdAt":"2020-01-01T00:00:00Z","updatedAt":"%d-06-01T00:00:00Z"}`, id, year) + "\n"
	}
	file := row(1, 2024) + row(2, 2025)
	known := strings.Replace(finished, `"40"`, fmt.Sprintf("%q", fmt.Sprint(len(file))), 1)
	page, err := answering(t, map[string]string{"bulkOperation": known}, file).
		Poll("customer.updated", abi.PollInput{Since: april.AddDate(-1, 0, 0), Cursor: []byte(exportBegun)})
	if err != nil || len(page.Events) != 1 || page.Events[0].Subject != "2" {
		t.Errorf("%+v, %v", page.Events, err)
	}
}

// TestWhatTheFileStoreRefusesIsNotTheShops: neither is the token wrong nor base_url.
func TestWhatTheFileStoreRefusesIsNotTheShops(t *testing.T) {
	for status, want := range map[int]abi.Kind{401: abi.Denied, 403: abi.Denied, 404: abi.NotFound, 500: abi.Unavailable} {
		settings := map[string]any{"base_url": "https://example-shop.myshopify.com", "bulk_file_host": "https://storage.googleapis.com"}
		c := sdktest.New(t, connector(), settings, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/graphql.json") {
				w.WriteHeader(status)
				return
			}
			fmt.Fprint(w, finished)
		}))
		err := abi.AsError(c.Do("bulk.read", map[string]any{"id": "1"}, nil))
		if err == nil || err.Kind != want || !strings.Contains(err.Message, "file store") {
			t.Errorf("%d: %+v", status, err)
		}
	}
}
