package abi_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/musubi-run/musubi/sdk/abi"
)

var (
	calls = []abi.Call{
		{Op: abi.OpAction, Name: "customer.get", Settings: []byte(`{}`), Now: time.Unix(0, 5).UTC(), Body: []byte(`{"id":"1"}`)},
		{
			Op: abi.OpWebhook, Now: time.Unix(1, 0).UTC(), Since: time.Unix(0, 1).UTC(), IdempotencyKey: "run.1", Method: "POST", Query: "a=b",
			Headers: []abi.Header{{Name: "X-A", Value: "1: 2"}, {Name: "x-a", Value: ""}}, Body: []byte("\x00\xff"),
		},
	}
	replies = []abi.Reply{
		{Body: []byte(`{"ok":true}`)},
		{Body: []byte{}},
		{Err: &abi.Error{Kind: abi.RateLimited, Message: "slow down \"please\"", Code: "E1", Status: 429, RetryAfterMS: 1500, Fields: []string{"名前"}}},
		{Err: &abi.Error{Kind: abi.Internal, Message: "panic"}, Broken: true},
	}
	requests = []abi.Request{
		{Method: "GET", URL: "https://shop.example.com/a?b=c"},
		{Method: "POST", URL: "https://shop.example.com/a", Headers: []abi.Header{{Name: "A", Value: "b"}}, Body: []byte("x"), Anonymous: true, Safe: true, Cost: 12, NoRedirect: true},
	}
	responses = []abi.Response{
		{Status: 200, Headers: []abi.Header{{Name: "Content-Type", Value: "text/plain"}}, Body: []byte("hello")},
		{Err: &abi.Error{Kind: abi.Blocked, Message: "not allowed"}},
	}
)

func same(a, b any) string { return cmp.Diff(a, b, cmpopts.EquateEmpty()) }

func TestFramesKeepEverything(t *testing.T) {
	for _, want := range calls {
		got, err := abi.ParseCall(want.Append(nil))
		if diff := same(want, got); err != nil || diff != "" {
			t.Errorf("call: %v\n%s", err, diff)
		}
	}
	for _, want := range replies {
		got, err := abi.ParseReply(want.Append(nil))
		if diff := same(want, got); err != nil || diff != "" {
			t.Errorf("reply: %v\n%s", err, diff)
		}
	}
	for _, want := range requests {
		got, err := abi.ParseRequest(want.Append(nil))
		if diff := same(want, got); err != nil || diff != "" {
			t.Errorf("request: %v\n%s", err, diff)
		}
	}
	for _, want := range responses {
		got, err := abi.ParseResponse(want.Append(nil))
		if diff := same(want, got); err != nil || diff != "" {
			t.Errorf("response: %v\n%s", err, diff)
		}
	}
}

func TestSectionsOfANewerABIAreSkipped(t *testing.T) {
	frame := append([]byte{200, 3, 0, 0, 0, 'n', 'e', 'w'}, replies[0].Append(nil)...)
	got, err := abi.ParseReply(frame)
	if diff := same(replies[0], got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestBrokenFramesAreRefused(t *testing.T) {
	cases := map[string][]byte{
		"empty":             {},
		"head cut":          {1, 0, 0},
		"body cut":          {1, 5, 0, 0, 0, 'a'},
		"lying length":      {1, 255, 255, 255, 255, 'a'},
		"error of kind ok":  append([]byte{2, 13, 0, 0, 0}, `{"kind":"ok"}`...),
		"error is no JSON":  {2, 1, 0, 0, 0, '{'},
		"broken, no answer": {3, 0, 0, 0, 0},
		"broken with body":  {3, 0, 0, 0, 0, 1, 0, 0, 0, 0},
		"body and error":    append([]byte{1, 0, 0, 0, 0, 2, 19, 0, 0, 0}, `{"kind":"internal"}`...),
	}
	for name, frame := range cases {
		if got, err := abi.ParseReply(frame); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := abi.ParseCall([]byte{4, 1, 0, 0, 0, 9}); err == nil {
		t.Error("a time of one byte was taken")
	}
	if _, err := abi.ParseRequest([]byte{3, 1, 0, 0, 0, 'x'}); err == nil {
		t.Error("a header without value was taken")
	}
}

// fuzzFrame checks that what parse takes from any bytes survives being framed again.
func fuzzFrame[T any](f *testing.F, parse func([]byte) (T, error), frame func(T) []byte) {
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := parse(data)
		if err != nil {
			return
		}
		second, err := parse(frame(first))
		if diff := same(first, second); err != nil || diff != "" {
			t.Errorf("%x: %v\n%s", data, err, diff)
		}
	})
}

func FuzzParseCall(f *testing.F) {
	for _, c := range calls {
		f.Add(c.Append(nil))
	}
	asWebhook := func(frame []byte) (abi.Call, error) {
		c, err := abi.ParseCall(frame)
		c.Op = abi.OpWebhook // the only one whose method and query are written
		return c, err
	}
	fuzzFrame(f, asWebhook, func(c abi.Call) []byte { return c.Append(nil) })
}

func FuzzParseReply(f *testing.F) {
	for _, r := range replies {
		f.Add(r.Append(nil))
	}
	fuzzFrame(f, abi.ParseReply, func(r abi.Reply) []byte { return r.Append(nil) })
}

func FuzzParseRequest(f *testing.F) {
	for _, r := range requests {
		f.Add(r.Append(nil))
	}
	fuzzFrame(f, abi.ParseRequest, func(r abi.Request) []byte { return r.Append(nil) })
}

func FuzzParseResponse(f *testing.F) {
	for _, r := range responses {
		f.Add(r.Append(nil))
	}
	fuzzFrame(f, abi.ParseResponse, func(r abi.Response) []byte { return r.Append(nil) })
}

func TestErrorsStayWhole(t *testing.T) {
	inner := &abi.Error{Kind: abi.Conflict, Message: "exists already", Code: "DUP", Status: 409, Fields: []string{"email"}}
	err := fmt.Errorf("creating: %w", fmt.Errorf("customer: %w", inner))
	want := &abi.Error{Kind: abi.Conflict, Message: "creating: customer: exists already (DUP)", Code: "DUP", Status: 409, Fields: []string{"email"}}
	if diff := cmp.Diff(want, abi.AsError(err)); diff != "" {
		t.Error(diff)
	}
	if abi.AsError(inner) != inner || abi.AsError(nil) != nil {
		t.Error("an error that is whole already was changed")
	}
	plain := abi.AsError(errors.New("oops"))
	if plain.Kind != abi.Internal || plain.Error() != "oops" || abi.KindOf(nil) != abi.OK {
		t.Errorf("plain error: %+v", plain)
	}
}

func TestKindsHaveNames(t *testing.T) {
	for kind := abi.OK; kind <= abi.Blocked; kind++ {
		if parsed, ok := abi.ParseKind(kind.String()); !ok || parsed != kind {
			t.Errorf("%d is written %q, which is %d", kind, kind, parsed)
		}
	}
	var kind abi.Kind
	if err := kind.UnmarshalText([]byte("from_the_future")); err != nil || kind != abi.Internal {
		t.Errorf("a new kind reads as %v, %v", kind, err)
	}
}

func TestPlaceholders(t *testing.T) {
	got := abi.Placeholders(`Token token="{token}" {not one} {b_2}{ {c`)
	if diff := cmp.Diff([]string{"token", "b_2"}, got); diff != "" {
		t.Error(diff)
	}
}
