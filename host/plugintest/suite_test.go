package plugintest

import (
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestConformNames(t *testing.T) {
	schema := &abi.Schema{
		Type:     abi.TypeObject,
		Required: []string{"id"},
		Properties: map[string]*abi.Schema{
			"id":    {Type: abi.TypeString},
			"state": {Type: abi.TypeString, Enum: []string{"active"}, Nullable: true},
			"at":    {Type: abi.TypeString, Format: "date-time"},
			"count": {Type: abi.TypeInteger},
			"items": {Type: abi.TypeArray, Items: &abi.Schema{Type: abi.TypeBoolean}},
			"any":   {},
		},
	}
	for text, want := range map[string]string{
		`{"id":"1","state":null,"at":"2026-04-01T00:00:00+09:00","count":450789469,"items":[true],"any":{"x":[1]}}`: "",
		`{}`:                       "x.id is missing",
		`{"id":1}`:                 "x.id is of type number",
		`{"id":null}`:              "x.id is null",
		`{"id":"1","more":1}`:      "x.more is not in the schema",
		`{"id":"1","state":"sad"}`: `x.state is "sad"`,
		`{"id":"1","at":"soon"}`:   "no date-time",
		`{"id":"1","count":1.5}`:   "x.count is of type number",
		`{"id":"1","items":[1]}`:   "x.items[0] is of type number",
		`[]`:                       "x is of type array",
		`{`:                        "unexpected EOF",
	} {
		if got := strings.Join(conform("x", schema, []byte(text)), "; "); !matches(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestSubset(t *testing.T) {
	got := `{"id":"1","n":450789469,"list":[{"a":1,"b":2}],"none":null}`
	for want, fault := range map[string]string{
		`{}`: "",
		`{"id":"1","list":[{"a":1}],"none":null,"absent":null}`: "",
		`{"n":450789469}`:       "",
		`{"n":450789470}`:       "x.n is 450789469, want 450789470",
		`{"n":"450789469"}`:     `x.n is 450789469, want "450789469"`,
		`{"list":[]}`:           "want a list of 0",
		`{"list":[{"a":2}]}`:    "x.list[0].a is 1, want 2",
		`{"id":{"inner":true}}`: `x.id is "1", want an object`,
		`{"missing":1}`:         "x.missing is null, want 1",
	} {
		if faults := strings.Join(subsetJSON("x", []byte(want), []byte(got)), "; "); !matches(faults, fault) {
			t.Errorf("%s: %q, want %q", want, faults, fault)
		}
	}
}

// matches says whether got holds want, or is empty if want is.
func matches(got, want string) bool {
	return (want == "") == (got == "") && strings.Contains(got, want)
}

func TestSecretsAreFoundInEveryForm(t *testing.T) {
	const secret = "s3cret/+\"&value"
	for _, text := range []string{
		"token s3cret/+\"&value!", `{"a":"s3cret/+\"\u0026value"}`, "a=s3cret%2F%2B%22%26value", "czNjcmV0LysiJnZhbHVl",
	} {
		if !holds(text, secret) {
			t.Errorf("nobody sees the secret in %s", text)
		}
	}
	if holds("nothing here", secret) || holds("a b c", "b") {
		t.Error("a secret is seen where there is none, or where it is too short to be one")
	}
}

func TestATokenPathBeginsWithThatOfItsSetting(t *testing.T) {
	s := &suite{
		manifest: &abi.Manifest{Settings: &abi.Schema{Properties: map[string]*abi.Schema{"login_url": {Default: []byte(`"https://login.example.com/v2"`)}}}},
		fixture: &rig.Fixture{
			Settings: map[string]any{"base_url": "{sim}/api"},
			Schemes:  []rig.Scheme{{Auth: "other", Settings: map[string]any{"base_url": "{sim}/other"}}},
		},
	}
	for want, auth := range map[string]abi.AuthScheme{
		"/api/token":    {TokenURL: "{base_url}/token"},
		"/other/token":  {TokenURL: "{base_url}/token", Name: "other"},
		"/v2/token":     {TokenURL: "{login_url}/token"},
		"/oauth/access": {TokenURL: "https://login.example.com/oauth/access"},
	} {
		if got := s.tokenPath(&auth); got != want {
			t.Errorf("%s of %q is %s, want %s", auth.TokenURL, auth.Name, got, want)
		}
	}
}

func TestFillNumber(t *testing.T) {
	for template, want := range map[string]string{"{n}": "7", "001{n:06}@{n}": "001000007@7", "none": "none"} {
		if got := fillNumber(template, 7); got != want {
			t.Errorf("%s gives %s, want %s", template, got, want)
		}
	}
}

func TestDifferencesOfARepetition(t *testing.T) {
	// after tells what a call changed on a platform that was filled at some time.
	after := func(filled, text string) map[string]string {
		states := []map[string]string{{}, {}}
		for i, text := range []string{`{"items":[{"id":"a","points":0,"at":"` + filled + `"}],"due":[1]}`, strings.ReplaceAll(text, "FILLED", filled)} {
			value, err := decodeAny([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			flatten(states[i], "x", value)
		}
		return changes(states[0], states[1], []string{"version"})
	}
	one := after("09:00", `{"items":[{"id":"a","points":10,"at":"FILLED","version":1,"token":"1"}],"due":[]}`)
	other := after("09:00", `{"items":[{"id":"a","points":10,"at":"FILLED","version":1,"token":"2"}],"due":[]}`)
	for text, want := range map[string]string{
		`{"items":[{"id":"a","points":10,"at":"FILLED","version":2,"token":"3"}],"due":[]}`:            "",
		`{"items":[{"id":"a","points":20,"at":"FILLED","token":"3"}],"due":[]}`:                        "x.items[0].points is 20, not 10",
		`{"items":[{"id":"a","points":0,"at":"FILLED","token":"3"}],"due":[]}`:                         "x.items[0].points is as before the first one, not 10",
		`{"items":[{"id":"a","points":10,"at":"FILLED"}],"due":[],"log":"twice"}`:                      "x.log is twice, which one call does not change",
		`{"items":[{"id":"a","at":"FILLED","token":"1"}],"due":[]}`:                                    "x.items[0].points is gone, not 10",
		`{"items":[{"id":"a","points":10,"at":"FILLED","token":"1"},{"id":"b"}],"due":[]}`:             "the number of x.items is 2",
		`{"items":[{"id":"a","points":10,"at":"10:00","token":"1"}],"due":[]}`:                         "x.items[0].at is 10:00",
		`{"items":[{"id":"a","points":10,"at":"FILLED","token":"1"}],"due":[],"none":[],"other":null}`: "the number of x.none",
	} {
		if got := strings.Join(differences(one, other, after("09:01", text)), "; "); !matches(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestACaseIsFoundByTheNameThatItIsToldBy(t *testing.T) {
	ws := newWaivers(t, nil)
	var found string
	t.Run("faults", func(t *testing.T) {
		t.Run("item.get", func(t *testing.T) {
			ws.runIn(t, "faults", "item.get", "cut", func(t *testing.T) { found = t.Name() })
		})
	})
	if want := t.Name() + "/faults/item.get/cut"; found != want {
		t.Errorf("the case ran as %s, want %s", found, want)
	}
}

func TestWaiversOfASectionThatRanInPartAreNotJudged(t *testing.T) {
	for pattern, want := range map[string]bool{
		"": true, "TestConnectors": true, "TestConnectors/acme/faults": true, "/auth|/faults": true,
		"TestConnectors/(acme|other)/faults/(item.get|item.find)": false, "TestConnectors/(acme|other)/faults": true,
		"TestConnectors/acme/faults/item.get": false, "TestConnectors/acme/auth|TestConnectors/acme/faults/item.get/cut": false,
	} {
		if got := whole("TestConnectors/acme", pattern); got != want {
			t.Errorf("%q leaves sections whole: %t", pattern, got)
		}
	}
}

func TestOnlyTheFolderItselfIsAPathOfTheMachine(t *testing.T) {
	const wasm = "\x00/usr/lib\x00TMPDIR/tmp\x00example.com/acme/main.go\x00/home/hanako/shop/main.go\x00"
	for dir, want := range map[string]bool{"/tmp/acme": false, "/acme": false, "/home/hanako/shop": true, "/home/hanako/other": false} {
		if holdsPath([]byte(wasm), dir) != want {
			t.Errorf("%s is told: %t", dir, !want)
		}
	}
}

func TestAKeyOfWholeSecondsIsCoarse(t *testing.T) {
	whole := time.Date(2026, 4, 1, 9, 0, 0, 0, time.FixedZone("", 9*3600))
	parted := whole.Add(716 * time.Millisecond)
	for _, c := range []struct {
		event abi.Event
		want  bool
	}{
		{abi.Event{Dedupe: "1@2026-04-01T00:00:00Z", Time: whole}, true},
		{abi.Event{Dedupe: "1@2026-04-01T09:00:00+09:00", Time: whole}, true},
		{abi.Event{Dedupe: "1@2026-04-01T00:00:00Z", Time: whole, CoarseMS: 1000}, true},
		{abi.Event{Dedupe: "1@2026-04-01T00:00:00Z#5f", Also: "1@2026-04-01T00:00:00Z", Time: whole}, false},
		{abi.Event{Dedupe: "1@2026-04-01T00:00:00Z", Time: parted}, true},
		{abi.Event{Dedupe: "1@2026-04-01T00:00:00.716Z", Time: parted}, false},
		{abi.Event{Dedupe: "1@7", Time: whole}, false},
		{abi.Event{Dedupe: "1@0001-01-01T00:00:00Z"}, false},
	} {
		if got := coarse(&c.event); got != c.want {
			t.Errorf("%s at %s is coarse: %t", c.event.Dedupe, c.event.Time, got)
		}
	}
}
