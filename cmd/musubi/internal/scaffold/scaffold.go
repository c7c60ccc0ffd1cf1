// Package scaffold makes the folder of a new connector: complete, with its sim,
// fixtures and tests, and green before a line of it is replaced. The files lie
// under template as they are; a test makes every kind of connector from them
// and has it pass its own tests and the conformance suite.
package scaffold

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	modpath "golang.org/x/mod/module"

	"github.com/musubi-run/musubi/sdk/abi"
)

// SDKModule is the module that a connector imports.
const SDKModule = "github.com/musubi-run/musubi"

//go:embed all:template
var templates embed.FS

// Ways to authenticate.
const (
	AuthBearer = "bearer"
	AuthHeader = "header"
	AuthOAuth2 = "oauth2"
	AuthBasic  = "basic"
)

// Ways for events to come.
const (
	EventsBoth    = "both"
	EventsWebhook = "webhook"
	EventsPoll    = "poll"
	EventsNone    = "none"
)

// Auths and Events are the choices, the usual one first.
var (
	Auths  = []string{AuthBearer, AuthHeader, AuthOAuth2, AuthBasic}
	Events = []string{EventsBoth, EventsWebhook, EventsPoll, EventsNone}
)

// Connector says what to make.
type Connector struct {
	// ID is the connector's id and its folder's name.
	ID string
	// Title and TitleJA are the platform's name; empty: made from the id.
	Title, TitleJA string
	// Auth and Events are of [Auths] and [Events]; empty: the first.
	Auth, Events string
	// Place is where the folder goes; see [Find].
	Place Place
}

// File is one file of the folder, its path relative to the folder's parent.
type File struct {
	Path string
	Data []byte
}

// Files makes the files, sorted by path. The error names what is not a choice.
func (c Connector) Files() ([]File, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	var files []File
	err := fs.WalkDir(templates, "template", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !c.wants(name) {
			return err
		}
		data, err := c.render(name)
		if err == nil {
			files = append(files, File{Path: path.Join(c.ID, c.rename(name)), Data: data})
		}
		return err
	})
	for _, file := range c.Place.moduleFiles() {
		files = append(files, File{Path: path.Join(c.ID, file.Path), Data: file.Data})
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, err
}

// complete fills in what was left out and checks the rest.
func (c *Connector) complete() error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Title == "" {
		c.Title = strings.ToUpper(c.ID[:1]) + strings.ReplaceAll(c.ID[1:], "-", " ")
	}
	if c.TitleJA == "" {
		c.TitleJA = c.Title
	}
	if c.Auth == "" {
		c.Auth = Auths[0]
	}
	if c.Events == "" {
		c.Events = Events[0]
	}
	return nil
}

// WrongError is what was asked for and cannot be made; it is for people.
type WrongError struct{ abi.Text }

func (w *WrongError) Error() string { return w.EN }

func wrong(en, ja string, args ...any) error {
	return &WrongError{abi.Text{EN: fmt.Sprintf(en, args...), JA: fmt.Sprintf(ja, args...)}}
}

// reserved is the name of Musubi's own connection.
const reserved = "musubi"

// check refuses what was given and is not a choice.
func (c *Connector) check() error {
	switch {
	case !isID(c.ID):
		return wrong("the id %q must be lower-case letters, digits and hyphens, beginning with a letter",
			"ID %q に使えるのは英小文字・数字・ハイフンだけで、英小文字で始める必要があります", c.ID)
	case c.ID == reserved:
		return wrong("%s is the name of Musubi's own connection: choose another id", "%s はMusubi自身の接続の名前です。別のIDにしてください", c.ID)
	case c.Auth != "" && !slices.Contains(Auths, c.Auth):
		return wrong("auth is one of %s, not %q", "auth は %s のどれかです(%q は使えません)", strings.Join(Auths, ", "), c.Auth)
	case c.Events != "" && !slices.Contains(Events, c.Events):
		return wrong("events is one of %s, not %q", "events は %s のどれかです(%q は使えません)", strings.Join(Events, ", "), c.Events)
	}
	if c.Place.Module == "" {
		return nil
	}
	if err := modpath.CheckImportPath(c.Place.Module); err != nil {
		return wrong("%q is no path of a Go module, such as example.com/%s", "%q はGoモジュールのパスではありません(例: example.com/%s)", c.Place.Module, c.ID)
	}
	return nil
}

func isID(id string) bool {
	letters := strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	return letters && id != "" && id[0] >= 'a' && id[0] <= 'z'
}

// wants says whether the connector has that file.
func (c Connector) wants(name string) bool {
	switch {
	case strings.HasSuffix(name, "/triggers.go.tmpl"):
		return c.Triggers()
	case strings.Contains(name, "/webhooks/"), strings.HasSuffix(name, "/hooks.go.tmpl"):
		return c.Webhook()
	default:
		return true
	}
}

// rename gives the two files that are named after the connector their names.
func (c Connector) rename(name string) string {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "template/"), ".tmpl")
	switch name {
	case "connector_test.go":
		return c.ID + "_test.go"
	case "sim/platform.go":
		if _, err := fs.Stat(templates, "template/sim/"+c.ID+".go.tmpl"); err == nil { // another file has that name
			return name
		}
		return "sim/" + c.ID + ".go"
	default:
		return name
	}
}

func (c Connector) render(name string) ([]byte, error) {
	text, err := templates.ReadFile(name)
	if err != nil {
		return nil, err
	}
	page, err := template.New(name).Delims("[[", "]]").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := page.Execute(&out, c); err != nil {
		return nil, err
	}
	if !strings.HasSuffix(name, ".go.tmpl") {
		return out.Bytes(), nil
	}
	source, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return source, nil
}

// What templates ask.

// Bearer says that a token goes into Authorization.
func (c Connector) Bearer() bool { return c.Auth == AuthBearer }

// Header says that a token goes into a header field of its own.
func (c Connector) Header() bool { return c.Auth == AuthHeader }

// OAuth2 says that tokens are fetched with client credentials.
func (c Connector) OAuth2() bool { return c.Auth == AuthOAuth2 }

// Basic says that requests carry a client's id and secret as HTTP Basic.
func (c Connector) Basic() bool { return c.Auth == AuthBasic }

// Client says that the credential is a client's id and secret.
func (c Connector) Client() bool { return c.OAuth2() || c.Basic() }

// Webhook says that events come by webhook.
func (c Connector) Webhook() bool { return c.Events == EventsWebhook || c.Events == EventsBoth }

// Poll says that events are polled.
func (c Connector) Poll() bool { return c.Events == EventsPoll || c.Events == EventsBoth }

// Both says that events come either way.
func (c Connector) Both() bool { return c.Events == EventsBoth }

// Triggers says that there are events.
func (c Connector) Triggers() bool { return c.Events != EventsNone }

// Connection is what the README calls the connection.
func (c Connector) Connection() string { return strings.ReplaceAll(c.ID, "-", "_") }

// SimPath is how go run names the sim from the module's root.
func (c Connector) SimPath() string {
	if c.Place.Root == "" {
		return "./sim"
	}
	within, err := filepath.Rel(c.Place.Root, filepath.Join(c.Place.Dir, c.ID, "sim"))
	if err != nil { // both are absolute
		return "./sim"
	}
	return "./" + filepath.ToSlash(within)
}
