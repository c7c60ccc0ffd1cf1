package rules

import (
	"encoding/json"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/sdk/abi"
)

// The names that every expression of a flow sees.
const (
	nameEvent  = "event"
	nameNow    = "now"
	nameParams = "params"
)

// flowTypes is how a flow's data is typed at run time, exactly as it was at the check.
type flowTypes struct {
	known *shape.Types
	// envelope is the type of event, data that of event.data; data is nil for schedules and sub-flows.
	envelope, data *shape.Type
	params         *shape.Type
	paramValues    ref.Val
	tables         ref.Val
	// results are the types of step results and of the names that steps give.
	results map[string]*shape.Type
}

// event returns the value of the name event.
func (t *flowTypes) event(ev *Event) (ref.Val, error) {
	fields := map[string]ref.Val{
		"id": types.String(ev.ID), "connection": types.String(ev.Connection), "source": types.String(ev.Source),
		"type": types.String(ev.Type), "subject": types.String(ev.Subject),
		"time": types.Timestamp{Time: ev.happened()},
	}
	if t.data != nil {
		data, err := t.data.Decode(ev.Data)
		if err != nil {
			return nil, err
		}
		fields["data"] = data
	}
	return t.envelope.Object(fields), nil
}

// envelopeSchema describes event; data is nil where there is none.
func envelopeSchema(data *abi.Schema) *abi.Schema {
	text := &abi.Schema{Type: abi.TypeString}
	s := &abi.Schema{
		Type: abi.TypeObject,
		Properties: map[string]*abi.Schema{
			"id": text, "connection": text, "source": text, "type": text, "subject": text,
			"time": {Type: abi.TypeString, Format: "date-time"},
		},
		Required: []string{"id", "connection", "source", "type", "subject", "time"},
	}
	if data != nil {
		s.Properties["data"] = data
		s.Required = append(s.Required, "data")
	}
	return s
}

// paramTexts returns the parameters' values as JSON.
func (t *flowTypes) paramTexts() map[string]string {
	data, err := shape.AppendJSON(nil, t.paramValues)
	if err != nil {
		return nil
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return nil
	}
	texts := make(map[string]string, len(values))
	for name, v := range values {
		texts[name] = string(v)
	}
	return texts
}
