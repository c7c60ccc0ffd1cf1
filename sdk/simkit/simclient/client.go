// Package simclient steers a simulated platform over its control API, and
// starts one as a process. The demo, the conformance suite and scenario tests
// use it; it knows no platform.
package simclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// Client talks to one sim.
type Client struct {
	// URL is the sim's base URL, without a trailing slash.
	URL  string
	http *http.Client
}

// New returns a client of the sim at url.
func New(url string) *Client {
	return &Client{URL: url, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}}
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Health returns nil when the sim is ready.
func (c *Client) Health(ctx context.Context) error {
	return c.do(ctx, http.MethodGet, "health", nil, nil)
}

// Journal returns the exchanges with a number above since, oldest first.
func (c *Client) Journal(ctx context.Context, since int64) ([]simkit.Entry, error) {
	var page struct {
		Entries []simkit.Entry `json:"entries"`
	}
	err := c.do(ctx, http.MethodGet, "journal?since="+strconv.FormatInt(since, 10), nil, &page)
	return page.Entries, err
}

// ClearJournal forgets all exchanges.
func (c *Client) ClearJournal(ctx context.Context) error {
	return c.do(ctx, http.MethodDelete, "journal", nil, nil)
}

// Inject adds a fault.
func (c *Client) Inject(ctx context.Context, f simkit.Fault) error {
	return c.do(ctx, http.MethodPost, "faults", f, nil)
}

// ClearFaults removes all faults.
func (c *Client) ClearFaults(ctx context.Context) error {
	return c.do(ctx, http.MethodDelete, "faults", nil, nil)
}

// Now returns what the sim's clock shows.
func (c *Client) Now(ctx context.Context) (time.Time, error) {
	var shown simkit.Reading
	if err := c.do(ctx, http.MethodGet, "clock", nil, &shown); err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339Nano, shown.Now)
}

// Freeze stops the sim's clock at t.
func (c *Client) Freeze(ctx context.Context, t time.Time) error {
	return c.do(ctx, http.MethodPut, "clock", simkit.Reading{Now: t.Format(time.RFC3339Nano)}, nil)
}

// Resume lets the sim's clock show real time again.
func (c *Client) Resume(ctx context.Context) error {
	return c.do(ctx, http.MethodPut, "clock", simkit.Reading{}, nil)
}

// Advance moves the sim's clock forward.
func (c *Client) Advance(ctx context.Context, by time.Duration) error {
	return c.do(ctx, http.MethodPost, "clock/advance", simkit.Advance{By: by.String()}, nil)
}

// Records decodes a collection into records, a pointer to a slice.
func (c *Client) Records(ctx context.Context, collection string, records any) error {
	var page struct {
		Records json.RawMessage `json:"records"`
	}
	if err := c.do(ctx, http.MethodGet, "records/"+url.PathEscape(collection), nil, &page); err != nil {
		return err
	}
	return json.Unmarshal(page.Records, records)
}

// Tables returns the records of every collection, by its name.
func (c *Client) Tables(ctx context.Context) (map[string]json.RawMessage, error) {
	var page struct {
		Tables map[string]json.RawMessage `json:"tables"`
	}
	err := c.do(ctx, http.MethodGet, "records", nil, &page)
	return page.Tables, err
}

// PutRecord merges fields into a record, or creates it, as the platform's staff would.
func (c *Client) PutRecord(ctx context.Context, collection, id string, fields any) error {
	return c.do(ctx, http.MethodPut, "records/"+url.PathEscape(collection)+"/"+url.PathEscape(id), fields, nil)
}

// DeleteRecord removes a record as the platform's staff would.
func (c *Client) DeleteRecord(ctx context.Context, collection, id string) error {
	return c.do(ctx, http.MethodDelete, "records/"+url.PathEscape(collection)+"/"+url.PathEscape(id), nil, nil)
}

// SetLimits changes the platform's limits; their names are the sim's own.
func (c *Client) SetLimits(ctx context.Context, limits any) error {
	return c.do(ctx, http.MethodPut, "limits", limits, nil)
}

// SetHook says where the platform delivers its webhooks.
func (c *Client) SetHook(ctx context.Context, hook simkit.Hook) error {
	return c.do(ctx, http.MethodPut, "hooks", hook, nil)
}

// Deliver sends one webhook now, and returns the receiver's last answer.
func (c *Client) Deliver(ctx context.Context, d simkit.Delivery) (simkit.Answer, error) {
	var answer simkit.Answer
	err := c.do(ctx, http.MethodPost, "deliver", d, &answer)
	return answer, err
}

// Sent waits until no webhook is on its way and returns what was delivered.
func (c *Client) Sent(ctx context.Context) ([]simkit.Answer, error) {
	var page struct {
		Sent []simkit.Answer `json:"sent"`
	}
	err := c.do(ctx, http.MethodGet, "hooks/sent", nil, &page)
	return page.Sent, err
}

// do calls one control. in is sent as JSON unless nil; raw JSON goes as it is.
func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.URL+"/_sim/"+path, body)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("sim control %s: %w", path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("sim control %s: %w", path, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("sim control %s: status %d: %s", path, resp.StatusCode, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}
