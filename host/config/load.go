package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/source"
)

// Load reads the file and checks all that can be checked without the
// connectors. When anything in it is wrong the error is [diag.Problems], with
// all faults at once. No secret is looked up.
func Load(file string) (*Config, error) {
	c, err := LoadPartly(file)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// LoadPartly is Load that returns, beside [diag.Problems], what could be read all
// the same. Nothing but [Config.Check] is to be done with that: it tells the faults
// again, with those that the connectors show.
func LoadPartly(file string) (*Config, error) {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("finding the configuration: %w", err)
	}
	text, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return parse(absolute, file, text)
}

// Parse is Load for text that is at hand. Paths are relative to file's folder.
func Parse(file string, text []byte) (*Config, error) {
	c, err := ParsePartly(file, text)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// ParsePartly is LoadPartly for text that is at hand.
func ParsePartly(file string, text []byte) (*Config, error) { return parse(file, file, text) }

// parse reads the text of file; problems name it as shown, as the operator did.
func parse(file, shown string, text []byte) (*Config, error) {
	config := Default(file)
	config.marks.file = shown
	config.marks.lines = strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	r := &reader{marks: &config.marks, dir: filepath.Dir(file)}
	if root := r.document(text); root != nil && r.plain(root, "") {
		r.config(root, config)
		r.quote(r.problems)
	}
	if len(r.problems) > 0 {
		r.problems.Sort()
		config.faults, config.doubt = r.problems, r.doubt
		return config, r.problems
	}
	return config, nil
}

// document parses the text to the node of its one document; nil if it is empty or broken.
func (r *reader) document(text []byte) *yaml.Node {
	var document, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		if errors.Is(decoder.Decode(&second), io.EOF) {
			return document.Content[0]
		}
		r.at[""] = markOf(&second)
		r.fault("several-documents", "", say("one file holds one configuration: remove the line ---", "設定は1ファイルに1つです。「---」の行を消してください"))
		return nil
	}
	r.syntax(text, err)
	return nil
}

// syntax reports why the YAML parser gave up, in words for people. What may be
// a secret is not quoted: nobody knows yet where they stand.
func (r *reader) syntax(text []byte, err error) {
	var found source.Report
	source.New(r.marks.file, text).Diagnose(&found, err)
	r.slips(found.Problems)
}

// wideIndent reports a key whose name begins with the blanks that its line was
// to be indented with, and says whether it is one.
func (r *reader) wideIndent(name, path string) bool {
	if !strings.HasPrefix(name, "\u3000") && !strings.HasPrefix(name, "\u00a0") {
		return false
	}
	var found source.Report
	source.New(r.marks.file, []byte(strings.Join(r.marks.lines, "\n"))).ExplainLine(&found, r.keys[path].line)
	r.slips(found.Problems)
	return len(found.Problems) > 0
}

// slips takes over faults of the YAML as such: what else is in the file is not known.
func (r *reader) slips(found diag.Problems) {
	for _, p := range found {
		r.problems = append(r.problems, r.withoutSecrets(p))
	}
	r.doubt.whole = r.doubt.whole || len(found) > 0
}

func (r *reader) config(n *yaml.Node, c *Config) {
	r.object(n, "",
		key{"listen", r.address(&c.Listen)},
		key{"public_url", r.origin(&c.PublicURL)},
		key{"data", r.folder(&c.Data)},
		key{"rules", r.folder(&c.Rules)},
		key{"plugins", r.folder(&c.Plugins)},
		key{"plugin_keys", r.files(&c.PluginKeys)},
		key{"zone", r.zone(&c.Zone)},
		key{"dedupe_window", r.duration(&c.DedupeWindow)},
		key{"notice_window", r.duration(&c.NoticeWindow)},
		key{"loop_limit", r.count(&c.LoopLimit)},
		key{"loop_window", r.duration(&c.LoopWindow)},
		key{"shutdown_grace", r.duration(&c.ShutdownGrace)},
		key{"retention", r.retention(&c.Retention)},
		key{"log", r.log(&c.Log)},
		key{"admin_token", r.reference(&c.AdminToken)},
		key{"vault_key", r.reference(&c.VaultKey)},
		key{"connections", r.connections(c.Connections)},
		key{"forms", r.forms(c.Forms)},
	)
}

func (r *reader) retention(to *Retention) take {
	return func(n *yaml.Node, path string) {
		r.object(n, path,
			key{"runs", r.keep(&to.Runs)},
			key{"events", r.keep(&to.Events)},
			key{"dead_letters", r.keep(&to.DeadLetters)},
			key{"audit", r.keep(&to.Audit)},
			key{"size", r.disk(&to.Size)},
		)
	}
}

func (r *reader) log(to *Log) take {
	return func(n *yaml.Node, path string) {
		r.object(n, path,
			key{"level", r.level(&to.Level)},
			key{"format", r.oneOf(&to.Format, LogText, LogJSON)},
		)
	}
}
