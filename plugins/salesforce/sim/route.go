package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
)

type handler func(*request) (answer, error)

// methods are the handlers of a resource.
type methods map[string]handler

// call answers a request in a transaction of its own.
func (s *server) call(rq *request) (a answer, err error) {
	if rq.parts == nil {
		return s.resources(rq)
	}
	handle, err := s.route(rq)
	if err != nil {
		return answer{}, err
	}
	if rq.parts[0] == "jobs" { // jobs take the org's lock piece by piece
		return handle(rq)
	}
	in := func(tx *org.Tx) error {
		rq.tx = tx
		a, err = handle(rq)
		return err
	}
	if rq.method == http.MethodGet {
		return a, s.org.Read(in)
	}
	if err := s.org.Write(rq.user, in); !errors.Is(err, errRolledBack) {
		return a, err
	}
	return a, nil
}

// errRolledBack undoes the transaction of a request that is answered all the same.
var errRolledBack = errors.New("rolled back")

// route finds the handler of a request, or refuses its path or method.
func (s *server) route(rq *request) (handler, error) {
	found := s.resource(rq.parts)
	if found == nil {
		return nil, missing()
	}
	handle := found[rq.method]
	if handle == nil {
		allowed := make([]string, 0, len(found))
		for method := range found {
			allowed = append(allowed, method)
		}
		return nil, fault(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED",
			fmt.Sprintf("HTTP Method '%s' not allowed. Allowed are %s", rq.method, strings.Join(allowed, ",")))
	}
	return handle, rq.checkMedia()
}

func (s *server) resource(parts []string) methods {
	switch parts[0] {
	case "query", "queryAll":
		return s.queryResource(parts[1:])
	case "sobjects":
		return s.sobjectResource(parts[1:])
	case "composite":
		return s.compositeResource(parts[1:])
	case "jobs":
		return s.jobResource(parts[1:])
	case "limits":
		if len(parts) == 1 {
			return methods{http.MethodGet: s.readLimits}
		}
	}
	return nil
}

func (s *server) resources(rq *request) (answer, error) {
	list := map[string]string{}
	for _, name := range []string{"composite", "jobs", "limits", "query", "queryAll", "sobjects"} {
		list[name] = rq.base() + "/" + name
	}
	return jsonAnswer(http.StatusOK, list)
}

// checkMedia refuses bodies that are neither JSON nor what a blob or a bulk job is sent as.
func (rq *request) checkMedia() error {
	if len(rq.body) == 0 {
		return nil
	}
	media, _, err := mime.ParseMediaType(rq.header.Get("Content-Type"))
	if err == nil && (media == "application/json" || media == "text/csv" || media == "multipart/form-data") {
		return nil
	}
	return fault(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE",
		"The request content type isn't supported: "+rq.header.Get("Content-Type"))
}

// decode reads the request's JSON body into v.
func (rq *request) decode(v any) error {
	if err := json.Unmarshal(rq.body, v); err != nil {
		return badJSON(err)
	}
	return nil
}

func jsonAnswer(status int, v any) (answer, error) {
	body, err := json.Marshal(v)
	return answer{status: status, body: body}, err
}

func fault(status int, code, message string) *org.Error {
	return &org.Error{Status: status, Code: code, Message: message}
}

func missing() *org.Error {
	return fault(http.StatusNotFound, org.CodeNotFound, "The requested resource does not exist")
}

func badJSON(err error) *org.Error {
	return fault(http.StatusBadRequest, org.CodeJSON, err.Error())
}

func badRequest(code, format string, args ...any) *org.Error {
	return fault(http.StatusBadRequest, code, fmt.Sprintf(format, args...))
}
