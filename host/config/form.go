package config

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Form is a web form by which members tell their telephone number or address.
type Form struct {
	Name string
	// Key signs the form's links, and what servers post for their users.
	Key Reference
	// Tag is given to who sends the form; empty for none.
	Tag string
	// Origins are the pages elsewhere that may post to it from a browser.
	Origins []string
	// PerMinute is how many posts one member may send in a minute.
	PerMinute int
}

// defaultFormRate is enough for a person who mistypes.
const defaultFormRate = 20

func (r *reader) forms(to map[string]*Form) take {
	return func(n *yaml.Node, path string) {
		r.each(n, path, func(name string, value *yaml.Node, at string) {
			if !IsName(name) {
				r.fault("bad-name", at, say(
					"a form's name is lower-case letters, digits, - and _, beginning with a letter",
					"フォームの名前は英小文字で始め、英小文字・数字・「-」「_」だけを使ってください"))
				return
			}
			to[name] = r.form(name, value, at)
		})
	}
}

func (r *reader) form(name string, n *yaml.Node, path string) *Form {
	f := &Form{Name: name, PerMinute: defaultFormRate}
	r.object(n, path,
		key{"key", r.reference(&f.Key)},
		key{"tag", r.text(&f.Tag)},
		key{"origins", r.origins(&f.Origins)},
		key{"per_minute", r.count(&f.PerMinute)},
	)
	if f.Key.IsZero() {
		r.fault("no-key", path, say("the form needs a key that signs its links: key: vault:NAME", "フォームのリンクに署名する鍵が必要です(key: vault:名前)"))
	}
	return f
}

func (r *reader) origins(to *[]string) take {
	return func(n *yaml.Node, path string) {
		if n.Kind != yaml.SequenceNode {
			r.wrongType(n, path, abi.Text{EN: "a list of origins such as https://shop.example.com", JA: "https://shop.example.com のようなURLのリスト"})
			return
		}
		for i, item := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			r.at[at] = markOf(item)
			var origin string
			if r.plain(item, at) {
				r.origin(&origin)(item, at)
				*to = append(*to, origin)
			}
		}
	}
}
