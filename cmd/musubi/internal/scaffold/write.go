package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write makes the connector's folder and returns the names of its files. A
// folder that is there already is an error of [fs.ErrExist], and stays as it is.
func (c Connector) Write() ([]string, error) {
	files, err := c.Files()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(c.Place.Dir, c.ID)
	if _, err := os.Lstat(folder); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("making %s: %w", folder, errors.Join(fs.ErrExist, err))
	}
	var names []string
	for _, file := range files {
		name := filepath.Join(c.Place.Dir, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // source that others may read
			return nil, err
		}
		if err := os.WriteFile(name, file.Data, 0o644); err != nil { //nolint:gosec // source that others may read
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}
