package main

import (
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/rest"
)

// shop is one call with the settings of its connection.
type shop struct {
	*sdk.Call
	settings
}

// open reads the connection's settings.
func open(call *sdk.Call) (shop, error) {
	s, err := sdk.SettingsOf[settings](call)
	return shop{Call: call, settings: s}, err
}

// with gives an action its shop.
func with[In, Out any](run func(shop, In) (Out, error)) func(*sdk.Call, In) (Out, error) {
	return func(call *sdk.Call, in In) (out Out, err error) {
		s, err := open(call)
		if err != nil {
			return out, err
		}
		return run(s, in)
	}
}

// confirming gives a confirmation its shop.
func confirming[In, Out any](look func(shop, In) (Out, bool, error)) func(*sdk.Call, In) (Out, bool, error) {
	return func(call *sdk.Call, in In) (out Out, done bool, err error) {
		s, err := open(call)
		if err != nil {
			return out, false, err
		}
		return look(s, in)
	}
}

// admin begins a request to the admin API; format and args are those of [sdk.Call.Get].
func (s shop) admin(method, format string, args ...any) *rest.Request {
	path := "/api/v2/admin" + format + ".json"
	if strings.HasSuffix(strings.TrimRight(s.BaseURL, "/"), "/api/v2") {
		path = "/admin" + format + ".json"
	}
	return s.begin(method, path, args).Header("Accept", "application/json")
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
