package main

import "testing"

func TestValuesOfMetafieldsAreOfTheirType(t *testing.T) {
	for kind, values := range map[string][2]string{
		"date": {"1990-04-02", "--04-02"}, "number_integer": {"3", "3.5"}, "number_decimal": {"3.5", "x"}, "boolean": {"true", "yes"},
		"json": {`{"a":1}`, `{a:1}`}, "url": {"https://example.com/a", "example.com"},
	} {
		if !isOfType(values[0], kind) || isOfType(values[1], kind) {
			t.Errorf("%s: %q is %t, %q is %t", kind, values[0], isOfType(values[0], kind), values[1], isOfType(values[1], kind))
		}
	}
	if !isOfType("anything", "single_line_text_field") {
		t.Error("a text is none")
	}
}
