package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// aside explains a key that does not belong where it stands; nil message: nothing to explain.
type aside func(name string) (abi.Text, bool)

func secretsAreElsewhere(m *abi.Manifest) aside {
	return func(name string) (abi.Text, bool) {
		if !slices.ContainsFunc(m.Secrets, func(s abi.Secret) bool { return s.Name == name }) {
			return abi.Text{}, false
		}
		return say("%q is a secret: write it under secrets, not settings", "「%s」は秘密の値です。settings でなく secrets に書いてください", name), true
	}
}

func (k *checker) object(value map[string]any, s *abi.Schema, path string, explain aside) {
	known, meant := slices.Sorted(maps.Keys(s.Properties)), map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(value)) {
		at := join(path, name)
		switch property := s.Properties[name]; {
		case property != nil:
			k.value(value[name], property, at)
		case s.Additional != nil:
			k.value(value[name], s.Additional, at)
		default:
			k.unknownSetting(name, known, at, explain)
			meant[diag.Closest(name, known)] = true
		}
	}
	for _, name := range s.Required {
		if _, given := value[name]; !given && !meant[name] && s.Properties[name] != nil && s.Properties[name].Default == nil {
			k.fault("missing-setting", join(path, name), missingSetting(name, s.Properties[name]))
		}
	}
}

func (k *checker) unknownSetting(name string, known []string, at string, explain aside) {
	if explain != nil {
		if message, ok := explain(name); ok {
			k.keyFault("secret-in-settings", at, message)
			k.hide(at)
			return
		}
	}
	if diag.Closest(name, known) == "" { // a secret under a name of its own, as likely as not
		k.hide(at)
	}
	k.keyFault("unknown-setting", at, unknownAmong(name, known, abi.Text{EN: "setting", JA: "設定"}))
}

func missingSetting(name string, s *abi.Schema) abi.Text {
	doc := abi.Text{EN: s.Doc, JA: s.DocJA}
	return say("the setting %[1]q is missing (%[2]s)", "設定「%[1]s」がありません(%[3]s)", name, doc.EN, diag.Japanese.Pick(doc))
}

func (k *checker) value(value any, s *abi.Schema, path string) {
	if value == nil {
		if !s.Nullable && s.Type != abi.TypeAny {
			k.fault("empty-setting", path, say("this is empty: write a value or remove the key", "値が空です。値を書くか、キーごと消してください"))
		}
		return
	}
	if !hasType(value, s.Type) {
		k.fault("wrong-type", path, wrongSetting(value, s.Type))
		return
	}
	switch value := value.(type) {
	case map[string]any:
		k.object(value, s, path, nil)
	case []any:
		for i, item := range value {
			if s.Items != nil {
				k.value(item, s.Items, fmt.Sprintf("%s[%d]", path, i))
			}
		}
	case string:
		k.string(value, s, path)
	}
}

func (k *checker) string(value string, s *abi.Schema, path string) {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, value) {
		k.fault("not-allowed", path, unknownAmong(value, s.Enum, abi.Text{EN: "choice", JA: "選択肢"}))
	}
	switch {
	case s.Format != "uri" || isURL(value):
	case strings.Contains(value, "@"):
		k.hide(path)
		k.fault("not-a-url", path, say("no user and no password stand in an address: write them below secrets", "URLにユーザー名やパスワードは書けません。secrets に書いてください"))
	default:
		k.fault("not-a-url", path, say("%q is not an address such as https://shop.example.com", "「%s」は https://shop.example.com のようなURLではありません", value))
	}
}

func hasType(value any, t abi.SchemaType) bool {
	switch t {
	case abi.TypeObject:
		_, ok := value.(map[string]any)
		return ok
	case abi.TypeArray:
		_, ok := value.([]any)
		return ok
	case abi.TypeString:
		_, ok := value.(string)
		return ok
	case abi.TypeBoolean:
		_, ok := value.(bool)
		return ok
	case abi.TypeInteger:
		number, ok := value.(json.Number)
		return ok && !strings.ContainsAny(number.String(), ".eE")
	case abi.TypeNumber:
		_, ok := value.(json.Number)
		return ok
	case abi.TypeAny:
		return true
	default:
		return false
	}
}

func wrongSetting(value any, t abi.SchemaType) abi.Text {
	if t == abi.TypeString {
		return say("this must be text: write \"%v\" with quotes", "文字列を書いてください。引用符で囲んで \"%v\" とします", value)
	}
	want, ok := map[abi.SchemaType]abi.Text{
		abi.TypeObject:  {EN: "key: value pairs", JA: "「キー: 値」の組"},
		abi.TypeArray:   {EN: "a list", JA: "リスト"},
		abi.TypeInteger: {EN: "a whole number without quotes", JA: "整数(引用符なし)"},
		abi.TypeNumber:  {EN: "a number without quotes", JA: "数値(引用符なし)"},
		abi.TypeBoolean: {EN: "true or false without quotes", JA: "true か false(引用符なし)"},
	}[t]
	if !ok {
		want = abi.Text{EN: string(t), JA: string(t)}
	}
	return say("this must be %[1]s", "ここには%[2]sを書いてください", want.EN, want.JA)
}

// Effective returns the settings as the plugin gets them, JSON: those of the
// file, with the connector's defaults where the file says nothing.
func (c *Connection) Effective(m *abi.Manifest) (json.RawMessage, error) {
	settings := maps.Clone(c.Settings)
	for name, property := range m.Settings.Properties {
		if _, given := settings[name]; !given && property.Default != nil {
			settings[name] = property.Default
		}
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return nil, fmt.Errorf("writing the settings of connection %s: %w", c.Name, err)
	}
	return text, nil
}
