package config

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/host"
)

func (r *reader) connections(to map[string]*Connection) take {
	return func(n *yaml.Node, path string) {
		r.each(n, path, func(name string, value *yaml.Node, at string) {
			if !IsName(name) {
				r.fault("bad-name", at, say(
					"a connection's name is lower-case letters, digits, - and _, beginning with a letter",
					"接続の名前は英小文字で始め、英小文字・数字・「-」「_」だけを使ってください"))
				return
			}
			if name == host.Builtin {
				r.keyFault("reserved-name", at, say(
					"musubi is the name of the host's own connection, which is always there: choose another name",
					"musubi はホスト自身の接続の名前で、いつも使えます。別の名前にしてください"))
				return
			}
			to[name] = r.connection(name, value, at)
		})
	}
}

func (r *reader) connection(name string, n *yaml.Node, path string) *Connection {
	c := &Connection{
		Name: name, Settings: map[string]any{}, Secrets: map[string]Reference{}, Expires: map[string]time.Time{}, Polls: map[string]time.Duration{},
	}
	known := r.object(n, path,
		key{"connector", r.text(&c.Connector)},
		key{"settings", r.settings(c.Settings)},
		key{"secrets", r.secrets(c)},
		key{"auth", r.text(&c.Auth)},
		key{"webhook_token", r.reference(&c.WebhookToken)},
		key{"allow_private", r.private(&c.AllowPrivate, &c.PrivateNetworks)},
		key{"proxy", r.proxy(&c.Proxy)},
		key{"source_address", r.localAddress(&c.SourceAddress)},
		key{"ca_file", r.file(&c.CAFile)},
		key{"limits", r.limits(c)},
		key{"polls", r.polls(c.Polls)},
	)
	if _, given := r.at[join(path, "connector")]; !given && known {
		r.fault("missing-key", join(path, "connector"), say(
			"the connection needs a connector, as in connector: ecforce",
			"接続には connector が必要です(例: connector: ecforce)"))
	}
	return c
}

func (r *reader) polls(to map[string]time.Duration) take {
	return func(n *yaml.Node, path string) {
		r.each(n, path, func(name string, value *yaml.Node, at string) {
			var every time.Duration
			r.interval(&every)(value, at)
			to[name] = every
		})
	}
}

func (r *reader) secrets(c *Connection) take {
	return func(n *yaml.Node, path string) {
		r.each(n, path, func(name string, value *yaml.Node, at string) { r.secret(c, name, value, at) })
	}
}

// secret reads where a secret is, alone or with the day on which it expires.
func (r *reader) secret(c *Connection, name string, n *yaml.Node, path string) {
	var reference Reference
	if n.Kind != yaml.MappingNode {
		r.reference(&reference)(n, path)
		c.Secrets[name] = reference
		return
	}
	var expires time.Time
	r.object(n, path, key{"from", r.reference(&reference)}, key{"expires", r.date(&expires)})
	if _, given := r.at[join(path, "from")]; !given {
		r.fault("missing-key", join(path, "from"), say(
			"this needs from, as in {from: env:NAME, expires: 2027-01-31}",
			"from が必要です(例: {from: env:変数名, expires: 2027-01-31})"))
	}
	c.Secrets[name] = reference
	if !expires.IsZero() {
		c.Expires[name] = expires
	}
}

// reference reads where a secret is. What is written there instead may be the
// secret itself: it is neither repeated nor shown with its line.
func (r *reader) reference(to *Reference) take {
	return func(n *yaml.Node, path string) {
		reference, ok := ParseReference(n.Value, r.dir)
		if n.Kind != yaml.ScalarNode || n.Tag != "!!str" || !ok {
			r.hide(path)
			r.fault("literal-secret", path, say(
				"a secret itself must not stand in this file: put it into an environment variable and write env:NAME, or write file:/path or vault:name",
				"秘密の値をこのファイルに直接書くことはできません。環境変数に入れて env:変数名 と書くか、file:/パス、vault:名前 を使ってください"))
			return
		}
		*to = reference
	}
}
