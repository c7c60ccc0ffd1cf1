package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

// RulesHistory lists the rules that were in force, newest first.
func (c *Client) RulesHistory(ctx context.Context, limit int) ([]host.RulesVersion, error) {
	q := filter{}
	q.limit(limit)
	var history api.RulesHistory
	err := c.get(ctx, "/rules/history", url.Values(q), &history)
	return history.Versions, err
}

// RulesSources returns the files of a set of rules, or [host.ErrNotFound].
func (c *Client) RulesSources(ctx context.Context, version string) (map[string][]byte, error) {
	var sources api.RulesSources
	err := c.get(ctx, "/rules/history/"+url.PathEscape(version), nil, &sources)
	return sources.Files, err
}

// Read calls an action that changes nothing, through the host's connection.
func (c *Client) Read(ctx context.Context, connection, action string, input json.RawMessage) (json.RawMessage, error) {
	var answer api.ReadAnswer
	path := "/connections/" + url.PathEscape(connection) + "/read"
	err := c.do(ctx, http.MethodPost, path, api.Read{Action: action, Input: input}, &answer)
	return answer.Output, err
}
