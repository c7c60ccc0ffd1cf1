package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
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

// variables are those of a GraphQL document.
type variables map[string]any

// mutationCost is what a mutation costs, whatever it does.
const mutationCost = 10

// answer is what every request to the endpoint gets, refused or not.
type answer struct {
	Data       json.RawMessage `json:"data"`
	Errors     json.RawMessage `json:"errors"`
	Extensions struct {
		Cost struct {
			Requested float64   `json:"requestedQueryCost"`
			Throttle  *throttle `json:"throttleStatus"`
		} `json:"cost"`
	} `json:"extensions"`
}

// throttle is the bucket of points after a request.
type throttle struct {
	Maximum   float64 `json:"maximumAvailable"`
	Available float64 `json:"currentlyAvailable"`
	Rate      float64 `json:"restoreRate"`
}

// read sends a query that may cost so many points and decodes its data into
// out. What the plan withholds is left out of out and named in withheld.
func (s shop) read(document string, cost int64, vars variables, out any) (withheld []string, err error) {
	a, err := s.send(document, vars, func(r *rest.Request) { r.Safe().Cost(cost) })
	if err != nil {
		return nil, err
	}
	faults, err := a.faults()
	if err != nil {
		return nil, err
	}
	withheld, others := partial(faults, aboveRead)
	if len(others) > 0 {
		return nil, a.refusal(others, abi.Unavailable)
	}
	if len(withheld) > 0 && a.hides(faults) { // withheld as a whole, and not missing
		return nil, a.refusal(faults, abi.Unavailable)
	}
	s.tellWithheld(withheld)
	return withheld, a.into(out)
}

func (s shop) tellWithheld(fields []string) {
	if len(fields) > 0 {
		s.Log(abi.LevelWarn, "personal data is withheld: the shop's plan or the app's approval does not allow it", "fields", strings.Join(fields, ","))
	}
}

// write sends a mutation and decodes its one field into T, once the platform
// has accepted the input.
func write[T any](s shop, document string, vars variables) (T, error) {
	var out T
	_, err := s.mutate(document, vars, &out)
	return out, err
}

// mutate is write without its type, so that the plugin holds it once. What the
// plan withholds of the record does not undo what was written: it is left out of
// out and named in withheld.
func (s shop) mutate(document string, vars variables, out any) (withheld []string, err error) {
	a, err := s.send(document, vars, func(r *rest.Request) { r.Cost(mutationCost) })
	if err != nil {
		return nil, err
	}
	faults, err := a.faults()
	if err != nil {
		return nil, err
	}
	withheld, others := partial(faults, aboveWritten)
	if len(others) > 0 {
		return nil, a.refusal(others, abi.Unknown)
	}
	field, err := a.onlyField()
	if err != nil {
		return nil, err
	}
	var refused struct {
		UserErrors []userError `json:"userErrors"`
	}
	if err := sdk.Decode(field, &refused); err != nil {
		return nil, sdk.Errorf(abi.Internal, "reading the platform's answer: %w", err)
	}
	if len(refused.UserErrors) > 0 {
		return nil, refusedInput(refused.UserErrors)
	}
	if err := sdk.Decode(field, out); err != nil {
		return nil, sdk.Errorf(abi.Internal, "reading the platform's answer: %w", err)
	}
	s.tellWithheld(withheld)
	return withheld, nil
}

// unshown is the error for a record that a mutation wrote and does not show.
func unshown(kind string) error {
	return sdk.Errorf(abi.Unknown, "the platform answered without showing the %s that it wrote", kind)
}

func (s shop) send(document string, vars variables, price func(*rest.Request)) (*answer, error) {
	if s.err != nil {
		return nil, s.err
	}
	request := s.Post("/admin/api/%s/graphql.json", s.APIVersion).
		JSON(map[string]any{"query": document, "variables": vars}).Header("Accept", "application/json")
	price(request)
	response, err := request.Send()
	if err != nil {
		return nil, err
	}
	a := new(answer)
	if err := response.JSON(a); err != nil {
		return nil, err
	}
	if t := a.Extensions.Cost.Throttle; t != nil {
		s.Learn(abi.Allowance{Available: t.Available, Capacity: t.Maximum, PerSecond: t.Rate})
	}
	if served := response.Header("X-Shopify-API-Version"); served != "" && served != s.APIVersion {
		s.Log(abi.LevelWarn, "another version of the API answered: the one that is asked for has expired", "asked", s.APIVersion, "served", served)
	}
	return a, nil
}

// onlyField returns the one member of data: what the mutation answered.
func (a *answer) onlyField() (json.RawMessage, error) {
	var data map[string]json.RawMessage
	if err := a.into(&data); err != nil {
		return nil, err
	}
	for _, field := range data {
		if string(field) != "null" {
			return field, nil
		}
	}
	return nil, sdk.Errorf(abi.Unknown, "the platform answered without saying what it did")
}

// hides says that a whole member of data is null because of one of the faults.
func (a *answer) hides(faults []fault) bool {
	var data map[string]json.RawMessage
	if err := sdk.Decode(a.Data, &data); err != nil {
		return false
	}
	return slices.ContainsFunc(faults, func(f fault) bool {
		name, ok := f.Path[0].(string)
		return ok && string(data[name]) == "null"
	})
}

func (a *answer) into(out any) error {
	if len(a.Data) == 0 || string(a.Data) == "null" {
		return sdk.Errorf(abi.Internal, "the platform answered without data")
	}
	if err := sdk.Decode(a.Data, out); err != nil {
		return sdk.Errorf(abi.Internal, "reading the platform's answer: %w", err)
	}
	return nil
}

// connection is a page of a list. Its nodes stay text, so that an event can
// carry them as they came.
type connection struct {
	Nodes []json.RawMessage `json:"nodes"`
	Page  pageInfo          `json:"pageInfo"`
}

// pageInfo says whether there is another page.
type pageInfo struct {
	More bool   `json:"hasNextPage"`
	End  string `json:"endCursor"`
}

// next is the cursor of the next page, empty behind the last one.
func (p pageInfo) next() string {
	if !p.More {
		return ""
	}
	return p.End
}

// listed returns the error for a list that is not there. A field that is
// withheld takes what is around it away where the schema allows no null: then the
// list is missing, and not empty.
func listed(there bool, withheld []string) error {
	switch {
	case there:
		return nil
	case len(withheld) > 0:
		return &abi.Error{Kind: abi.Denied, Code: codeDenied, Message: "the platform withholds the list because of " + strings.Join(withheld, ", ")}
	}
	return sdk.Errorf(abi.Unavailable, "the platform answered without the list")
}

// orNull returns nil for an empty text, so that a variable is null.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
