package simclient

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
)

// readyPrefix begins the line that a sim prints when it is ready.
const readyPrefix = "listening on "

// Process is a sim that runs as a process of its own.
type Process struct {
	*Client
	cmd   *exec.Cmd
	stdin io.Closer
	once  sync.Once
}

// Start runs a built sim and waits until it is ready. The sim ends with Stop,
// with ctx, and with this process, whichever comes first.
func Start(ctx context.Context, binary string, args ...string) (*Process, error) {
	cmd := exec.CommandContext(ctx, binary, append([]string{"-stdin"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting sim %s: %w", binary, err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	url, ready := strings.CutPrefix(strings.TrimSpace(line), readyPrefix)
	if err != nil || !ready {
		_ = cmd.Process.Kill() //nolint:errcheck // it may be gone already
		_ = cmd.Wait()         //nolint:errcheck // its words matter more than its status
		return nil, fmt.Errorf("sim %s did not start: %s%s", binary, line, stderr.Bytes())
	}
	return &Process{Client: New(url), cmd: cmd, stdin: stdin}, nil
}

// Pid is the sim's process id, to see what it uses.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Stop ends the sim and waits until it is gone. It may be called twice.
func (p *Process) Stop() {
	p.once.Do(func() {
		p.Close()
		_ = p.stdin.Close() //nolint:errcheck // closing is the message
		_ = p.cmd.Wait()    //nolint:errcheck // how it ends does not matter
	})
}
