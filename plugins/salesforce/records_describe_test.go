package main

import "testing"

func TestWhatThePlatformAloneWritesIsReadOnly(t *testing.T) {
	for _, c := range []struct {
		field describedField
		want  bool
	}{
		{describedField{Name: "SystemModstamp", Type: "datetime"}, true},
		{describedField{Name: "Name", Type: "string", Createable: true, Updateable: true}, false},
		{describedField{Name: "Parent__c", Type: "reference", Createable: true}, false},
	} {
		if got := c.field.recordField().ReadOnly; got != c.want {
			t.Errorf("%s is read-only: %t", c.field.Name, got)
		}
	}
}
