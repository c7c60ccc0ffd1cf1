package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/musubi-run/musubi/host"
)

// Backup writes everything that the host stores to w. It takes as long as it
// takes; an error means that what was written is not whole.
func (c *Client) Backup(ctx context.Context, w io.Writer) error {
	return c.stream(ctx, "/backup", func(body io.Reader) error {
		_, err := io.Copy(w, body)
		return err
	})
}

// EachRun calls visit with every run, oldest first.
func (c *Client) EachRun(ctx context.Context, visit func(host.Run) error) error {
	return c.stream(ctx, "/export/runs", func(body io.Reader) error { return eachLine(body, visit) })
}

// EachLink calls visit with every link.
func (c *Client) EachLink(ctx context.Context, visit func(host.Link) error) error {
	return c.stream(ctx, "/export/links", func(body io.Reader) error { return eachLine(body, visit) })
}

func eachLine[T any](body io.Reader, visit func(T) error) error {
	for lines := json.NewDecoder(body); ; {
		var row T
		if err := lines.Decode(&row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := visit(row); err != nil {
			return err
		}
	}
}

// stream reads an answer of any length, without a limit of time.
func (c *Client) stream(ctx context.Context, path string, read func(io.Reader) error) error {
	request, err := c.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	lasting := &http.Client{Transport: c.http.Transport, CheckRedirect: refuseRedirects}
	response, err := lasting.Do(request)
	if err != nil {
		return unreachable(ctx, err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		return errors.Join(refusal(response.StatusCode, text), err, response.Body.Close())
	}
	if err := errors.Join(read(response.Body), response.Body.Close()); err != nil {
		return fmt.Errorf("reading the host's answer to %s: %w", path, err)
	}
	return nil
}
