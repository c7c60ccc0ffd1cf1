package rehearse

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/musubi-run/musubi/rules"
)

// Verify runs the case alone, beside the rules that it was made for, the way
// that it will be run from its file.
func (c *Case) Verify(sources map[string][]byte, catalog *rules.Catalog) (report *rules.TestReport, err error) {
	dir, err := os.MkdirTemp("", "musubi-test-")
	if err != nil {
		return nil, fmt.Errorf("making a folder to try the test in: %w", err)
	}
	defer func() {
		if removed := os.RemoveAll(dir); err == nil && removed != nil {
			err = fmt.Errorf("removing the folder that the test was tried in: %w", removed)
		}
	}()
	files := map[string][]byte{}
	for name, data := range sources {
		files[name] = data
	}
	if files["tests.yaml"], err = c.YAML(); err != nil {
		return nil, err
	}
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("making a folder to try the test in: %w", err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return nil, fmt.Errorf("writing a file to try the test with: %w", err)
		}
	}
	return rules.RunTests(os.DirFS(dir), catalog)
}
