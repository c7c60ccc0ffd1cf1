package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/musubi-run/musubi/sdk/abi"
)

// objectsFile is where the kinds of record that a connection has are kept:
// beside the rules, so that they are in git with them.
func objectsFile(rulesDir, connection string) string {
	return filepath.Join(rulesDir, ".objects", connection+".json")
}

// ReadObjects returns the kinds of record of a connection as they were
// described last, by name; nil when they never were.
func ReadObjects(rulesDir, connection string) (map[string]*abi.Schema, error) {
	file := objectsFile(rulesDir, connection)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the record fields of %s: %w", connection, err)
	}
	var objects map[string]*abi.Schema
	if err := json.Unmarshal(data, &objects); err != nil {
		return nil, fmt.Errorf("reading %s (have it written anew with musubi connections describe %s): %w", file, connection, err)
	}
	return objects, nil
}

// WriteObjects keeps the kinds of record of a connection beside the rules and
// returns the file. Equal kinds give equal bytes.
func WriteObjects(rulesDir, connection string, objects map[string]*abi.Schema) (string, error) {
	file := objectsFile(rulesDir, connection)
	data, err := json.MarshalIndent(objects, "", "  ")
	if err != nil {
		return "", fmt.Errorf("writing the record fields of %s: %w", connection, err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", fmt.Errorf("making the folder for record fields: %w", err)
	}
	if err := os.WriteFile(file, append(data, '\n'), 0o644); err != nil { //nolint:gosec // part of the rules, for git
		return "", fmt.Errorf("writing the record fields of %s: %w", connection, err)
	}
	return file, nil
}
