// Package supply says which plugins a host may run: those whose bytes and whose
// reach a person has accepted, as plugins.lock records it. It reads and
// compares; nothing of a plugin is run.
package supply

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Entry is what was accepted of one plugin: its bytes, and all that it can
// reach or do with what a connection gives it. Every list is sorted.
type Entry struct {
	Version string `yaml:"version" json:"version"`
	// SHA256 is of the whole file, in hex.
	SHA256 string `yaml:"sha256" json:"sha256"`
	// Reaches are the manifest's hosts, and where those that are settings lead,
	// and the places of tokens, if nobody sets them: "{base_url} = https://…".
	Reaches []string `yaml:"reaches,flow" json:"reaches"`
	Secrets []string `yaml:"secrets,flow" json:"secrets"`
	// Credentials says of each way to authenticate where the credential goes.
	Credentials []string `yaml:"credentials" json:"credentials"`
	// Webhooks are the signatures that deliveries must have.
	Webhooks []string `yaml:"webhooks" json:"webhooks"`
	// Pings are the forms that are answered although nobody signed them.
	Pings []string `yaml:"pings,flow,omitempty" json:"pings,omitempty"`
	// Changes are the actions that change something at the platform.
	Changes []string `yaml:"changes,flow" json:"changes"`
}

// Describe returns the entry of a plugin file with that manifest.
func Describe(wasm []byte, m *abi.Manifest) (Entry, error) {
	sum := sha256.Sum256(wasm)
	e := Entry{Version: m.Version, SHA256: hex.EncodeToString(sum[:]), Reaches: append(slices.Clone(m.Hosts), standards(m)...)}
	for _, s := range m.Secrets {
		e.Secrets = append(e.Secrets, s.Name)
	}
	for _, a := range m.Actions {
		if !a.Reads {
			e.Changes = append(e.Changes, a.Name)
		}
	}
	var err error
	if e.Credentials, err = exactly(m.Auth); err != nil {
		return Entry{}, err
	}
	if m.Webhook != nil {
		e.Webhooks, err = exactly(m.Webhook.Signatures)
		for _, ping := range m.Webhook.Pings {
			e.Pings = append(e.Pings, strings.Join(ping.Form, ", "))
		}
	}
	for _, list := range []*[]string{&e.Reaches, &e.Secrets, &e.Credentials, &e.Webhooks, &e.Changes} {
		slices.Sort(*list)
		if *list == nil {
			*list = []string{}
		}
	}
	return e, err
}

// standardMark stands between a setting and its standard value.
const standardMark = "} = "

// standards are the standard values of the settings that say where requests go.
func standards(m *abi.Manifest) (all []string) {
	texts := slices.Clone(m.Hosts)
	for i := range m.Auth {
		texts = append(texts, m.Auth[i].TokenURL)
	}
	for _, name := range abi.Placeholders(strings.Join(texts, " ")) {
		if value := standard(m.Settings, name); value != "" && !slices.Contains(all, "{"+name+standardMark+value) {
			all = append(all, "{"+name+standardMark+value)
		}
	}
	return all
}

func standard(settings *abi.Schema, name string) string {
	if settings == nil || settings.Properties[name] == nil {
		return ""
	}
	value := settings.Properties[name].Default
	var text string
	var list []string
	if json.Unmarshal(value, &list) == nil {
		return strings.Join(list, " ")
	}
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// exactly writes each declaration out, so that no part of one changes unseen:
// the address that a token is fetched from matters as much as the scheme.
func exactly[T any](declared []T) ([]string, error) {
	texts := make([]string, 0, len(declared))
	for _, d := range declared {
		text, err := json.Marshal(d)
		if err != nil {
			return nil, fmt.Errorf("writing a declaration of the manifest: %w", err)
		}
		texts = append(texts, string(text))
	}
	return texts, nil
}
