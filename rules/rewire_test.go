package rules

import (
	"reflect"
	"slices"
	"testing"
)

// Every kind of step that names a connection is rewired, whatever kinds there will be.
func TestEveryStepThatNamesAConnectionIsRewired(t *testing.T) {
	for _, do := range []Doing{
		&Call{}, &Upsert{}, &Switch{}, &Foreach{}, &Wait{}, &Assign{}, &Stop{}, &Fail{}, &Link{}, &Linked{}, &Emit{}, &SubFlow{Flow: &Flow{}},
	} {
		v := reflect.ValueOf(do).Elem()
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).Kind() != reflect.String || !endsWithConnection(name) {
				continue
			}
			v.Field(i).SetString("crm")
			got := reflect.ValueOf(rewiring(func(string) string { return "crm2" }).doing(do)).Elem().Field(i).String()
			if got != "crm2" || v.Field(i).String() != "crm" {
				t.Errorf("%T.%s: %q, and %q before", do, v.Type().Field(i).Name, got, v.Field(i).String())
			}
		}
	}
}

func endsWithConnection(name string) bool {
	const end = "Connection"
	return len(name) >= len(end) && name[len(name)-len(end):] == end
}

func TestRewiredReachesNestedSteps(t *testing.T) {
	call := func() []*Step { return []*Step{{Do: &Call{Connection: "crm"}}} }
	f := &Flow{Steps: []*Step{
		{Do: &Switch{Cases: []Case{{Steps: call()}}, Otherwise: call()}},
		{Do: &Foreach{Steps: call(), Pages: &Pages{Connection: "crm"}}},
		{Do: &SubFlow{Flow: &Flow{Steps: call()}}},
	}}
	if got := f.Connections(); !slices.Equal(got, []string{"crm"}) {
		t.Errorf("the flow's connections are %v", got)
	}
	g := f.Rewired(map[string]string{"crm": "crm2"})
	choice, each, sub := g.Steps[0].Do.(*Switch), g.Steps[1].Do.(*Foreach), g.Steps[2].Do.(*SubFlow)
	for name, steps := range map[string][]*Step{
		"case": choice.Cases[0].Steps, "otherwise": choice.Otherwise, "foreach": each.Steps, "sub-flow": sub.Flow.Steps,
	} {
		if got := steps[0].Do.(*Call).Connection; got != "crm2" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if each.Pages.Connection != "crm2" || f.Steps[1].Do.(*Foreach).Pages.Connection != "crm" {
		t.Error("the list of a foreach is not rewired")
	}
}
