package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Redacted stands where a secret stood.
const Redacted = "[redacted]"

// minRedacted is the length from which a value is looked for. Shorter ones
// would blot out half of every text, and guessing them is not the danger.
const minRedacted = 6

// Redactor removes a connection's secrets from text that people or disks will
// see, whatever they were wrapped in: plain, JSON, URL, HTML, hexadecimal and
// base64 at any offset. It is safe for concurrent use.
type Redactor struct {
	forms atomic.Pointer[[]string] // longest first

	mu sync.Mutex
	// fixed are the disguises of values that stay; renewed, by owner, those of
	// values that replace one another, the newest first.
	fixed   []string
	renewed map[string][][]string
}

// generations is how many values of one owner are known: the last ones may
// still stand in an error that is on its way.
const generations = 3

// NewRedactor returns a redactor that knows values.
func NewRedactor(values ...string) *Redactor {
	r := &Redactor{renewed: map[string][][]string{}}
	r.Learn(values...)
	return r
}

// Learn adds values for good.
func (r *Redactor) Learn(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed = append(r.fixed, allDisguises(values)...)
	r.rebuild()
}

// Renew adds values that replace earlier ones of the same owner, such as a
// token that was just fetched. A few earlier ones stay known.
func (r *Redactor) Renew(owner string, values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	newest, forms := r.renewed[owner], allDisguises(values)
	if len(newest) > 0 && slices.Equal(newest[0], forms) {
		return
	}
	newest = append([][]string{forms}, newest...)
	r.renewed[owner] = newest[:min(len(newest), generations)]
	r.rebuild()
}

// rebuild makes the list that is searched for. The caller holds mu.
func (r *Redactor) rebuild() {
	forms := slices.Clone(r.fixed)
	for _, known := range r.renewed {
		forms = append(forms, slices.Concat(known...)...)
	}
	slices.SortFunc(forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	forms = slices.Compact(forms)
	r.forms.Store(&forms)
}

func (r *Redactor) known() []string { return *r.forms.Load() }

func allDisguises(values []string) (forms []string) {
	for _, v := range values {
		v = strings.TrimSpace(v)
		for _, text := range append(linesOf(v), v) {
			if len(text) >= minRedacted {
				forms = append(forms, disguises(text)...)
			}
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// linesOf returns the lines of a value that has several: each may be a secret by
// itself, as the keys of a webhook are. What frames a PEM block is none.
func linesOf(value string) (all []string) {
	if !strings.Contains(value, "\n") {
		return nil
	}
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
			all = append(all, line)
		}
	}
	return all
}

// disguises returns the forms that value takes in requests, logs, errors and echoes.
func disguises(value string) []string {
	forms := []string{
		value,
		hex.EncodeToString([]byte(value)),
		strings.ToUpper(hex.EncodeToString([]byte(value))),
	}
	forms = append(forms, base64Forms(value)...)
	if strings.ContainsFunc(value, escapable) {
		forms = append(forms, quoted(value))
		forms = append(forms, jsonForms(value)...)
		forms = append(forms, percentForms(value)...)
		forms = append(forms, htmlForms(value)...)
	}
	return forms
}

// quoted is value as it stands within a JSON string of Go.
func quoted(value string) string {
	text, err := json.Marshal(value)
	if err != nil { // a string: cannot happen
		return value
	}
	return string(text[1 : len(text)-1])
}

// base64Forms returns what is constant of value's base64 wherever value stands
// in the encoded text: the characters that depend on value alone.
func base64Forms(value string) []string {
	var forms []string
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for offset := range 3 {
			text := encoding.EncodeToString(append(make([]byte, offset), value...))
			first := (offset*8 + 5) / 6
			last := (offset + len(value)) * 8 / 6
			if core := text[first:last]; len(core) >= minRedacted {
				forms = append(forms, core, strings.ReplaceAll(core, "/", `\/`))
			}
		}
	}
	return forms
}

// Text returns s without secrets.
func (r *Redactor) Text(s string) string {
	for _, form := range r.known() {
		if strings.Contains(s, form) {
			s = strings.ReplaceAll(s, form, Redacted)
		}
	}
	return s
}

// Bytes returns b without secrets: b itself if it holds none.
func (r *Redactor) Bytes(b []byte) []byte {
	for _, form := range r.known() {
		if bytes.Contains(b, []byte(form)) {
			b = bytes.ReplaceAll(b, []byte(form), []byte(Redacted))
		}
	}
	return b
}

// Error returns a copy of e without secrets; nil gives nil.
func (r *Redactor) Error(e *abi.Error) *abi.Error {
	if e == nil {
		return nil
	}
	clean := *e
	clean.Message, clean.Code = r.Text(e.Message), r.Text(e.Code)
	clean.Fields = slices.Clone(e.Fields)
	for i, f := range clean.Fields {
		clean.Fields[i] = r.Text(f)
	}
	return &clean
}
