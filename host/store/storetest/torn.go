package storetest

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/musubi-run/musubi/host/store"
)

// tornWriteIsWholeOrGone takes the store's files before and after its last
// commit and opens mixtures of the two, as a power cut could leave them.
func tornWriteIsWholeOrGone(t *testing.T, open OpenDir) {
	for name, size := range map[string]int{"small": 300, "large": store.LargeValue + 300} {
		t.Run(name, func(t *testing.T) {
			before, after := lastWrite(t, open, size)
			changes := changedBytes(before, after)
			if len(changes) < size {
				t.Fatalf("the last commit changed %d bytes, want at least %d", len(changes), size)
			}
			for _, n := range []int{0, 1, 9, len(changes) / 3, len(changes) / 2, len(changes) - size/2, len(changes) - 1, len(changes)} {
				checkTorn(t, open, mix(before, after, changes[:n]), size)
			}
		})
	}
}

const safeCommits = 20

// lastWrite returns the files of a store after safeCommits commits and after
// one more, which is the one to tear.
func lastWrite(t *testing.T, open OpenDir, size int) (before, after image) {
	dir := t.TempDir()
	with(t, open, dir, func(s store.Store) {
		for n := range safeCommits {
			must(t, s.Commit(t.Context(), pair("safe/", n)))
		}
		before = takeImage(t, dir)
		var b store.Batch
		b.Put("torn/1", pattern(size))
		b.Put("torn/2", pattern(size))
		must(t, s.Commit(t.Context(), b))
		after = takeImage(t, dir)
	})
	return before, after
}

func checkTorn(t *testing.T, open OpenDir, files image, size int) {
	t.Helper()
	dir := t.TempDir()
	files.write(t, dir)
	with(t, open, dir, func(s store.Store) {
		checkPairs(t, s, "safe/", safeCommits)
		rows, err := scan(t.Context(), s, store.Range{Prefix: "torn/"})
		must(t, err)
		if len(rows) != 0 && len(rows) != 2 {
			t.Errorf("half a batch: %d rows", len(rows))
		}
		for _, r := range rows {
			if r.value != string(pattern(size)) {
				t.Errorf("row %q is damaged", r.key)
			}
		}
		must(t, s.Commit(t.Context(), pair("safe/", safeCommits)))
	})
}

const pageSize = 4096

// image is the files of a directory by name, without their pages of zeros.
type image map[string]imageFile

type imageFile struct {
	size  int
	pages map[int][]byte
}

// place is one byte of an image.
type place struct {
	file   string
	offset int
}

func takeImage(t *testing.T, dir string) image {
	t.Helper()
	im := image{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		im[name] = sparse(content)
		return err
	})
	must(t, err)
	return im
}

func sparse(content []byte) imageFile {
	f := imageFile{size: len(content), pages: map[int][]byte{}}
	zeros := make([]byte, pageSize)
	n := 0
	for page := range slices.Chunk(content, pageSize) {
		if !bytes.Equal(page, zeros[:len(page)]) {
			f.pages[n] = bytes.Clone(page)
		}
		n++
	}
	return f
}

func (f imageFile) at(offset int) byte {
	page := f.pages[offset/pageSize]
	if i := offset % pageSize; i < len(page) {
		return page[i]
	}
	return 0
}

func (im image) write(t *testing.T, dir string) {
	t.Helper()
	for name, f := range im {
		path := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		out, err := os.Create(path)
		must(t, err)
		must(t, out.Truncate(int64(f.size)))
		for n, page := range f.pages {
			_, err := out.WriteAt(page, int64(n)*pageSize)
			must(t, err)
		}
		must(t, out.Close())
	}
}

// changedBytes lists where after differs from before, file by file from the front.
func changedBytes(before, after image) []place {
	var changes []place
	for _, name := range slices.Sorted(maps.Keys(after)) {
		old, now := before[name], after[name]
		for _, n := range slices.Sorted(maps.Keys(now.pages)) {
			for i := range now.pages[n] {
				if at := n*pageSize + i; now.at(at) != old.at(at) {
					changes = append(changes, place{name, at})
				}
			}
		}
	}
	return changes
}

// mix returns before with the changes of after at places.
func mix(before, after image, places []place) image {
	mixed := image{}
	for name, f := range after {
		old := before[name]
		pages := map[int][]byte{}
		for n := range f.pages {
			pages[n] = make([]byte, len(f.pages[n]))
			copy(pages[n], old.pages[n])
		}
		mixed[name] = imageFile{f.size, pages}
	}
	for _, p := range places {
		mixed[p.file].pages[p.offset/pageSize][p.offset%pageSize] = after[p.file].at(p.offset)
	}
	return mixed
}
