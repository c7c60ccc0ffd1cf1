package sdk_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestManifestIsDerived(t *testing.T) {
	manifest, err := shop().Manifest()
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(manifest, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/manifest.json"
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(bytes.TrimSpace(want)), string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestWrongDeclarations(t *testing.T) {
	type self struct {
		Inner []self `json:"inner"`
	}
	type untagged struct{ Name string }
	en := abi.Text{EN: "x"}
	cases := []struct {
		name  string
		spoil func(*sdk.Connector)
		want  string
	}{
		{"id", func(c *sdk.Connector) { c.ID = "My Shop" }, "id must be lower-case"},
		{"no version", func(c *sdk.Connector) { c.Version = "" }, "version is missing"},
		{"no title", func(c *sdk.Connector) { c.Title.EN = "" }, "title needs English text"},
		{"no settings", func(c *sdk.Connector) { c.Settings = sdk.SettingsType{} }, "settings: they are not declared"},
		{"settings not an object", func(c *sdk.Connector) { c.Settings = sdk.Settings[string]() }, "settings must be an object"},
		{"setting and secret", func(c *sdk.Connector) { c.Secrets[0].Name = "zone" }, `"zone" is a setting and a secret`},
		{"secret twice", func(c *sdk.Connector) { c.Secrets[1].Name = "token" }, `secret "token" is declared twice`},
		{"host with path", func(c *sdk.Connector) { c.Hosts = []string{"https://a.example.com/api"} }, "must be an origin"},
		{"plain http", func(c *sdk.Connector) { c.Hosts = []string{"http://a.example.com"} }, "must be an origin"},
		{"host from unknown setting", func(c *sdk.Connector) { c.Hosts = []string{"{url}"} }, "hosts: {url} is not declared"},
		{"host from secret", func(c *sdk.Connector) { c.Hosts = []string{"{token}"} }, "{token} is a secret and must not be used here"},
		{"unknown secret", func(c *sdk.Connector) { c.Auth[0].Value = "Bearer {tokn}" }, `auth "header": value: {tokn} is not declared`},
		{"auth without value", func(c *sdk.Connector) { c.Auth[0].Value = "" }, `auth "header": value is missing`},
		{"auth twice", func(c *sdk.Connector) { c.Auth = append(c.Auth, c.Auth[0]) }, `auth "header" is declared twice`},
		{"unknown auth", func(c *sdk.Connector) { c.Auth[0].Type = "magic" }, `unknown type "magic"`},
		{"signature without secret", func(c *sdk.Connector) { c.Webhook.Signatures[0].Secret = "key" }, `"key" is not a declared secret`},
		{"signature algorithm", func(c *sdk.Connector) { c.Webhook.Signatures[0].Algorithm = "md5" }, `algorithm is "md5", not one of sha256, sha1, sha512`},
		{"timestamp", func(c *sdk.Connector) { c.Webhook.Signatures[0].Payload = "{timestamp}{body}" }, "no timestamp_header"},
		{"action name", func(c *sdk.Connector) { c.Actions = append(c.Actions, sdk.Read("get", en, getCustomer)) }, `action "get" must be two lower-case words`},
		{"action twice", func(c *sdk.Connector) {
			c.Actions = append(c.Actions, sdk.Read("customer.get", en, getCustomer))
		}, `action "customer.get" is declared twice`},
		{"action without title", func(c *sdk.Connector) {
			c.Actions = append(c.Actions, sdk.Read("customer.see", abi.Text{}, getCustomer))
		}, `action "customer.see" needs a title`},
		{"input not an object", func(c *sdk.Connector) {
			c.Actions = append(c.Actions, sdk.Read("word.say", en, func(*sdk.Call, string) (string, error) { return "", nil }))
		}, `action "word.say": the input must be an object`},
		{"type within itself", func(c *sdk.Connector) {
			c.Actions = append(c.Actions, sdk.Read("tree.get", en, func(*sdk.Call, customerInput) (self, error) { return self{}, nil }))
		}, "output of tree.get: sdk_test.self.inner[]: sdk_test.self contains itself"},
		{"field without tag", func(c *sdk.Connector) {
			c.Actions = append(c.Actions, sdk.Read("tag.get", en, func(*sdk.Call, untagged) (string, error) { return "", nil }))
		}, "sdk_test.untagged.Name: the json tag with the name is missing"},
		{"pages without a list", func(c *sdk.Connector) {
			c.Actions = append(c.Actions, sdk.Read("all.list", en, listAll).Pages("rows"))
		}, `action "all.list": the output has no list "rows"`},
		{"pages without a next", func(c *sdk.Connector) {
			c.Actions = append(c.Actions, sdk.Read("all.list", en, listAll).Pages("items"))
		}, `the input needs the text field "next" to be read page by page`},
		{"webhook without receiver", func(c *sdk.Connector) { c.Webhook = sdk.Webhook{} }, `trigger "customer.updated" comes by webhook, but the connector receives none`},
		{"ping of anything", func(c *sdk.Connector) { c.Webhook.Pings = []abi.Ping{{}} }, "webhook: ping 1: form must name the fields"},
		{"poll without interval", func(c *sdk.Connector) {
			c.Triggers = append(c.Triggers, sdk.Poll[string]("a.b", en, 0, poll))
		}, `trigger "a.b" is polled but has no interval`},
		{"half a record store", func(c *sdk.Connector) { c.Records.Update = nil }, "Search, Create and Update are all needed"},
		{"trigger twice", func(c *sdk.Connector) { c.Triggers = append(c.Triggers, c.Triggers[0]) }, "trigger customer.updated is declared twice"},
		{"two shapes", func(c *sdk.Connector) {
			c.Triggers = append(c.Triggers, sdk.Poll[string]("customer.created", en, time.Minute, poll))
		}, "webhook and poll have different data"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			connector := shop()
			c.spoil(connector)
			_, err := connector.Manifest()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestAllFaultsAreReportedAtOnce(t *testing.T) {
	connector := shop()
	connector.ID, connector.Version, connector.Hosts = "?", "", []string{"ftp://x"}
	_, err := connector.Manifest()
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("got %v, want three lines", err)
	}
}

type everything struct {
	Items []string `json:"items"`
	Next  string   `json:"next"`
}

func listAll(*sdk.Call, customerInput) (everything, error) { return everything{}, nil }

func TestPagesAreDeclared(t *testing.T) {
	type from struct {
		Next string `json:"next,omitempty"`
	}
	list := func(*sdk.Call, from) (everything, error) { return everything{}, nil }
	connector := shop()
	connector.Records = nil
	connector.Actions = []sdk.Action{sdk.Read("all.list", abi.Text{EN: "x"}, list).Pages("items")}
	manifest, err := connector.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if got := manifest.Actions[0].Pages; got != "items" {
		t.Errorf("pages are %q", got)
	}
}
