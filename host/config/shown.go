package config

import (
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/rules/diag"
)

// Of a file that is no YAML, and of a key that nobody knows, nobody can say where
// secrets stand. So of a line only that is quoted which cannot be one: the lines
// of keys that hold none, names of keys, and references to secrets.

var (
	openKeys = []string{
		"listen", "public_url", "data", "rules", "plugins", "zone", "dedupe_window", "notice_window", "loop_limit", "loop_window",
		"shutdown_grace", "retention", "log", "connections", "connector", "auth", "settings", "polls", "limits", "allow_private",
		"source_address", "ca_file",
	}
	openSections = []string{"settings", "polls", "limits", "retention", "log"}

	suspicious = regexp.MustCompile(`(?i)secret|token|passw|key|proxy|credential|://[^/\s]*@`)
	lineKey    = regexp.MustCompile(`^[\s\x{3000}\x{00a0}-]*([\pL\pN_.]+)[\s\x{3000}]*[:：]?`)
	header     = regexp.MustCompile(`^[\s\x{3000}\x{00a0}-]*([\pL\pN_.]+)[\s\x{3000}]*[:：][\s\x{3000}]*(#.*)?$`)
	linePart   = regexp.MustCompile(`[^\s\x{3000}\x{00a0}{},"'\[\]]+`)
	keyPart    = regexp.MustCompile(`^[\pL\pN_.-]+[:：]`)
	reference  = regexp.MustCompile(`^(env|file|vault):\S+$`)
	beforeKey  = regexp.MustCompile(`(^|[{,])[\s\x{3000}\x{00a0}"'-]*$`)
)

// withoutSecrets takes out of p, a fault of a file that cannot be read, what may be a secret.
func (m *marks) withoutSecrets(p diag.Problem) diag.Problem {
	shown := m.certain(p.Line, p.Source)
	if m.certain(p.Line, p.Fix) < len([]rune(p.Fix)) {
		p.Fix = ""
	}
	if shown == len([]rune(p.Source)) {
		return p
	}
	m.hideFrom(mark{line: p.Line, column: shown + 1})
	p.Source, p.Fix = m.source(p.Line), ""
	p.Column = min(p.Column, shown+1)
	p.EndColumn = max(min(p.EndColumn, shown+1), p.Column+1)
	return p
}

// hideDoubtful keeps out of messages what may be a secret on a line that a fault of the file's form is about.
func (m *marks) hideDoubtful(line int) {
	if line < 1 || line > len(m.lines) {
		return
	}
	text := m.lines[line-1]
	if shown := m.certain(line, text); shown < len([]rune(text)) {
		m.hideFrom(mark{line: line, column: shown + 1})
	}
}

// hideUnknown keeps the value of a key that nobody knows out of messages, unless
// it is a reference or the key that was meant holds no secrets.
func (m *marks) hideUnknown(value *yaml.Node, meant string) {
	if !slices.Contains(openKeys, meant) && !reference.MatchString(value.Value) {
		m.hideFrom(markOf(value))
	}
}

// certain returns how many of a line's runes cannot be part of a secret.
func (m *marks) certain(number int, line string) int {
	whole := len([]rune(line))
	if m.open(number, line) {
		return whole
	}
	for _, at := range linePart.FindAllStringIndex(line, -1) {
		part, from := line[at[0]:at[1]], at[0]
		if key := keyPart.FindString(part); key != "" && !reference.MatchString(part) && beforeKey.MatchString(line[:from]) {
			part, from = part[len(key):], from+len(key)
		}
		if part != "" && part != "-" && !reference.MatchString(part) {
			return len([]rune(line[:from]))
		}
	}
	return whole
}

// open says whether a line is one of a key, or of a section, that holds no secrets.
func (m *marks) open(number int, line string) bool {
	key := lineKey.FindStringSubmatch(line)
	if key == nil || suspicious.MatchString(line) {
		return false
	}
	return slices.Contains(openKeys, key[1]) || slices.Contains(openSections, m.section(number))
}

// section returns the nearest key above a line that has its value below it;
// empty if a line between speaks of secrets: these may be below it, however it is written.
func (m *marks) section(number int) string {
	for n := min(number-1, len(m.lines)); n > 0; n-- {
		if suspicious.MatchString(m.lines[n-1]) {
			return ""
		}
		if found := header.FindStringSubmatch(m.lines[n-1]); found != nil {
			return found[1]
		}
	}
	return ""
}
