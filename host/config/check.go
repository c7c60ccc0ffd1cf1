package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Check holds every connection against its connector's manifest: that there is
// one, its settings, the secrets it demands, its ways to authenticate, its
// triggers. The error is [diag.Problems], with all faults at once, those of a
// file that was read partly included.
func (c *Config) Check(manifests map[string]*abi.Manifest) error {
	k := &checker{marks: &c.marks, plugins: c.Plugins}
	for _, name := range slices.Sorted(maps.Keys(c.Connections)) {
		if !c.doubt.whole && !c.doubt.connections[name] {
			k.connection(c.Connections[name], manifests)
		}
	}
	if len(k.problems)+len(c.faults) == 0 {
		return nil
	}
	k.quote(k.problems)
	k.problems = append(k.problems, c.faultsAgain()...)
	k.problems.Sort()
	return k.problems
}

// faultsAgain are the faults of the file, their lines quoted anew: by now more
// may be known of what is secret there. Those that were not quoted are not.
func (c *Config) faultsAgain() diag.Problems {
	faults := slices.Clone(c.faults)
	for i := range faults {
		if faults[i].Source != "" {
			c.marks.quote(faults[i : i+1])
		}
	}
	return faults
}

// Faults are those of a file that was read partly.
func (c *Config) Faults() diag.Problems { return c.faults }

// CanHold says whether rules can be held against the connections: all of them are
// known, whatever else is wrong, and their connectors are there.
func (c *Config) CanHold(manifests map[string]*abi.Manifest) bool {
	for _, conn := range c.Connections {
		if manifests[conn.Connector] == nil {
			return false
		}
	}
	return c.doubt.none()
}

// RulesProblem is a fault of the rules folder as a whole, where the file names it.
func (c *Config) RulesProblem(message abi.Text) diag.Problems {
	problems := diag.Problems{c.marks.problem("rules-folder", "rules", message)}
	c.marks.quote(problems)
	return problems
}

type checker struct {
	*marks
	// plugins is the folder of the plugins.
	plugins  string
	problems diag.Problems
}

func (k *checker) fault(code, path string, message abi.Text) {
	k.problems = append(k.problems, k.problem(code, path, message))
}

func (k *checker) keyFault(code, path string, message abi.Text) {
	k.problems = append(k.problems, k.keyProblem(code, path, message))
}

func (k *checker) connection(c *Connection, manifests map[string]*abi.Manifest) {
	path := join("connections", c.Name)
	m, installed := manifests[c.Connector]
	if !installed {
		k.fault("unknown-connector", join(path, "connector"), k.unknownConnector(c.Connector, slices.Sorted(maps.Keys(manifests))))
		return
	}
	k.object(c.Settings, m.Settings, join(path, "settings"), secretsAreElsewhere(m))
	k.auth(c, m, path)
	k.settingsOfAuth(c, m, path)
	k.secrets(c, m, path)
	k.polls(c, m, path)
	if m.Webhook == nil && !c.WebhookToken.IsZero() {
		k.keyFault("no-webhook", join(path, "webhook_token"), say(
			"%s receives no webhooks: remove webhook_token", "%sはWebhookを受け取りません。webhook_token を消してください", m.ID))
	}
}

func (k *checker) unknownConnector(id string, installed []string) abi.Text {
	if near := diag.Closest(id, installed); near != "" {
		return say("there is no plugin %[1]q: did you mean %[2]q?", "「%[1]s」というプラグインはありません。「%[2]s」ではありませんか?", id, near)
	}
	if len(installed) == 0 {
		return say("there is no plugin %[1]q: there is none at all in %[2]s; check the path after plugins, or build one with: musubi plugin build",
			"「%[1]s」というプラグインはありません(%[2]s にプラグインが1つもありません)。plugins のパスを確かめるか、musubi plugin build で作ってください", id, k.plugins)
	}
	return say("there is no plugin %q: installed are %s", "「%s」というプラグインはありません。あるのは %s です", id, strings.Join(installed, ", "))
}

func (k *checker) auth(c *Connection, m *abi.Manifest, path string) {
	if c.Auth == "" || scheme(m, c.Auth) != nil {
		return
	}
	names := make([]string, len(m.Auth))
	for i, s := range m.Auth {
		names[i] = s.Name
	}
	k.fault("unknown-auth", join(path, "auth"), unknownAmong(c.Auth, names,
		abi.Text{EN: "way to authenticate", JA: "認証方式"}))
}

// settingsOfAuth asks for the settings that the chosen way to authenticate is made of.
func (k *checker) settingsOfAuth(c *Connection, m *abi.Manifest, path string) {
	picked := scheme(m, c.Auth)
	if picked == nil || m.Settings == nil {
		return
	}
	names := mentioned(picked)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		s := m.Settings.Properties[name]
		if s == nil || s.Default != nil || slices.Contains(m.Settings.Required, name) || c.Settings[name] != nil {
			continue
		}
		doc := abi.Text{EN: s.Doc, JA: s.DocJA}
		k.fault("missing-setting", join(join(path, "settings"), name), say(
			"the setting %[1]q is missing (%[2]s), which `auth: %[3]s` needs", "設定「%[1]s」がありません(%[4]s)。auth: %[3]s に必要です",
			name, doc.EN, picked.Name, diag.Japanese.Pick(doc)))
	}
}

// scheme returns the way to authenticate of that name, the first for no name, or nil.
func scheme(m *abi.Manifest, name string) *abi.AuthScheme {
	for i := range m.Auth {
		if name == "" || m.Auth[i].Name == name {
			return &m.Auth[i]
		}
	}
	return nil
}

func (k *checker) polls(c *Connection, m *abi.Manifest, path string) {
	var polled []string
	for _, t := range m.Triggers {
		if t.Poll {
			polled = append(polled, t.Name)
		}
	}
	for name := range c.Polls {
		if !slices.Contains(polled, name) {
			k.keyFault("unknown-poll", join(join(path, "polls"), name), unknownAmong(name, polled, abi.Text{EN: "poll", JA: "定期取得"}))
		}
	}
}

func unknownAmong(name string, known []string, what abi.Text) abi.Text {
	if near := diag.Closest(name, known); near != "" {
		return say("there is no %[3]s %[1]q: did you mean %[2]q?", "「%[1]s」という%[4]sはありません。「%[2]s」ではありませんか?", name, near, what.EN, what.JA)
	}
	if len(known) == 0 {
		return say("there is no %[2]s %[1]q: the connector has none", "「%[1]s」という%[3]sはありません。このコネクターにはありません", name, what.EN, what.JA)
	}
	return say("there is no %[3]s %[1]q: possible are %[2]s", "「%[1]s」という%[4]sはありません。使えるのは %[2]s です", name, strings.Join(known, ", "), what.EN, what.JA)
}
