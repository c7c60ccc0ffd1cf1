package builtin_test

import (
	"context"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/sdk/abi"
)

type greeting struct {
	Name string `json:"name" doc:"Who" ja:"相手"`
}

func greet(_ context.Context, call host.Invocation, in greeting) (greeting, error) {
	if in.Name == "" {
		return in, &abi.Error{Kind: abi.Invalid, Message: "nobody"}
	}
	return greeting{Name: in.Name + " " + call.IdempotencyKey}, nil
}

func connector(t *testing.T) *builtin.Connector {
	t.Helper()
	title := abi.Text{EN: "Greet"}
	c, err := builtin.New(builtin.Notices(), builtin.Part{
		Actions: []builtin.Action{builtin.Do("guest.greet", title, greet), builtin.Read("guest.look", title, greet)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestActionsAreDescribedByTheirTypes(t *testing.T) {
	m := connector(t).Manifest()
	do, read := m.Actions[0], m.Actions[1]
	if do.Reads || !do.Idempotent || !read.Reads || read.Idempotent {
		t.Errorf("guest.greet %+v, guest.look %+v", do, read)
	}
	if do.Input.Properties["name"].DocJA != "相手" {
		t.Errorf("the input is %+v", do.Input)
	}
}

func TestInvokeDecodesAndEncodes(t *testing.T) {
	for input, want := range map[string]string{
		`{"name":"hanako"}`:     `{"name":"hanako key"}`,
		`{"name":""}`:           "nobody",
		`{"nmae":"hanako"}`:     "unknown field",
		`{"name":"a","extra":1`: "reading the input",
	} {
		output, err := connector(t).Invoke(t.Context(), host.Invocation{
			Op: abi.OpAction, Name: "guest.greet", Input: []byte(input), IdempotencyKey: "key",
		})
		got := string(output)
		if err != nil {
			got = abi.AsError(err).Kind.String() + ": " + err.Error()
		}
		if !strings.Contains(got, want) || (err != nil && abi.KindOf(err) != abi.Invalid) {
			t.Errorf("%s: %s, want %s", input, got, want)
		}
	}
}

func TestInvokeRefusesWhatThereIsNot(t *testing.T) {
	for _, in := range []host.Invocation{{Op: abi.OpAction, Name: "guest.leave"}, {Op: abi.OpPoll, Name: "guest.greet"}} {
		if _, err := connector(t).Invoke(t.Context(), in); abi.KindOf(err) != abi.Unsupported {
			t.Errorf("%s %s: %v, want unsupported", in.Op, in.Name, err)
		}
	}
}

// What people read has both languages, whoever adds to it.
func TestNoticesSpeakBothLanguages(t *testing.T) {
	for _, trigger := range connector(t).Manifest().Triggers {
		if trigger.Title.EN == "" || trigger.Title.JA == "" {
			t.Errorf("%s has no title in both languages", trigger.Name)
		}
		for name, field := range trigger.Data.Properties {
			if field.Doc == "" || field.DocJA == "" {
				t.Errorf("%s.%s has no text in both languages", trigger.Name, name)
			}
		}
	}
}
