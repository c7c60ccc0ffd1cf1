package rules

import (
	"encoding/json"
	"io/fs"
	"path"

	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// testCase is one test of a tests.yaml: an event and answers in, steps and an outcome out.
type testCase struct {
	name    string
	node    *source.Node
	flow    *Flow
	event   *Event
	answers *cannedAnswers
	steps   []expectedStep
	// checksSteps is false when the test says nothing about steps.
	checksSteps bool
	// outcome and reason are nil where the test does not care.
	outcome, reason *source.Node
}

// testReader reads tests.yaml files.
type testReader struct {
	*loader
	set *Set
	// members are the tests of tag rules.
	members []*memberTest
}

var (
	testFileKeys = []string{"flow", "tests"}
	testKeys     = []string{"name", "flow", "event", "started_at", "results", "errors", "expect"}
	eventKeys    = []string{"id", "type", "subject", "time", "connection", "data"}
	expectKeys   = []string{"outcome", "reason", "steps"}
)

// file reads one tests.yaml.
func (r *testReader) file(name string, data []byte) []*testCase {
	before := len(r.report.Problems)
	root := source.New(name, data).Parse(&r.report)
	if root == nil || len(r.report.Problems) > before {
		return nil
	}
	keys := r.mapping(root, whatTests, testFileKeys)
	if !root.IsMap() {
		return nil
	}
	if keys["tests"] == nil || !keys["tests"].IsList() {
		r.add(root, keyMissing, "tests")
		return nil
	}
	beside := r.flowBeside(path.Dir(name))
	if n := keys["flow"]; n != nil {
		beside = r.flowNamed(n)
	}
	var cases []*testCase
	for _, item := range keys["tests"].Items() {
		if item.Get("member") != nil {
			r.memberTest(item, path.Dir(name))
			continue
		}
		if c := r.test(item, beside); c != nil {
			cases = append(cases, c)
		}
	}
	return cases
}

// flowBeside returns the one flow of a folder, or nil if there are several.
func (r *testReader) flowBeside(dir string) *Flow {
	var found *Flow
	for _, f := range r.set.byID {
		if path.Dir(f.File) != dir {
			continue
		}
		if found != nil {
			return nil
		}
		found = f
	}
	return found
}

func (r *testReader) flowNamed(node *source.Node) *Flow {
	id := r.plain(node)
	f := r.set.Flow(id)
	if f == nil && id != "" {
		r.add(node, unknownFlowOfTest, id)
	}
	return f
}

func (r *testReader) test(node *source.Node, beside *Flow) *testCase {
	before := len(r.report.Problems)
	keys := r.mapping(node, whatTest, testKeys)
	c := &testCase{node: node, flow: beside, name: r.sentence(keys["name"])}
	if n := keys["flow"]; n != nil {
		c.flow = r.flowNamed(n)
	}
	if c.flow == nil && len(r.report.Problems) == before {
		r.add(node, keyMissing, "flow")
	}
	if c.name == "" && len(r.report.Problems) == before {
		r.add(node, keyMissing, "name")
	}
	if keys["expect"] == nil && len(r.report.Problems) == before {
		r.add(node, keyMissing, "expect")
	}
	if len(r.report.Problems) > before {
		return nil
	}
	c.event = r.event(c, keys["event"])
	if n := keys["started_at"]; n != nil {
		c.event.Received = r.moment(n)
	}
	c.answers = &cannedAnswers{results: r.answers(keys["results"]), errors: r.errors(keys["errors"]), used: map[string]int{}}
	r.answersOf(c.flow, keys["results"])
	r.answersOf(c.flow, keys["errors"])
	r.expect(c, keys["expect"])
	if len(r.report.Problems) > before {
		return nil
	}
	return c
}

// event reads the event; what it does not say is as in the flow's trigger.
func (r *testReader) event(c *testCase, node *source.Node) *Event {
	ev := &Event{
		ID: "test", Connection: c.flow.On.Connection, Source: "musubi:" + c.flow.On.Connection, Type: c.flow.On.Event,
		Time: testTime, Data: []byte("{}"),
	}
	if node == nil {
		return ev
	}
	keys := r.mapping(node, whatEvent, eventKeys)
	for key, field := range map[string]*string{
		"id": &ev.ID, "type": &ev.Type, "subject": &ev.Subject, "connection": &ev.Connection,
	} {
		if n := keys[key]; n != nil {
			*field = r.sentence(n)
		}
	}
	if n := keys["time"]; n != nil {
		ev.Time = r.moment(n)
	}
	if n := keys["data"]; n != nil {
		ev.Data = r.json(n)
		if data := c.flow.types.data; data != nil && ev.Data != nil {
			r.accepts(n, data, ev.Data)
		}
	}
	return ev
}

// accepts reports data of a test that its connector could never have sent.
func (r *testReader) accepts(node *source.Node, typ *shape.Type, data []byte) {
	if err := typ.Accepts(data); err != nil {
		r.add(node, testDataWrong, faultText(err))
	}
}

// json reads a value of a test as JSON.
func (r *testReader) json(node *source.Node) json.RawMessage {
	v := &values{loader: r.loader, constant: true, sample: true}
	p := v.compile(node, r.lang.Types().Of("", nil), slot{})
	if p == nil {
		return nil
	}
	val, err := p.eval(nil)
	if err != nil {
		return nil
	}
	data, err := shape.AppendJSON(nil, val)
	if err != nil {
		r.add(node, testDataWrong, faultText(err))
		return nil
	}
	return data
}

// answers reads what the connectors answer: by step, or by action; a list is one answer after the other.
func (r *testReader) answers(node *source.Node) map[string][]json.RawMessage {
	results := map[string][]json.RawMessage{}
	if node == nil {
		return results
	}
	if !node.IsMap() {
		r.wantMapping(node, whatResults)
		return results
	}
	for _, p := range node.Pairs() {
		if !p.Value.IsList() {
			results[p.Key.Text()] = []json.RawMessage{r.json(p.Value)}
			continue
		}
		for _, item := range p.Value.Items() {
			results[p.Key.Text()] = append(results[p.Key.Text()], r.json(item))
		}
	}
	return results
}

func (r *testReader) errors(node *source.Node) map[string]*abi.Error {
	faults := map[string]*abi.Error{}
	if node == nil {
		return faults
	}
	if !node.IsMap() {
		r.wantMapping(node, whatResults)
		return faults
	}
	for _, p := range node.Pairs() {
		keys := r.mapping(p.Value, whatError, []string{"kind", "message", "code"})
		fault := &abi.Error{Message: r.sentence(keys["message"]), Code: r.sentence(keys["code"])}
		if n := keys["kind"]; n == nil {
			r.add(p.Key, keyMissing, "kind")
		} else if kind, ok := abi.ParseKind(n.Text()); ok && kind != abi.OK {
			fault.Kind = kind
		} else {
			r.add(n, unknownErrorKind, n.Text())
		}
		faults[p.Key.Text()] = fault
	}
	return faults
}

// readTests returns the tests.yaml files of a folder of rules.
func readTests(fsys fs.FS) (map[string][]byte, error) {
	return readFiles(fsys, func(base string) bool { return base == testsFile })
}
