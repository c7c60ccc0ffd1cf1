package schema_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/internal/schema"
)

type base struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type optional struct {
	More string `json:"more"`
}

type loud bool

func (loud) MarshalText() ([]byte, error) { return []byte("x"), nil }

type secretive struct{}

func (secretive) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

func TestSchemas(t *testing.T) {
	cases := []struct {
		name  string
		value any
		want  string
	}{
		{"scalars", struct {
			A string  `json:"a"`
			B int64   `json:"b"`
			C float64 `json:"c"`
			D bool    `json:"d"`
			E uint8   `json:"e"`
		}{}, `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":"number"},"d":{"type":"boolean"},"e":{"type":"integer"}},"required":["a","b","c","d","e"]}`},
		{"required and nullable", struct {
			A string   `json:"a,omitempty"`
			B int      `json:"b,omitzero"`
			C *string  `json:"c"`
			D *[]int64 `json:"d,omitempty"`
			E string   `json:"e" default:"x"`
			F any      `json:"f"`
		}{}, `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":"string","nullable":true},"d":{"type":"array","items":{"type":"integer"},"nullable":true},"e":{"type":"string","default":"x"},"f":{}},"required":["f"]}`},
		{"special types", struct {
			A time.Time       `json:"a,omitzero"`
			B commerce.Date   `json:"b,omitempty"`
			C json.RawMessage `json:"c,omitempty"`
			D json.Number     `json:"d,omitempty"`
			E []byte          `json:"e,omitempty"`
			F loud            `json:"f,omitempty"`
			G *commerce.Date  `json:"g"`
		}{}, `{"type":"object","properties":{"a":{"type":"string","format":"date-time"},"b":{"type":"string","format":"date"},"c":{},"d":{"type":"number"},"e":{"type":"string","format":"byte"},"f":{"type":"string"},"g":{"type":"string","format":"date","nullable":true}}}`},
		{"collections", struct {
			A []base            `json:"a,omitempty"`
			B map[string]int    `json:"b,omitempty"`
			C map[string][]any  `json:"c,omitempty"`
			D [2]string         `json:"d,omitempty"`
			E map[string]string `json:"-"`
		}{}, `{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"}},"required":["id","name"]}},"b":{"type":"object","additionalProperties":{"type":"integer"}},"c":{"type":"object","additionalProperties":{"type":"array","items":{}}},"d":{"type":"array","items":{"type":"string"}}}}`},
		{"embedded", struct {
			base
			*optional
			Name int `json:"name,omitempty"`
		}{}, `{"type":"object","properties":{"id":{"type":"string"},"more":{"type":"string"},"name":{"type":"integer"}},"required":["id"]}`},
		{"tags", struct {
			A string   `json:"a" doc:"What" ja:"何" enum:"x,y" default:"y" format:"word"`
			B []string `json:"b,omitempty" enum:"p,q"`
			C int64    `json:"c" default:"20"`
			D bool     `json:"d" default:"true"`
			E []string `json:"e" default:"[\"a\"]"`
		}{}, `{"type":"object","properties":{"a":{"type":"string","format":"word","enum":["x","y"],"default":"y","description":"What","description_ja":"何"},"b":{"type":"array","items":{"type":"string","enum":["p","q"]}},"c":{"type":"integer","default":20},"d":{"type":"boolean","default":true},"e":{"type":"array","items":{"type":"string"},"default":["a"]}}}`},
		{"own schema", commerce.Status(""), `{"type":"string","enum":["active","paused","cancelled"]}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := schema.Of(reflect.TypeOf(c.value))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(s)
			if err != nil || string(got) != c.want {
				t.Errorf("%v\ngot  %s\nwant %s", err, got, c.want)
			}
		})
	}
}

func TestTagsDoNotReachAnotherFieldOfTheType(t *testing.T) {
	type pair struct {
		A commerce.Date `json:"a,omitempty" doc:"first"`
		B commerce.Date `json:"b,omitempty"`
	}
	s, err := schema.Of(reflect.TypeFor[pair]())
	if err != nil || s.Properties["b"].Doc != "" {
		t.Errorf("%v, %+v", err, s.Properties["b"])
	}
}

func TestTypesWithoutSchema(t *testing.T) {
	cases := []struct {
		name  string
		value any
		want  string
	}{
		{"channel", struct {
			C chan int `json:"c"`
		}{}, ".c: chan int has no JSON"},
		{"keys", map[int]string{}, "the keys of map[int]string must be strings"},
		{"own JSON", struct {
			S secretive `json:"s"`
		}{}, ".s: schema_test.secretive writes its own JSON: give it a method Schema() *abi.Schema"},
		{"enum of numbers", struct {
			N int `json:"n" enum:"1,2"`
		}{}, `.n: enum is for strings, not for "integer"`},
		{"default outside of enum", struct {
			S string `json:"s" enum:"a,b" default:"c"`
		}{}, `.s: the default "c" is not among a, b`},
		{"default of another type", struct {
			N int `json:"n" default:"many"`
		}{}, ".n: the default many is not of type integer"},
	}
	for _, c := range cases {
		s, err := schema.Of(reflect.TypeOf(c.value))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %+v, %v; want %q", c.name, s, err, c.want)
		}
	}
}

var _ schema.Schemer = commerce.Date("")
