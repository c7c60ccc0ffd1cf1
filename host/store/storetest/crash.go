package storetest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/host/store"
)

// The environment variables that make the test binary a process to suffer.
const (
	victimRole = "STORETEST_VICTIM_ROLE"
	victimDir  = "STORETEST_VICTIM_DIR"
)

// victims are what such a process does, by its role.
var victims = map[string]func(t *testing.T, open OpenDir, dir string){
	"kill":    commitUntilKilled,
	"exhaust": commitAndExhaustTheDisk,
}

// victim is the command that runs the calling test in another process.
func victim(t *testing.T, role, dir string) *exec.Cmd {
	root, _, _ := strings.Cut(t.Name(), "/")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+root+"$") //nolint:gosec // it is this program
	cmd.Env = append(os.Environ(), victimRole+"="+role, victimDir+"="+dir)
	return cmd
}

const victimWriters = 8

// killedProcessLosesNothing kills a process that commits from several
// goroutines, several times in the same directory.
func killedProcessLosesNothing(t *testing.T, open OpenDir) {
	dir := t.TempDir()
	acked := make(map[string]int)
	for round := range 3 {
		runVictim(t, dir, 400*(round+1), acked)
		with(t, open, dir, func(s store.Store) {
			for w := range victimWriters {
				prefix := victimPrefix(w)
				checkPairs(t, s, prefix, acked[prefix])
			}
		})
	}
}

func victimPrefix(writer int) string { return fmt.Sprintf("w%d/", writer) }

// runVictim starts the process, reads acks of it, and kills it. acked counts per writer.
func runVictim(t *testing.T, dir string, acks int, acked map[string]int) {
	t.Helper()
	cmd := victim(t, "kill", dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for range acks {
		if !lines.Scan() {
			t.Errorf("the process ended by itself: %v", cmd.Wait())
			return
		}
		acked[lines.Text()]++
	}
	must(t, cmd.Process.Kill())
	for lines.Scan() {
		acked[lines.Text()]++
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the process ended by itself")
	}
}

// commitUntilKilled says a writer's prefix on standard output after each of its
// commits, and goes on from where the last process was killed.
func commitUntilKilled(t *testing.T, open OpenDir, dir string) {
	s, err := open(dir)
	must(t, err)
	var out sync.Mutex
	together(victimWriters, func(w int) {
		prefix := victimPrefix(w)
		for n := firstFree(t, s, prefix); ; n++ {
			if err := s.Commit(context.Background(), pair(prefix, n)); err != nil {
				t.Errorf("committing %s %d: %v", prefix, n, err)
				return
			}
			out.Lock()
			_, err := os.Stdout.WriteString(prefix + "\n")
			out.Unlock()
			if err != nil {
				return
			}
		}
	})
}

func firstFree(t *testing.T, s store.Store, prefix string) int {
	rows, err := scan(t.Context(), s, store.Range{Prefix: prefix, KeysOnly: true})
	if err != nil {
		t.Error(err)
	}
	return len(rows) / 2
}
