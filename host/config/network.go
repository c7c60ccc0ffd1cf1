package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/sdk/abi"
)

// private reads which private addresses a connection may reach: true, false,
// or a list of addresses and networks.
func (r *reader) private(all *bool, networks *[]netip.Prefix) take {
	return func(n *yaml.Node, path string) {
		if n.Kind != yaml.SequenceNode {
			r.boolean(all)(n, path)
			return
		}
		want := abi.Text{EN: "an address or a network such as 10.0.0.0/8", JA: "アドレスかネットワーク(10.0.0.0/8 など)"}
		for i, item := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			r.at[at] = markOf(item)
			var network netip.Prefix
			if r.plain(item, at) {
				scalar(r, &network, want, func(n *yaml.Node) (netip.Prefix, bool) { return parseNetwork(n.Value) })(item, at)
				*networks = append(*networks, network)
			}
		}
	}
}

func parseNetwork(text string) (netip.Prefix, bool) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		return netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()), true
	}
	network, err := netip.ParsePrefix(text)
	return network.Masked(), err == nil
}

// proxy reads an address, or a reference to one that holds a password.
func (r *reader) proxy(to *Proxy) take {
	want := abi.Text{
		EN: "a proxy such as http://proxy.example.com:3128, or env:NAME where it holds a password",
		JA: "プロキシ(http://proxy.example.com:3128 など。パスワードを含むなら env:変数名)",
	}
	return func(n *yaml.Node, path string) {
		if reference, ok := ParseReference(n.Value, r.dir); ok && n.Kind == yaml.ScalarNode {
			to.Secret = reference
			return
		}
		if u, err := url.Parse(n.Value); err != nil || u.User != nil || strings.Contains(n.Value, "@") {
			r.hide(path)
			r.reference(&to.Secret)(n, path)
			return
		}
		scalar(r, &to.URL, want, func(n *yaml.Node) (string, bool) { return n.Value, isProxy(n.Value) })(n, path)
	}
}

func isProxy(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "http" && u.Hostname() != "" && (u.Path == "" || u.Path == "/") && u.RawQuery == ""
}

func (r *reader) localAddress(to *netip.Addr) take {
	want := abi.Text{EN: "an address of this machine such as 192.0.2.10", JA: "このマシンのIPアドレス(192.0.2.10 など)"}
	return scalar(r, to, want, func(n *yaml.Node) (netip.Addr, bool) {
		address, err := netip.ParseAddr(n.Value)
		return address, err == nil && !address.IsUnspecified()
	})
}

func (r *reader) file(to *string) take {
	return scalar(r, to, abi.Text{EN: "a file", JA: "ファイル"}, func(n *yaml.Node) (string, bool) {
		return resolve(r.dir, n.Value), n.Value != ""
	})
}

// files reads a list of files.
func (r *reader) files(to *[]string) take {
	return func(n *yaml.Node, path string) {
		if n.Kind != yaml.SequenceNode {
			r.wrongType(n, path, abi.Text{EN: "a list of files", JA: "ファイルのリスト"})
			return
		}
		for i, item := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			r.at[at] = markOf(item)
			var name string
			if r.plain(item, at) {
				r.file(&name)(item, at)
				*to = append(*to, name)
			}
		}
	}
}
