package sdk

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// A plugin is tested here without WebAssembly: frames in, frames out, and no host behind it.

func testPlugin() *plugin {
	connector := &Connector{
		ID: "echo", Version: "1", Title: abi.Text{EN: "Echo"}, Settings: Settings[struct{}](),
		Actions: []Action{
			Read("word.echo", abi.Text{EN: "Echo"}, func(call *Call, in map[string]string) (map[string]string, error) {
				in["now"] = call.Now().Format(time.RFC3339)
				return in, nil
			}),
			Read("page.get", abi.Text{EN: "Fetch"}, func(call *Call, _ struct{}) (struct{}, error) {
				_, err := call.Request("GET", "https://shop.example.com").Send()
				return struct{}{}, err
			}),
			Read("bad.panic", abi.Text{EN: "Panic"}, func(*Call, struct{}) (struct{}, error) { panic("at the disco") }),
		},
	}
	return &plugin{instance: connector.Instance(wasmHost{})}
}

func TestPluginAnswersFrames(t *testing.T) {
	p := testPlugin()
	now := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	cases := []struct {
		name, body, want string
		kind             abi.Kind
		broken           bool
	}{
		{"word.echo", `{"word":"結び"}`, `{"now":"2026-04-01T09:00:00Z","word":"結び"}`, abi.OK, false},
		{"word.echo", `{"word":5}`, "reading the input: word: wants a string, not a number", abi.Invalid, false},
		{"page.get", ``, "no host: this is not a plugin but a native program", abi.Internal, false},
		{"bad.panic", `{}`, "action bad.panic panicked: at the disco", abi.Internal, true},
	}
	for _, c := range cases {
		call := abi.Call{Op: abi.OpAction, Name: c.name, Now: now, Body: []byte(c.body)}
		reply, err := abi.ParseReply(p.Call(call.Append(nil)))
		if err != nil {
			t.Fatal(err)
		}
		got, kind := string(reply.Body), abi.OK
		if reply.Err != nil {
			got, kind = reply.Err.Message, reply.Err.Kind
		}
		if got != c.want || kind != c.kind || reply.Broken != c.broken {
			t.Errorf("%s %s: got %s, %v, broken %v", c.name, c.body, got, kind, reply.Broken)
		}
	}
}

func TestPluginRefusesABrokenFrame(t *testing.T) {
	reply, err := abi.ParseReply(testPlugin().Call([]byte{1, 255, 0, 0, 0}))
	if err != nil || reply.Err == nil || reply.Err.Kind != abi.Internal {
		t.Errorf("got %+v, %v", reply, err)
	}
}

func TestPluginDescribesItself(t *testing.T) {
	p := testPlugin()
	var m abi.Manifest
	if err := json.Unmarshal(p.Describe(), &m); err != nil || m.ID != "echo" || len(m.Actions) != 3 {
		t.Errorf("got %+v, %v", m, err)
	}
	p.instance.connector.Records = &Records{}
	if text := string(p.Describe()); !strings.Contains(text, `{"error":"records: Search, Create and Update are all needed"}`) {
		t.Errorf("a wrong declaration: %s", text)
	}
}
