package abi

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Validate checks the manifest whole and returns every fault at once, each
// with the place it is at; nil if there is none.
func (m *Manifest) Validate() error {
	v := validator{manifest: m}
	v.identity()
	v.secrets()
	v.hosts()
	v.auth()
	v.limits()
	v.webhook()
	v.triggers()
	v.actions()
	v.records()
	return errors.Join(v.faults...)
}

type validator struct {
	manifest *Manifest
	faults   []error
}

func (v *validator) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Errorf("manifest of %q: "+format, append([]any{v.manifest.ID}, args...)...))
}

func (v *validator) identity() {
	m := v.manifest
	if m.ABI != Version {
		v.fault("abi is %q, this host speaks %q", m.ABI, Version)
	}
	if !isName(m.ID, "-") {
		v.fault("id must be lower-case letters, digits and hyphens, beginning with a letter")
	}
	if m.Version == "" {
		v.fault("version is missing")
	}
	if m.Title.EN == "" {
		v.fault("title needs English text")
	}
	for name, text := range map[string]string{"version": m.Version, "title": m.Title.EN + m.Title.JA} {
		if strings.ContainsFunc(text, isInvisible) {
			v.fault("%s %q holds characters that cannot be shown", name, text)
		}
	}
	if m.Settings == nil || m.Settings.Type != TypeObject {
		v.fault("settings must be an object")
		return
	}
	for name := range m.Settings.Properties {
		if !isName(name, "_") {
			v.fault("setting %q must be lower-case letters, digits and underscores", name)
		}
	}
}

func (v *validator) secrets() {
	seen := map[string]bool{}
	for _, s := range v.manifest.Secrets {
		switch {
		case !isName(s.Name, "_"):
			v.fault("secret %q must be lower-case letters, digits and underscores", s.Name)
		case seen[s.Name]:
			v.fault("secret %q is declared twice", s.Name)
		case v.isSetting(s.Name):
			v.fault("%q is a setting and a secret: one name, one thing", s.Name)
		case s.Doc.EN == "":
			v.fault("secret %q needs a doc in English", s.Name)
		}
		seen[s.Name] = true
	}
}

func (v *validator) hosts() {
	for _, host := range v.manifest.Hosts {
		v.template("hosts", host, false)
		if strings.HasPrefix(host, "{") {
			continue
		}
		rest, ok := strings.CutPrefix(host, "https://")
		if !ok || rest == "" || strings.ContainsAny(rest, "/?#@*") {
			v.fault(`host %q must be an origin such as "https://api.example.com", or a setting such as "{base_url}"`, host)
		}
	}
}

func (v *validator) webhook() {
	w := v.manifest.Webhook
	if w == nil {
		return
	}
	if w.MaxBody < 0 {
		v.fault("webhook: max_body is negative")
	}
	for i, s := range w.Signatures {
		v.signature(fmt.Sprintf("webhook: signature %d", i+1), s)
	}
	for i, p := range w.Pings {
		if len(p.Form) == 0 || slices.Contains(p.Form, "") {
			v.fault("webhook: ping %d: form must name the fields of the form that is sent", i+1)
		}
	}
}

func (v *validator) signature(at string, s Signature) {
	if s.Type != SignatureHMAC && s.Type != SignatureHeader {
		v.fault("%s: unknown type %q", at, s.Type)
	}
	if s.Header == "" {
		v.fault("%s: header is missing", at)
	}
	if !v.isSecret(s.Secret) {
		v.fault("%s: %q is not a declared secret", at, s.Secret)
	}
	for _, text := range []string{s.Header, s.Algorithm, s.Encoding, s.Prefix} {
		v.template(at, text, false)
	}
	v.oneOf(at+": algorithm", s.Algorithm, "", "sha256", "sha1", "sha512")
	v.oneOf(at+": encoding", s.Encoding, "", "base64", "hex")
	if strings.Contains(s.Payload, "{timestamp}") && s.TimestampHeader == "" {
		v.fault("%s: the payload has {timestamp} but there is no timestamp_header", at)
	}
}

func (v *validator) oneOf(at, value string, allowed ...string) {
	if !slices.Contains(allowed, value) && !strings.Contains(value, "{") {
		v.fault("%s is %q, not one of %s", at, value, strings.Join(allowed[1:], ", "))
	}
}

func (v *validator) triggers() {
	seen := map[string]bool{}
	for _, t := range v.manifest.Triggers {
		v.dotted("trigger", t.Name, t.Title, seen)
		if t.Data == nil {
			v.fault("trigger %q has no data schema", t.Name)
		}
		if !t.Webhook && !t.Poll {
			v.fault("trigger %q comes neither by webhook nor by poll", t.Name)
		}
		if t.Webhook && v.manifest.Webhook == nil {
			v.fault("trigger %q comes by webhook, but the connector receives none", t.Name)
		}
		if t.Poll && t.IntervalSeconds <= 0 {
			v.fault("trigger %q is polled but has no interval", t.Name)
		}
	}
}

