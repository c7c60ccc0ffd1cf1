package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// decodeFields reads a JSON object and keeps numbers as they are written.
func decodeFields(raw []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	fields := make(map[string]any)
	if err := d.Decode(&fields); err != nil {
		return nil, fmt.Errorf("reading fields: %w", err)
	}
	return fields, nil
}

func fieldNames(fields map[string]any) string {
	return strings.Join(slices.Sorted(maps.Keys(fields)), ", ")
}
