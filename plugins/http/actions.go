package main

import (
	"maps"
	"slices"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

func actions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("request.get", text("Get something; asked again when no answer came", "取得する(応答がなければ再送する)"), get),
		sdk.Do("request.send", text("Send something; never repeated by itself once it may have arrived", "送信する(届いた可能性があれば自動では再送しない)"), send),
		sdk.Do("request.repeat", text("Send something that may arrive twice", "送信する(二重に届いてもよいもの)"), send).Idempotent(),
	}
}

func get(call *sdk.Call, in lookup) (answer, error) {
	r := call.Request(getMethod, in.Path)
	return exchange(call, r, request{Method: getMethod, Query: in.Query, Headers: in.Headers, Expect: in.Expect})
}

func send(call *sdk.Call, in request) (answer, error) {
	method := in.Method
	if method == "" {
		method = "POST"
	}
	r := call.Request(method, in.Path)
	if err := putBody(r, &in); err != nil {
		return answer{}, err
	}
	s, err := sdk.SettingsOf[settings](call)
	if err != nil {
		return answer{}, err
	}
	if key := call.IdempotencyKey(); key != "" && s.KeyHeader != "" {
		r.Header(s.KeyHeader, key)
	}
	out, err := exchange(call, r, in)
	if method == "DELETE" && !call.Since().IsZero() && isGone(err) {
		return answer{Status: int64(abi.AsError(err).Status), Headers: map[string]string{}}, nil
	}
	return out, err
}

// isGone says that there is no such thing: deleted by an earlier attempt whose
// answer got lost, if there was one.
func isGone(err error) bool {
	if err == nil {
		return false
	}
	status := abi.AsError(err).Status
	return status == 404 || status == 410
}

func putBody(r *rest.Request, in *request) error {
	bodies := 0
	if in.JSON != nil {
		bodies++
		r.JSON(in.JSON)
	}
	if in.Form != nil {
		bodies++
		form := make(map[string][]string, len(in.Form))
		for name, value := range in.Form {
			form[name] = []string{value}
		}
		r.Form(form)
	}
	if in.Text != "" {
		bodies++
		kind := in.ContentType
		if kind == "" {
			kind = "text/plain; charset=utf-8"
		}
		r.Body(kind, []byte(in.Text))
	}
	if bodies > 1 {
		return sdk.Errorf(abi.Invalid, "json, form and text are three forms of one body: give one of them")
	}
	return nil
}

// exchange sends the request and judges the answer.
func exchange(call *sdk.Call, r *rest.Request, in request) (answer, error) {
	s, err := sdk.SettingsOf[settings](call)
	if err != nil {
		return answer{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(in.Query)) {
		r.Query(name, in.Query[name])
	}
	for _, name := range slices.Sorted(maps.Keys(in.Headers)) {
		r.Header(name, in.Headers[name])
	}
	if len(in.Expect) == 0 {
		response, err := r.Send()
		if err != nil {
			return answer{}, err
		}
		return answerOf(response, s.AcceptHTML, in.doubt())
	}
	response, err := r.Raw()
	if err != nil {
		return answer{}, err
	}
	if !slices.Contains(in.Expect, int64(response.Status)) {
		return answer{}, unexpected(response)
	}
	return answerOf(response, s.AcceptHTML, in.doubt())
}

// doubt is the kind of an answer that is not the service's own: whether what was
// sent had been carried out before, nobody knows.
func (in *request) doubt() abi.Kind {
	if in.Method == getMethod {
		return abi.Unavailable
	}
	return abi.Unknown
}

// unexpected is the error for a status that the rule did not name. One that is
// no error by itself is refused for good: asking again brings the same.
func unexpected(r *rest.Response) error {
	if r.Status >= 400 {
		return readError(r)
	}
	return &abi.Error{Kind: abi.Invalid, Status: r.Status, Message: "the service answered a status that the step does not expect: " + snippet(r)}
}