func (v *validator) actions() {
	seen := map[string]bool{}
	for _, a := range v.manifest.Actions {
		v.dotted("action", a.Name, a.Title, seen)
		if a.Input == nil || a.Input.Type != TypeObject {
			v.fault("action %q: the input must be an object", a.Name)
		}
		if a.Output == nil {
			v.fault("action %q has no output schema", a.Name)
		}
		if a.Reads && (a.Idempotent || a.Confirms) {
			v.fault("action %q changes nothing, so it is not idempotent or confirmed besides", a.Name)
		}
		if a.IdempotentFor < 0 || (a.IdempotentFor > 0 && !a.Idempotent) {
			v.fault("action %q: idempotent_for is how many seconds it is idempotent, so it must be, and they positive", a.Name)
		}
		v.pages(&a)
	}
}

// pages checks that an action that is read page by page can be.
func (v *validator) pages(a *Action) {
	switch {
	case a.Pages == "" || a.Input == nil || a.Output == nil:
		return
	case !a.Reads:
		v.fault("action %q is read page by page, so it must change nothing", a.Name)
	}
	if list := a.Output.Properties[a.Pages]; list == nil || list.Type != TypeArray {
		v.fault("action %q: the output has no list %q", a.Name, a.Pages)
	}
	for what, s := range map[string]*Schema{"input": a.Input, "output": a.Output} {
		if next := s.Properties[PageNext]; next == nil || next.Type != TypeString {
			v.fault("action %q: the %s needs the text field %q to be read page by page", a.Name, what, PageNext)
		}
	}
	if slices.Contains(a.Input.Required, PageNext) {
		v.fault("action %q: %q must not be required, the first page has none", a.Name, PageNext)
	}
}

func (v *validator) records() {
	r := v.manifest.Records
	if r == nil {
		return
	}
	names := []string{r.Search, r.Create, r.Update}
	if r.Describe != "" {
		names = append(names, r.Describe)
	}
	for _, name := range names {
		if !slices.ContainsFunc(v.manifest.Actions, func(a Action) bool { return a.Name == name }) {
			v.fault("records: %q is not an action", name)
		}
	}
}

// dotted checks a name of the form noun.verb and its title.
func (v *validator) dotted(what, name string, title Text, seen map[string]bool) {
	noun, verb, ok := strings.Cut(name, ".")
	if !ok || !isName(noun, "_") || !isName(verb, "_") {
		v.fault("%s %q must be two lower-case words with a dot between", what, name)
	}
	if seen[name] {
		v.fault("%s %q is declared twice", what, name)
	}
	seen[name] = true
	if title.EN == "" {
		v.fault("%s %q needs a title in English", what, name)
	}
}

// template checks that every {name} in text is a setting or, if secrets may stand there, a secret.
func (v *validator) template(at, text string, secrets bool, more ...string) {
	for _, name := range Placeholders(text) {
		if v.isSetting(name) || slices.Contains(more, name) || (secrets && v.isSecret(name)) {
			continue
		}
		if !secrets && v.isSecret(name) {
			v.fault("%s: {%s} is a secret and must not be used here", at, name)
			continue
		}
		v.fault("%s: {%s} is not declared", at, name)
	}
}

func (v *validator) isSetting(name string) bool {
	return v.manifest.Settings != nil && v.manifest.Settings.Properties[name] != nil
}

func (v *validator) isSecret(name string) bool {
	return slices.ContainsFunc(v.manifest.Secrets, func(s Secret) bool { return s.Name == name })
}

// Placeholders returns the names in text that stand in braces, in order.
func Placeholders(text string) []string {
	var names []string
	for {
		_, after, ok := strings.Cut(text, "{")
		if !ok {
			return names
		}
		name, rest, ok := strings.Cut(after, "}")
		if !ok {
			return names
		}
		if isName(name, "_") {
			names = append(names, name)
		}
		text = rest
	}
}

// isInvisible says whether r steers a terminal, or is nothing that a person sees.
func isInvisible(r rune) bool {
	const wideSpace = '\u3000'
	return !strconv.IsPrint(r) && r != wideSpace
}

// isName says whether s is lower-case letters, digits and the runes of extra, beginning with a letter.
func isName(s, extra string) bool {
	if s == "" || len(s) > 64 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune(extra, c) {
			return false
		}
	}
	return true
}
