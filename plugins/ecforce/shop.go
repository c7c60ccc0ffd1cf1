package main

import (
	"encoding/json"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/rest"
)

// shop is one call with the settings of its connection.
type shop struct {
	*sdk.Call
	settings
	// err says why the settings cannot be read. Every request returns it, and
	// without a request no action does anything.
	err error
}

func shopOf(call *sdk.Call) shop {
	s, err := sdk.SettingsOf[settings](call)
	return shop{Call: call, settings: s, err: err}
}

// request is a request to the admin API under construction.
type request struct {
	*rest.Request
	err error
}

// admin begins a request to the admin API; format and args are those of [sdk.Call.Get].
func (s shop) admin(method, format string, args ...any) request {
	path := "/api/v2/admin" + format + ".json"
	if strings.HasSuffix(strings.TrimRight(s.BaseURL, "/"), "/api/v2") {
		path = "/admin" + format + ".json"
	}
	return request{Request: s.begin(method, path, args).Header("Accept", "application/json"), err: s.err}
}

func (s shop) begin(method, path string, args []any) *rest.Request {
	switch method {
	case "POST":
		return s.Post(path, args...)
	case "PUT":
		return s.Put(path, args...)
	case "DELETE":
		return s.Delete(path, args...)
	default:
		return s.Get(path, args...)
	}
}

// Query adds a query parameter.
func (r request) Query(name, value string) request {
	r.Request.Query(name, value)
	return r
}

// JSON makes v the body.
func (r request) JSON(v any) request {
	r.Request.JSON(v)
	return r
}

// Send sends the request and drops the answer, which may be empty but not a
// page: then something in front of the shop has answered, and nothing was done.
func (r request) Send() error {
	if r.err != nil {
		return r.err
	}
	answer, err := r.Request.Send()
	if err != nil || len(answer.Body) == 0 {
		return err
	}
	var dropped json.RawMessage
	return answer.JSON(&dropped)
}

// Into sends the request and decodes the answer into v.
func (r request) Into(v any) error {
	if r.err != nil {
		return r.err
	}
	return r.Request.Into(v)
}
