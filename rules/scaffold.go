package rules

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Draft is what a new flow is made of: its name, what starts it, and where it
// writes to. Action is empty for a connection that keeps records: then the
// flow updates or creates one of Object.
type Draft struct {
	Flow, Title       string
	Connection, Event string
	Target, Action    string
	Object            string
}

// New writes a checked flow and its test, to go on from. The keys of the
// result are file names within the flow's folder.
func New(d Draft, catalog *Catalog) (map[string][]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "language: 1\nflow: %s\n", d.Flow)
	if d.Title != "" {
		fmt.Fprintf(&b, "title: %s\n", quoteYAML(d.Title))
	}
	fmt.Fprintf(&b, "on: {connection: %s, event: %s}\n\nsteps:\n", d.Connection, d.Event)
	expected, err := d.step(&b, catalog)
	if err != nil {
		return nil, err
	}
	event, err := d.sample(catalog)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{
		"flow.yaml":  []byte(b.String()),
		"tests.yaml": fmt.Appendf(nil, "tests:\n  - name: %s\n    event: {subject: \"1\", data: %s}\n    expect:\n      outcome: done\n      steps:\n        - %s\n", d.Flow, event, expected),
	}
	if _, err := LoadSources(map[string][]byte{"flow.yaml": files["flow.yaml"]}, catalog); err != nil {
		return nil, err
	}
	return files, nil
}

// step writes the one step of the draft and returns how a test expects it.
func (d Draft) step(b *strings.Builder, catalog *Catalog) (expected string, err error) {
	target := catalog.Connections[d.Target]
	if target == nil || target.Manifest == nil {
		return "", &abi.Error{Kind: abi.NotFound, Message: "there is no connection " + d.Target}
	}
	if d.Action == "" {
		fmt.Fprintf(b, "  - upsert: %s\n    object: %s\n    match: {Id__c: \"${event.subject}\"}\n    set: {Name: \"${event.subject}\"}\n", d.Target, d.Object)
		return "{upsert: " + d.Target + ", object: " + d.Object + "}", nil
	}
	action := actionOf(target.Manifest, d.Action)
	if action == nil {
		return "", &abi.Error{Kind: abi.NotFound, Message: d.Target + " has no action " + d.Action}
	}
	fmt.Fprintf(b, "  - call: %s.%s\n", d.Target, d.Action)
	if input := sampleInput(action.Input); input != "" {
		fmt.Fprintf(b, "    with: %s\n", input)
	}
	return "{call: " + d.Target + "." + d.Action + "}", nil
}

// sampleInput writes the required inputs of an action with values to be replaced.
func sampleInput(s *abi.Schema) string {
	if s == nil || len(s.Required) == 0 {
		return ""
	}
	fields := make([]string, len(s.Required))
	for i, name := range s.Required {
		property := s.Properties[name]
		if property != nil && property.Type == abi.TypeString && property.Format == "" && len(property.Enum) == 0 {
			fields[i] = name + ": \"${event.subject}\""
			continue
		}
		fields[i] = name + ": " + jsonText(stand(name, property))
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// sample returns data that the event could carry.
func (d Draft) sample(catalog *Catalog) (string, error) {
	c := catalog.Connections[d.Connection]
	if c == nil || c.Manifest == nil {
		return "", &abi.Error{Kind: abi.NotFound, Message: "there is no connection " + d.Connection}
	}
	for _, t := range c.Manifest.Triggers {
		if t.Name == d.Event {
			return jsonText(stand(d.Event, orEmpty(t.Data))), nil
		}
	}
	return "", &abi.Error{Kind: abi.NotFound, Message: d.Connection + " does not announce " + d.Event}
}
