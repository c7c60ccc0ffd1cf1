package bench

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Machine is what was measured on.
type Machine struct {
	OS    string `json:"os"`
	Arch  string `json:"arch"`
	Cores int    `json:"cores"`
	CPU   string `json:"cpu,omitempty"`
	Go    string `json:"go"`
}

// Here is the machine that this program runs on.
func Here() Machine {
	return Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), CPU: cpuModel(), Go: runtime.Version()}
}

func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "" // not Linux: the report does without
	}
	return field(string(text), "model name", ":")
}

// Usage is what a process used while something was measured. Figures are zero
// where the system does not tell them.
type Usage struct {
	CPUSeconds float64 `json:"cpu_seconds"`
	// PeakMB is the largest resident memory of the process so far, in MiB.
	PeakMB float64 `json:"peak_mb"`
}

// ForgetPeak has the peak of this process begin anew at what it holds now,
// where the system can.
func ForgetPeak() {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600) //nolint:errcheck // then the peak is that of the whole life
}

func (u Usage) since(before Usage) Usage {
	return Usage{CPUSeconds: u.CPUSeconds - before.CPUSeconds, PeakMB: u.PeakMB}
}

func usages(pids []int) []Usage {
	all := make([]Usage, len(pids))
	for i, pid := range pids {
		all[i] = UsageOf(pid)
	}
	return all
}

// clockTick is the unit of CPU times in /proc on every Linux that Go runs on.
const clockTick = 100

// UsageOf reads what a process has used so far from /proc.
func UsageOf(pid int) Usage {
	var u Usage
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		// The fields behind the program's name, which may hold spaces.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		u.CPUSeconds = (number(fields[11]) + number(fields[12])) / clockTick
	}
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
		u.PeakMB = number(strings.TrimSuffix(field(string(text), "VmHWM", ":"), " kB")) / 1024
	}
	return u
}

// A store is at rest once its process spent no more than a tenth of a processor over restFor.
const (
	restFor    = time.Second
	restWithin = 5 * time.Minute
)

// Rest waits until the store of this process has sorted what was just written,
// as it has on any day but that of an import, and says whether it has. Where the
// system does not tell what is spent, nobody knows.
func Rest(ctx context.Context, now func() time.Time) (atRest bool, err error) {
	tick := time.NewTicker(restFor)
	defer tick.Stop()
	for began, before := now(), UsageOf(os.Getpid()); now().Sub(began) < restWithin; {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-tick.C:
		}
		after := UsageOf(os.Getpid())
		if after.CPUSeconds-before.CPUSeconds <= restFor.Seconds()/10 {
			return after.CPUSeconds > 0, nil
		}
		before = after
	}
	return false, nil
}

func number(text string) float64 {
	n, _ := strconv.ParseFloat(strings.TrimSpace(text), 64) //nolint:errcheck // the kernel's own format
	return n
}

// field returns what stands behind name in lines of the form "name <sep> value".
func field(text, name, sep string) string {
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(line, sep); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
