// Package wholefile writes small files whole or not at all.
package wholefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Drafts is the pattern of the files that are being written, in the folder of the
// file that they will be. Whoever is killed leaves one behind.
const Drafts = ".new-*"

// Replace writes content to file: whoever reads it, also after a crash, sees
// all of the old or all of the new. The folder must exist.
func Replace(file string, content []byte, mode fs.FileMode) error {
	draft, err := os.CreateTemp(filepath.Dir(file), Drafts)
	if err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	_, err = draft.Write(content)
	err = errors.Join(err, draft.Chmod(mode), draft.Sync(), draft.Close())
	if err == nil {
		err = os.Rename(draft.Name(), file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", file, err), os.Remove(draft.Name()))
	}
	return nil
}
