package scaffold_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/cmd/musubi/internal/scaffold"
	"github.com/musubi-run/musubi/host/plugintest"
)

// suiteOf names the variable that has [TestSuite] run.
const suiteOf = "MUSUBI_TEST_SUITE_OF"

// TestSuite is the suite on a connector that another test names.
func TestSuite(t *testing.T) {
	if dir := os.Getenv(suiteOf); dir != "" {
		plugintest.Run(t, dir)
	}
}

// broken is a connector with a mistake, and what the suite says of it.
type broken struct {
	connector scaffold.Connector
	edits     []edit
	// files are further ones to write.
	files map[string]string
	// finds is the case that must fail, and says what it says.
	finds, says string
}

// edit replaces a text of a file, once.
type edit struct{ file, old, new string }

// TestTheSuiteFindsMistakes breaks connectors as people do, each in one way.
func TestTheSuiteFindsMistakes(t *testing.T) {
	for name, b := range mistakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := b.run(t)
			if err == nil {
				t.Fatalf("nothing was found:\n%s", out)
			}
			if !strings.Contains(out, "--- FAIL: TestSuite/"+b.finds+" ") || !strings.Contains(out, b.says) {
				t.Errorf("not found by %s, or not as %q:\n%s", b.finds, b.says, out)
			}
		})
	}
}

// TestTheSuiteTakesWhatIsNoMistake changes connectors as platforms demand it: the suite has nothing to say.
func TestTheSuiteTakesWhatIsNoMistake(t *testing.T) {
	for name, b := range unbroken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if out, err := b.run(t); err != nil {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}

func (b *broken) run(t *testing.T) (string, error) {
	t.Helper()
	b.connector.ID = "acme"
	b.connector.Place = outside(t, b.connector.ID)
	if _, err := b.connector.Write(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(b.connector.Place.Dir, b.connector.ID)
	for _, e := range b.edits {
		text := read(t, dir, e.file)
		if !strings.Contains(text, e.old) {
			t.Fatalf("%s does not hold %s", e.file, e.old)
		}
		put(t, dir, e.file, strings.Replace(text, e.old, e.new, 1))
	}
	for name, text := range b.files {
		put(t, dir, name, text)
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestSuite$/"+b.finds) // this test's own program
	cmd.Env = append(os.Environ(), suiteOf+"="+dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
