package main

import "testing"

func TestAtReadsScalarsOfAnyBody(t *testing.T) {
	body := map[string]any{
		"order": map[string]any{"id": int64(7)}, "ids": []any{map[string]any{"id": "a"}, "b"},
		"ticked": []any{"香水", "化粧品"}, "none": []any{}, "gone": nil,
	}
	for path, want := range map[string]string{
		"order.id": "7", "ids.0.id": "a", "ids.1": "b", "ids.2": "", "ticked": "香水", "none": "", "gone": "", "order": "", "": "",
	} {
		if got := at(body, path); got != want {
			t.Errorf("at %q stands %q, want %q", path, got, want)
		}
	}
}
