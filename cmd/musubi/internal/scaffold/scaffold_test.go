package scaffold_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/cmd/musubi/internal/scaffold"
	"github.com/musubi-run/musubi/host/plugintest"
	"github.com/musubi-run/musubi/host/plugintest/rig"
)

// outside is a place that is no module, with Musubi's source here.
func outside(t *testing.T, id string) scaffold.Place {
	t.Helper()
	place, err := scaffold.Find(id, scaffold.Wish{From: t.TempDir(), Source: "../../../.."})
	if err != nil {
		t.Fatal(err)
	}
	return place
}

// TestEveryKindIsGreen makes connectors outside of this module that cover every
// choice: their own tests pass, their source is as gofmt has it, and they pass
// the conformance suite.
func TestEveryKindIsGreen(t *testing.T) {
	for _, c := range []scaffold.Connector{
		{ID: "acme-shop", Auth: scaffold.AuthBearer, Events: scaffold.EventsBoth, TitleJA: "アクメ商店"},
		{ID: "acme-crm", Auth: scaffold.AuthOAuth2, Events: scaffold.EventsWebhook},
		{ID: "acme2", Auth: scaffold.AuthHeader, Events: scaffold.EventsPoll},
		{ID: "acme-mail", Auth: scaffold.AuthBasic, Events: scaffold.EventsNone},
	} {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			c.Place = outside(t, c.ID)
			if _, err := c.Write(); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(c.Place.Dir, c.ID)
			command(t, dir, "gofmt", "-l", ".")
			command(t, dir, "go", "vet", "./...")
			command(t, dir, "go", "test", "./...")
			plugintest.Run(t, dir)
		})
	}
}

// command runs a command; gofmt must have nothing to say.
func command(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil || (name == "gofmt" && len(out) > 0) {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
}

func TestPlaces(t *testing.T) {
	here, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	empty, user, other := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, user, "module shop.example.com/flows\n\nrequire github.com/musubi-run/musubi v1.0.0\n")
	write(t, other, "module shop.example.com/other\n")
	cases := map[string]struct {
		wish scaffold.Wish
		want scaffold.Place
	}{
		"in the source":           {scaffold.Wish{From: "."}, scaffold.Place{Dir: filepath.Join(here, "plugins"), Root: here}},
		"from the source":         {scaffold.Wish{From: ".", Dir: empty}, scaffold.Place{Dir: empty, Module: "example.com/x", Source: here, Version: "v0.0.0"}},
		"in a module that has it": {scaffold.Wish{From: user}, scaffold.Place{Dir: user, Root: user}},
		"in another module":       {scaffold.Wish{From: other, Source: here}, scaffold.Place{Dir: other, Module: "example.com/x", Source: here, Version: "v0.0.0"}},
		"with a released version": {
			scaffold.Wish{From: empty, Version: "v1.2.3", Module: "shop.example.com/x"},
			scaffold.Place{Dir: empty, Module: "shop.example.com/x", Version: "v1.2.3"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got, err := scaffold.Find("x", tc.wish); err != nil || got != tc.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tc.want)
			}
		})
	}
	for source, want := range map[string]error{"": scaffold.ErrNoSource, other: scaffold.ErrNotSource, empty: scaffold.ErrNotSource} {
		if _, err := scaffold.Find("x", scaffold.Wish{From: empty, Source: source}); !errors.Is(err, want) {
			t.Errorf("source %q: got %v, want %v", source, err, want)
		}
	}
}

func write(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	c := scaffold.Connector{ID: "acme", Place: scaffold.Place{Dir: t.TempDir()}}
	if _, err := c.Write(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
}

func TestNoFileTakesThePlaceOfAnother(t *testing.T) {
	for _, id := range []string{"acme", "main", "gate", "hooks", "sim"} {
		files, err := scaffold.Connector{ID: id}.Files()
		if err != nil {
			t.Fatal(err)
		}
		for i := range files[1:] {
			if files[i].Path == files[i+1].Path {
				t.Errorf("%s: two files are called %s", id, files[i].Path)
			}
		}
	}
}

func TestWrongChoices(t *testing.T) {
	for _, c := range []scaffold.Connector{
		{},
		{ID: "Acme"},
		{ID: "1up"},
		{ID: "a/b"},
		{ID: "musubi"},
		{ID: "acme", Auth: "magic"},
		{ID: "acme", Events: "pigeon"},
		{ID: "acme", Place: scaffold.Place{Module: "my connector"}},
		{ID: "acme", Place: scaffold.Place{Module: "https://example.com/acme"}},
	} {
		_, err := c.Files()
		if wrong, ok := errors.AsType[*scaffold.WrongError](err); !ok || wrong.EN == "" || wrong.JA == "" || wrong.EN == wrong.JA {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestReadmeNamesTheFixturesFields: who fills in conformance.json finds every field there is.
func TestReadmeNamesTheFixturesFields(t *testing.T) {
	files, err := scaffold.Connector{ID: "acme"}.Files()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(files, func(f scaffold.File) bool { return f.Path == "acme/README.md" })
	for _, of := range []reflect.Type{reflect.TypeFor[rig.Fixture](), reflect.TypeFor[rig.Scheme](), reflect.TypeFor[rig.Record](), reflect.TypeFor[rig.Waiver]()} {
		for field := range of.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !strings.Contains(string(files[i].Data), "`"+name+"`") {
				t.Errorf("README.md does not tell what %s is for", name)
			}
		}
	}
}

// TestOAuth2NamesTheOtherGrants: who needs another one than client credentials reads of it in what was made.
func TestOAuth2NamesTheOtherGrants(t *testing.T) {
	files, err := scaffold.Connector{ID: "acme", Auth: scaffold.AuthOAuth2}.Files()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(files, func(f scaffold.File) bool { return f.Path == "acme/connector.go" })
	for _, name := range []string{"abi.AuthRefreshToken", "abi.AuthJWTBearer"} {
		if !strings.Contains(string(files[i].Data), name) {
			t.Errorf("connector.go does not name %s", name)
		}
	}
}
