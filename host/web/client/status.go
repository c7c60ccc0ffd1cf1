package client

import (
	"context"
	"net/url"
	"time"

	"github.com/musubi-run/musubi/host/web/api"
)

// Status tells how the whole host fares, and of the failures since a time, by
// default of the last day.
func (c *Client) Status(ctx context.Context, since time.Time) (api.Status, error) {
	q := filter{}
	q.time("since", since)
	var status api.Status
	err := c.get(ctx, "/status", url.Values(q), &status)
	return status, err
}
