package enginebench

import (
	"fmt"
	"io"

	"github.com/musubi-run/musubi/cmd/musubi/internal/bench"
)

// printer writes lines to a buffer, which takes them all.
type printer struct{ w io.Writer }

func (p printer) line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }

func (p printer) head(m bench.Machine) {
	p.line("%s/%s, %d cores, %s, %s; store on disk with fsync", m.OS, m.Arch, m.Cores, m.CPU, m.Go)
	p.line("the engine in this process, platforms that answer at once; no plugin, no network")
	p.line("")
}
