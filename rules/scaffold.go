package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Draft is what a new flow is made of.
type Draft struct {
	Flow, Title string
	// Connection and Event start it.
	Connection, Event string
	// Read is an action of Connection that reads the whole record which the event
	// is about, by the event's subject. Empty takes the event's own data.
	Read string
	// Target is the connection that it writes to. Action is empty for one that
	// keeps records: then the flow updates a record of the kind Object, or creates it.
	Target, Action, Object string
	// Link is the kind of link to remember between the two records; may be empty.
	Link string
	// Match says which record is meant, Set what is written into it, or what the action gets.
	Match, Set []Mapping
	// Lang is the language of the texts within the files.
	Lang Lang
}

// Mapping is one field with where its value comes from: a way through the
// data, as in customer.email, or a text in double quotes.
type Mapping struct{ Field, From string }

// isText says whether the value is a text of its own.
func (m Mapping) isText() bool { return strings.HasPrefix(m.From, `"`) }

// New writes a checked flow and its tests, to go on from. The keys of the
// result are file names within the flow's folder. An error of kind NotFound or
// Invalid names what the draft lacks; [Problems] say what of it does not fit together.
func New(d Draft, catalog *Catalog) (map[string][]byte, error) {
	s, err := newScaffold(d, catalog)
	if err != nil {
		return nil, err
	}
	flow, err := s.flow()
	if err != nil {
		return nil, err
	}
	set, err := LoadSources(map[string][]byte{"flow.yaml": []byte(flow)}, catalog)
	if err != nil {
		return nil, err
	}
	tests, err := s.tests(set.Flow(d.Flow))
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"flow.yaml": []byte(flow), "tests.yaml": []byte(tests)}, nil
}

// scaffold is a draft together with what the connectors say of its parts.
type scaffold struct {
	Draft
	trigger *abi.Schema
	read    *abi.Action
	target  *Connection
	action  *abi.Action
	data    sourceData
}

func newScaffold(d Draft, catalog *Catalog) (*scaffold, error) {
	s := &scaffold{Draft: d}
	from, err := connectionOf(catalog, d.Connection)
	if err != nil {
		return nil, err
	}
	if s.trigger, err = triggerData(from.Manifest, d.Connection, d.Event); err != nil {
		return nil, err
	}
	if s.target, err = connectionOf(catalog, d.Target); err != nil {
		return nil, err
	}
	if d.Action != "" {
		if s.action = actionOf(s.target.Manifest, d.Action); s.action == nil {
			return nil, notFound("%s has no action %s", d.Target, d.Action)
		}
	} else if len(d.Match) == 0 {
		return nil, &abi.Error{Kind: abi.Invalid, Message: "nothing is said about which record is meant: match is missing"}
	}
	s.data = sourceData{base: nameEvent + ".data", schema: s.trigger}
	if d.Read == "" || !d.takesValues() {
		return s, nil
	}
	if s.read = actionOf(from.Manifest, d.Read); s.read == nil {
		return nil, notFound("%s has no action %s", d.Connection, d.Read)
	}
	s.data = sourceData{base: recordName(d.Read), schema: orEmpty(s.read.Output)}
	return s, nil
}

// takesValues says whether anything of the record is passed on.
func (d *Draft) takesValues() bool {
	return slices.ContainsFunc(slices.Concat(d.Match, d.Set), func(m Mapping) bool { return !m.isText() })
}

func connectionOf(catalog *Catalog, name string) (*Connection, error) {
	c := catalog.Connections[name]
	if c == nil || c.Manifest == nil {
		return nil, notFound("there is no connection %s", name)
	}
	return c, nil
}

func triggerData(m *abi.Manifest, connection, event string) (*abi.Schema, error) {
	for i := range m.Triggers {
		if m.Triggers[i].Name == event {
			return orEmpty(m.Triggers[i].Data), nil
		}
	}
	return nil, notFound("%s does not announce %s", connection, event)
}

func notFound(format string, args ...any) error {
	return &abi.Error{Kind: abi.NotFound, Message: fmt.Sprintf(format, args...)}
}

// recordName is what a flow calls the record that an action reads: the action's noun.
func recordName(action string) string {
	noun, _, _ := strings.Cut(action, ".")
	if isIdentifier(noun) && noun != nameEvent && noun != nameTables {
		return noun
	}
	return "record"
}

// flow writes the flow's file.
func (s *scaffold) flow() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "language: 1\nflow: %s\n", s.Flow)
	if s.Title != "" {
		fmt.Fprintf(&b, "title: %s\n", quoteYAML(s.Title))
	}
	fmt.Fprintf(&b, "on: {connection: %s, event: %s}\n\nsteps:\n", s.Connection, s.Event)
	if s.read != nil {
		fmt.Fprintf(&b, "  - id: %s\n    call: %s.%s\n    with: %s\n\n", s.data.base, s.Connection, s.Read, sampleInput(s.read.Input, nil))
	}
	if missing, err := s.guard(); err != nil {
		return "", err
	} else if missing != "" {
		fmt.Fprintf(&b, "  - if: %s\n    then:\n      - stop: %s\n\n", quoteYAML(missing), s.Lang.Pick(nothingToMatch.Text()))
	}
	write := s.call
	if s.action == nil {
		write = s.upsert
	}
	err := write(&b)
	return b.String(), err
}

// guard is a condition that holds when a value is missing that tells which record is meant.
func (s *scaffold) guard() (string, error) {
	var missing []string
	for _, m := range s.Match {
		v, err := s.data.value(m.From)
		if err != nil {
			return "", err
		}
		if condition := v.missing(); condition != "" {
			missing = append(missing, condition)
		}
	}
	return strings.Join(missing, " || "), nil
}

var nothingToMatch = diag.Kind{EN: "there is nothing to find the record by", JA: "照合に使える値がありません"}
