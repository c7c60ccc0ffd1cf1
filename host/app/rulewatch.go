package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/musubi-run/musubi/rules/diag"
)

// watchEvery is how often the folder is looked at; tests have less patience.
var watchEvery = time.Second

// watchPatience is how many looks in a row may find a folder changed again before
// it is taken as it is: something in it may change for ever.
const watchPatience = 10

// folderStamp says apart what a folder holds.
type folderStamp [sha256.Size]byte

// watchRules reloads the rules whenever a file of theirs changed since they were
// loaded at the start. Who wrote wrong rules writes them again; a folder that cannot
// be read or a disk that is full may be well again without that.
func (a *App) watchRules(ctx context.Context) {
	watchFolder(ctx, a.cfg.Rules, a.watched, func() (settled bool) {
		err := a.reloadWith(ctx, a.notEmptied)
		if err != nil && ctx.Err() == nil {
			a.log.Error("rules not reloaded, the last good ones stay in force", "error", err)
		}
		_, wrong := errors.AsType[diag.Problems](err)
		return err == nil || wrong
	})
}

// watchFolder calls changed once the folder, which was last seen as it is said,
// holds something else and has been still from one look to the next: a file that
// is being written is empty, or ends early. What changed does not settle it is
// called for again some looks later. Looking is cheaper than it seems, and works on
// every file system.
func watchFolder(ctx context.Context, dir string, seen folderStamp, changed func() (settled bool)) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	last, restless, pause := seen, 0, 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := stamp(dir)
		if now != last && restless < watchPatience {
			last, pause = now, 0
			restless++
			continue
		}
		last, restless = now, 0
		switch {
		case now == seen:
		case pause > 0:
			pause--
		case changed():
			seen = now
		default:
			seen, pause = folderStamp{}, watchPatience
		}
	}
}

// stamp changes when a file of the folder is added, removed, written or made readable,
// or the folder itself goes. It follows links, as loading does, and leaves out the
// folders that loading does not look into.
func stamp(dir string) folderStamp {
	h, files := sha256.New(), os.DirFS(dir)
	//nolint:errcheck // a file that cannot be looked at is left out; loading names it
	_ = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if name == "." {
			fmt.Fprintln(h, err == nil)
		}
		switch {
		case err != nil:
			return nil //nolint:nilerr // left out, as below
		case entry.IsDir() && name != "." && (entry.Name()[0] == '.' || entry.Name()[0] == '_'):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		if info, err := fs.Stat(files, name); err == nil {
			fmt.Fprintln(h, name, info.Mode(), info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return folderStamp(h.Sum(nil))
}
