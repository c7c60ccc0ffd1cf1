package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store/badger"
)

// ErrDamaged is returned for a backup that is cut off or changed.
var ErrDamaged = badger.ErrDamaged

// ErrLocked is returned for a store that another process has open.
var ErrLocked = badger.ErrLocked

// BackupSummary is what a backup holds.
type BackupSummary struct {
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
}

// Backup writes everything that is stored, as it is now, to w, while work goes on.
func (o Operator) Backup(ctx context.Context, w io.Writer) error {
	if err := o.app.engine.Record(ctx, host.ActBackup, "", ""); err != nil {
		return err
	}
	sum, err := o.app.store.Backup(ctx, w)
	if err != nil {
		return err
	}
	o.app.log.Info("store backed up", "rows", sum.Rows, "bytes", sum.Bytes)
	return nil
}

// VerifyBackup reads a backup to its end and checks that it is whole.
func VerifyBackup(r io.Reader) (BackupSummary, error) {
	sum, err := badger.Verify(r)
	return BackupSummary(sum), err
}

// Vacant says whether a backup can be restored to the data folder: it holds no store.
func Vacant(data string) bool {
	entries, err := os.ReadDir(storeIn(data))
	return len(entries) == 0 && (err == nil || errors.Is(err, os.ErrNotExist))
}

// Lacking are the files of a data folder that are in no backup and not there. A host
// makes them anew: addresses, admin token and vault key are then other ones.
func Lacking(data string) []string {
	missing := []string{}
	for _, name := range append(config.TokenFiles(), filepath.Base(keyFile(data))) {
		if _, err := os.Lstat(filepath.Join(data, name)); errors.Is(err, os.ErrNotExist) {
			missing = append(missing, name)
		}
	}
	return missing
}

// Restore makes the store of a data folder from a backup, whole or not at all,
// and remembers there who did it. No host may run on the folder.
func Restore(ctx context.Context, data string, r io.Reader, opts Options) (BackupSummary, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return BackupSummary{}, fmt.Errorf("making the data folder: %w", err)
	}
	at := badger.Options{Dir: storeIn(data), Clock: opts.Now, Logger: opts.Logger}
	sum, err := badger.Restore(ctx, at, r)
	if err != nil {
		return BackupSummary{}, err
	}
	return BackupSummary(sum), recordRestore(ctx, at, sum)
}

func recordRestore(ctx context.Context, at badger.Options, sum badger.Summary) (err error) {
	s, err := badger.Open(at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	l, err := ledger.Open(ctx, s)
	if err != nil {
		return err
	}
	return record(ctx, l, at.Clock, &host.Audit{Act: host.ActRestore, Detail: fmt.Sprintf("%d rows", sum.Rows)})
}

// record signs an act of a person on a store whose host does not run, and keeps it.
func record(ctx context.Context, l *ledger.Ledger, clock func() time.Time, a *host.Audit) error {
	newest, err := l.NewestID(ctx)
	if err != nil {
		return err
	}
	actor, _ := host.ActorOf(ctx)
	a.ID, a.Time, a.Who, a.Address = newIDs(clock, newest).next(), clock(), actor.Name, actor.Address
	var c ledger.Change
	c.PutAudit(a)
	return l.Commit(ctx, &c)
}

func storeIn(data string) string { return filepath.Join(data, "store") }
