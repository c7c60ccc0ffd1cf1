package pluginbuild

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
)

const sdkImport = `"github.com/musubi-run/musubi/sdk"`

// Discover returns the connector folders directly under dir, sorted: those
// whose main.go imports the SDK. Nothing else makes a folder a connector, so
// there is no list to extend.
func Discover(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for connectors: %w", err)
	}
	var found []string
	for _, entry := range entries {
		folder := filepath.Join(dir, entry.Name())
		is, err := isConnector(folder)
		if err != nil {
			return nil, fmt.Errorf("looking for connectors: %w", err)
		}
		if is {
			found = append(found, folder)
		}
	}
	return found, nil
}

func isConnector(folder string) (bool, error) {
	main := filepath.Join(folder, "main.go")
	if _, err := os.Stat(main); errors.Is(err, fs.ErrNotExist) || isNotDir(folder) {
		return false, nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), main, nil, parser.ImportsOnly)
	if err != nil {
		return false, err
	}
	for _, spec := range file.Imports {
		if spec.Path.Value == sdkImport {
			return file.Name.Name == "main", nil
		}
	}
	return false, nil
}

func isNotDir(path string) bool {
	info, err := os.Stat(path)
	return err != nil || !info.IsDir()
}
