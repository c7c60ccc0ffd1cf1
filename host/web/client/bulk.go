package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

// RerunMany runs one page of the failed runs that the filter selects again, the
// oldest first; on from there with After.
func (c *Client) RerunMany(ctx context.Context, f host.RunFilter, act api.BulkAct) (api.Bulk, error) {
	return c.bulk(ctx, "/runs/rerun", runQuery(f), act)
}

// CancelMany ends one page of the open runs that the filter selects.
func (c *Client) CancelMany(ctx context.Context, f host.RunFilter, act api.BulkAct) (api.Bulk, error) {
	return c.bulk(ctx, "/runs/cancel", runQuery(f), act)
}

// ReplayMany takes up one page of the dead letters that the filter selects and
// that were not replayed yet.
func (c *Client) ReplayMany(ctx context.Context, f host.EventFilter, act api.BulkAct) (api.Bulk, error) {
	return c.bulk(ctx, "/dead-letters/replay", eventQuery(f), act)
}

// RunMissed runs a flow for one page of the events that the filter selects, on
// which it would start and has not, the oldest first. Connection and type are
// those that the flow starts on.
func (c *Client) RunMissed(ctx context.Context, flow string, f host.EventFilter, act api.BulkAct) (api.Bulk, error) {
	q := eventQuery(f)
	q.Set("flow", flow)
	return c.bulk(ctx, "/events/run", q, act)
}

func (c *Client) bulk(ctx context.Context, path string, q url.Values, act api.BulkAct) (api.Bulk, error) {
	var done api.Bulk
	err := c.do(ctx, http.MethodPost, path+"?"+q.Encode(), act, &done)
	return done, err
}
