package badger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/abi"
)

// errDamaged means that a file of the store is not as it was written.
var errDamaged = errors.New("a file of the store is damaged and rows are missing: restore the last backup")

const (
	// The whole store is read and compared with its checksums soon after it was
	// opened and then once a day: some seconds for each GB.
	firstCheck = time.Hour
	checkEvery = 24 * time.Hour
	// checkPatience is how long Close waits for a check under way.
	checkPatience = 2 * time.Second
)

// damageMark is the file that says that the store was found to be damaged.
const damageMark = "DAMAGED"

// lookForDamage calls check at its times, until the store stops or is closed. At
// a damaged block Badger ends as if there were no more rows: the engine would miss
// events without knowing, and a compaction would leave the rest of the table behind.
func (s *Store) lookForDamage(check func()) {
	defer close(s.looked)
	wait := time.NewTimer(firstCheck)
	defer wait.Stop()
	for s.failure() == nil {
		select {
		case <-s.stop:
			return
		case <-wait.C:
			check()
			wait.Reset(checkEvery)
		}
	}
}

// check stops the store if it is damaged, and has it stay closed from then on.
func (s *Store) check() {
	err := s.checkTables()
	if err == nil {
		return
	}
	s.log.Error("the store stops, so that nothing more is lost", "dir", s.dir, "error", err)
	s.stopFor(fmt.Errorf("%w: %w", store.ErrFull, err))
	if err := os.WriteFile(filepath.Join(s.dir, damageMark), []byte(err.Error()+"\n"), 0o600); err != nil {
		s.log.Error("noting that the store is damaged", "error", err)
	}
}

// checkTables reads every table and compares it with its checksums. Badger ends an
// iteration at a damaged block without an error, and its own check panics there.
// A page that the disk cannot read any more is a fault of the memory it is mapped to.
func (s *Store) checkTables() (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w (%v)", errDamaged, cause)
		}
	}()
	if err := s.db.VerifyChecksum(); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return nil
}

// checked waits a little for a check under way, and says whether there is none.
func (s *Store) checked() bool {
	wait := time.NewTimer(checkPatience)
	defer wait.Stop()
	select {
	case <-s.looked:
		return true
	case <-wait.C:
		return false
	}
}

// checkUndamaged refuses a store that was found to be damaged.
func checkUndamaged(dir string) error {
	mark := filepath.Join(dir, damageMark)
	if _, err := os.Stat(mark); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}
	return &damagedError{mark}
}

// damagedError refuses a store that was found to be damaged, in both languages.
type damagedError struct{ mark string }

func (d *damagedError) Error() string { return d.Text().EN }

func (d *damagedError) Unwrap() error { return errDamaged }

// Text says what happened and what a person can do.
func (d *damagedError) Text() abi.Text {
	return abi.Text{
		EN: "a file of the store is damaged and rows are missing: restore the last backup into a new data folder (musubi restore FILE --data FOLDER), " +
			"copy hooks.json, admin.token and vault.key of this one into it and name it as data in musubi.yaml; " +
			"or remove " + d.mark + " to work on with what is left",
		JA: "保存ファイルが壊れていて、一部のデータが失われています。最新のバックアップを新しいデータフォルダーに戻してください(musubi restore FILE --data FOLDER)。" +
			"そのフォルダーに今のフォルダーの hooks.json、admin.token、vault.key をコピーし、musubi.yaml の data に指定します。" +
			"残っているデータで続ける場合は " + d.mark + " を削除してください",
	}
}
