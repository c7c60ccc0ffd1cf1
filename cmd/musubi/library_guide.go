package main

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/library"
)

// guide is what the README of a library flow says, in the reader's language.
type guide struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Needs []need `json:"needs"`
	// Text is the whole README in this language, Change the part on what to set.
	Text   string `json:"text"`
	Change string `json:"change"`
}

// need is a connection that a library flow speaks of.
type need struct {
	Connection string `json:"connection"`
	Connector  string `json:"connector"`
	// Configured says that there is such a connection, of that connector.
	Configured bool `json:"configured"`
	// Instead are connections of that connector by other names.
	Instead []string `json:"instead,omitempty"`
}

// languageRule stands between the English and the Japanese half of a README.
const languageRule = "\n---\n"

// neededConnection is how a README names a connection with its connector, in either language.
var neededConnection = regexp.MustCompile("(?:connection|接続) `([a-z0-9_-]+)` ?[(\\x{ff08}]([A-Za-z0-9_-]+)")

// readGuide reads the README of one flow of the library.
func readGuide(name string, lang diag.Lang) (guide, error) {
	if _, err := library.Flow(name); err != nil {
		return guide{}, unknownLibraryFlow(name)
	}
	readme, err := fs.ReadFile(library.Files(), name+"/README.md")
	if err != nil {
		return guide{}, fmt.Errorf("reading the README of %s: %w", name, err)
	}
	english, japanese, _ := strings.Cut(string(readme), languageRule)
	g := guide{Name: name, Text: strings.TrimSpace(english)}
	setYours := "**Set yours**"
	if lang == diag.Japanese {
		g.Text, setYours = strings.TrimSpace(japanese), "**変えるところ**"
	}
	heading, _, _ := strings.Cut(g.Text, "\n")
	g.Title = strings.TrimPrefix(heading, "# ")
	if _, change, found := strings.Cut(g.Text, setYours); found {
		change, _, _ = strings.Cut(change, "\n\n")
		g.Change = strings.Trim(change, " :\uff1a\n")
	}
	for _, m := range neededConnection.FindAllStringSubmatch(g.Text, -1) {
		g.Needs = append(g.Needs, need{Connection: m[1], Connector: strings.ToLower(m[2])})
	}
	return g, nil
}

func unknownLibraryFlow(name string) error {
	if near := diag.Closest(name, library.Names()); near != "" {
		return fault(nil,
			fmt.Sprintf("the library has no flow %q: did you mean %q?", name, near),
			fmt.Sprintf("「%s」というフローはありません。「%s」ではありませんか?", name, near))
	}
	return fault(nil,
		fmt.Sprintf("the library has no flow %q: see musubi library list", name),
		fmt.Sprintf("「%s」というフローはありません。musubi library list をご覧ください", name))
}

// compare fills in what of the needs the configuration has; c may be nil.
func (g *guide) compare(c *config.Config) {
	if c == nil {
		return
	}
	for i := range g.Needs {
		n := &g.Needs[i]
		if conn := c.Connections[n.Connection]; conn != nil && conn.Connector == n.Connector {
			n.Configured = true
			continue
		}
		n.Instead = connectionsOf(c, n.Connector)
	}
}
