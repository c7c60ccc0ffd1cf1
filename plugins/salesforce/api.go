package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

// org is the platform as one call sees it.
type org struct {
	call     *sdk.Call
	settings settings
	// batch is how many records a page of a query should hold; 0 leaves it to the platform.
	batch int64
}

func open(call *sdk.Call) (*org, error) {
	s, err := sdk.SettingsOf[settings](call)
	return &org{call: call, settings: s}, err
}

// request begins a request to a path behind the version; each %s is an escaped segment.
func (o *org) request(method, path string, args ...any) *rest.Request {
	path = "/services/data/v%s" + path
	args = append([]any{o.settings.APIVersion}, args...)
	switch method {
	case "GET":
		return o.call.Get(path, args...)
	case "POST":
		return o.call.Post(path, args...)
	case "PATCH":
		return o.call.Patch(path, args...)
	case "PUT":
		return o.call.Put(path, args...)
	default:
		return o.call.Delete(path, args...)
	}
}

// write begins a request that writes records, with the headers that the settings ask for.
func (o *org) write(method, path string, args ...any) *rest.Request {
	r := o.request(method, path, args...)
	for name, value := range o.writeHeaders() {
		r.Header(name, value)
	}
	return r
}

// writeHeaders are what the settings ask for when records are written.
func (o *org) writeHeaders() map[string]string {
	headers := map[string]string{}
	if o.settings.OnDuplicate == duplicateAllow {
		headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true"
	}
	if !o.settings.AutoAssign {
		headers["Sforce-Auto-Assign"] = "FALSE"
	}
	return headers
}

// send sends a request and notes how much of the day's calls is used.
func (o *org) send(r *rest.Request) (*rest.Response, error) {
	answer, err := r.Header("Accept", "application/json").Send()
	if err != nil {
		return nil, err
	}
	return answer, o.noteUsage(answer)
}

// into sends a request that reads and decodes its answer into v.
func (o *org) into(r *rest.Request, v any) error {
	answer, err := o.send(r)
	if err != nil {
		return err
	}
	return answer.JSON(v)
}

// change sends a request that writes and decodes its answer into v. An answer
// that is not the platform's own may come from something in front of it:
// nobody knows then whether the write was carried out.
func (o *org) change(r *rest.Request, v any) error {
	answer, err := o.send(r)
	if err != nil {
		return err
	}
	if answer.Status == statusNoContent && len(answer.Body) == 0 {
		return nil
	}
	if err := answer.JSON(v); err != nil {
		return sdk.Errorf(abi.Unknown, "%w", err)
	}
	return nil
}

// carryOut sends a request that changes one record. It is answered by 204, or as
// a creation is.
func (o *org) carryOut(r *rest.Request) error {
	answer, err := o.send(r)
	if err != nil || answer.Status == statusNoContent {
		return err
	}
	var made written
	if err := answer.JSON(&made); err != nil {
		return sdk.Errorf(abi.Unknown, "%w", err)
	}
	if !made.Success {
		return sdk.Errorf(abi.Unknown, "the platform answered %d without saying that it was done", answer.Status)
	}
	return nil
}

const statusNoContent = 204

// errHollow is the error for an answer with the form of a success that does not
// tell what was asked: it is not the platform's own.
var errHollow = errors.New("the platform answered without telling what was asked")

// told returns the error for an answer that lacks what it must tell; doubt is
// its kind: Unknown for a request that writes.
func told(complete bool, doubt abi.Kind) error {
	if complete {
		return nil
	}
	return sdk.Errorf(doubt, "%w", errHollow)
}

// checkName refuses what is no API name, before it gets into a query.
func checkName(what, name string) error {
	for _, part := range strings.Split(name, ".") {
		if !isName(part) {
			return sdk.Errorf(abi.Invalid, "%s %q is not an API name", what, name)
		}
	}
	return nil
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || s[i] != '_' && (s[i] < '0' || s[i] > '9')) {
			return false
		}
	}
	return s != ""
}

// record is a record as the platform writes it.
type record map[string]any

// take removes the platform's own keys, at every depth, and returns the id.
func (r record) take() (id string) {
	id, _ = r["Id"].(string) //nolint:errcheck // a query may leave it out
	delete(r, "Id")
	tidy(map[string]any(r))
	return id
}

// tidy removes "attributes" from a record and from those nested in it.
func tidy(value any) {
	switch v := value.(type) {
	case map[string]any:
		delete(v, "attributes")
		for _, inner := range v {
			tidy(inner)
		}
	case []any:
		for _, inner := range v {
			tidy(inner)
		}
	}
}

// written is the platform's answer to a write.
type written struct {
	ID      string     `json:"id"`
	Success bool       `json:"success"`
	Created bool       `json:"created"`
	Errors  []apiError `json:"errors"`
}

// plain returns a number without an exponent.
func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
