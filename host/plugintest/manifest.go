package plugintest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

// checkManifest checks what the manifest tells people and rules beyond what
// [abi.Manifest.Validate], passed by loading the plugin, demands.
func (s *suite) checkManifest(t *testing.T) {
	m := s.manifest
	s.waivers.run(t, "manifest", "titles", func(t *testing.T) {
		checkText(t, "title", m.Title)
		for _, secret := range m.Secrets {
			checkText(t, "secret "+secret.Name, secret.Doc)
		}
		for _, trigger := range m.Triggers {
			checkText(t, "trigger "+trigger.Name, trigger.Title)
		}
		for _, action := range m.Actions {
			checkText(t, "action "+action.Name, action.Title)
		}
	})
	s.waivers.run(t, "manifest", "schemas", func(t *testing.T) {
		checkSchema(t, "settings", m.Settings)
		for _, trigger := range m.Triggers {
			checkSchema(t, "trigger "+trigger.Name, trigger.Data)
		}
		for _, action := range m.Actions {
			checkSchema(t, "input of "+action.Name, action.Input)
			checkSchema(t, "output of "+action.Name, action.Output)
		}
	})
	s.waivers.run(t, "manifest", "base-url", func(t *testing.T) { checkBaseURL(t, m) })
	s.waivers.run(t, "manifest", "secrets-used", func(t *testing.T) { checkSecretsUsed(t, m) })
	s.waivers.run(t, "manifest", "folder", s.checkFolder)
}

// checkText demands both languages.
func checkText(t *testing.T, what string, text abi.Text) {
	t.Helper()
	if text.EN == "" || text.JA == "" {
		t.Errorf("%s: it needs words in English and Japanese, has %q and %q", what, text.EN, text.JA)
	}
}

// checkSchema checks a schema and all within: known types, words in both
// languages for every property, required ones that exist.
func checkSchema(t *testing.T, at string, schema *abi.Schema) {
	t.Helper()
	if schema == nil {
		t.Errorf("%s: there is no schema", at)
		return
	}
	checkType(t, at, schema)
	for _, name := range schema.Required {
		if schema.Properties[name] == nil {
			t.Errorf("%s: %s is required but not a property", at, name)
		}
	}
	for name, property := range schema.Properties {
		inner := at + "." + name
		checkText(t, inner, abi.Text{EN: property.Doc, JA: property.DocJA})
		checkSchema(t, inner, property)
	}
	if schema.Items != nil {
		checkSchema(t, at+"[]", schema.Items)
	}
	if schema.Additional != nil {
		checkSchema(t, at+".*", schema.Additional)
	}
}

func checkType(t *testing.T, at string, schema *abi.Schema) {
	t.Helper()
	switch schema.Type {
	case abi.TypeAny, abi.TypeObject, abi.TypeString, abi.TypeInteger, abi.TypeNumber, abi.TypeBoolean:
	case abi.TypeArray:
		if schema.Items == nil {
			t.Errorf("%s: an array says what it holds", at)
		}
	default:
		t.Errorf("%s: unknown type %q", at, schema.Type)
	}
	if schema.Default != nil {
		for _, fault := range conform(at, schema, schema.Default) {
			t.Errorf("the default: %s", fault)
		}
	}
}

// checkBaseURL demands the one setting that every connector has: without it
// none could be pointed at a sim.
func checkBaseURL(t *testing.T, m *abi.Manifest) {
	t.Helper()
	if setting := m.Settings.Properties["base_url"]; setting == nil || setting.Type != abi.TypeString {
		t.Error("there is no setting base_url of type string")
	}
	if !slices.Contains(m.Hosts, "{base_url}") {
		t.Errorf("the hosts %q do not have {base_url}", m.Hosts)
	}
}

// checkSecretsUsed finds secrets that nothing needs, and so nobody should be asked for.
func checkSecretsUsed(t *testing.T, m *abi.Manifest) {
	t.Helper()
	var used []string
	for _, a := range m.Auth {
		texts := []string{a.Value, a.Username, a.Password, a.ClientID, a.ClientSecret, a.RefreshToken, a.Issuer, a.Subject, a.PrivateKey, a.KeyID}
		texts = append(texts, a.Signing.Texts()...)
		used = append(used, abi.Placeholders(strings.Join(slices.AppendSeq(texts, maps.Values(a.Params)), " "))...)
	}
	if m.Webhook != nil {
		for _, signature := range m.Webhook.Signatures {
			used = append(used, signature.Secret)
		}
	}
	for _, secret := range m.Secrets {
		if !slices.Contains(used, secret.Name) {
			t.Errorf("the secret %s is used by no way to authenticate and no signature", secret.Name)
		}
	}
}
