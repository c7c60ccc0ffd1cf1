package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Load reads the file and checks all that can be checked without the
// connectors. When anything in it is wrong the error is [diag.Problems], with
// all faults at once. No secret is looked up.
func Load(file string) (*Config, error) {
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
func Parse(file string, text []byte) (*Config, error) { return parse(file, file, text) }

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
		return nil, r.problems
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
	r.syntax(err)
	return nil
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax reports what the YAML parser says. It gives a line, and none for the
// first. The line is not quoted: nobody knows yet where secrets stand.
func (r *reader) syntax(err error) {
	parts := syntaxLine.FindStringSubmatch(err.Error())
	line, detail := 1, err.Error()
	if parts != nil {
		detail = parts[2]
		if number, err := strconv.Atoi(parts[1]); err == nil {
			line = min(number, len(r.lines))
		}
	}
	if name, found := strings.CutPrefix(detail, "unknown anchor "); found {
		r.unknownAnchor(strings.Trim(strings.TrimSuffix(name, " referenced"), "'"))
		return
	}
	r.at[""] = mark{line: line, column: 1, end: 2}
	switch source := r.lines[line-1]; {
	case strings.HasPrefix(source, "\t") || strings.Contains(detail, "character that cannot start any token"):
		r.fault("syntax", "", say("this is not YAML: indent with spaces, not tabs", "YAMLとして読めません。字下げにはタブでなく半角スペースを使ってください"))
	case strings.ContainsAny(source, "\uff1a\u3000"):
		r.fault("syntax", "", say("this is not YAML: write : and the space in half width", "YAMLとして読めません。コロンと空白は半角で書いてください"))
	default:
		r.fault("syntax", "", say("this is not YAML: %s", "YAMLとして読めません: %s", detail))
	}
}

// unknownAnchor reports text that begins with a star, for which the parser gives no line.
func (r *reader) unknownAnchor(name string) {
	line := slices.IndexFunc(r.lines, func(l string) bool { return strings.Contains(l, "*"+name) })
	r.at[""] = mark{line: max(line, 0) + 1, column: 1, end: 2}
	r.fault("anchor", "", say("text that begins with * needs quotes", "「*」で始まる文字列は引用符で囲んでください"))
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
