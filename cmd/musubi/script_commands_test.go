package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/musubi-run/musubi/host/pluginbuild"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/host/web/api"
)

// patience is how long a script waits for something that must happen.
const patience = time.Minute

func freeAddress(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], listener.Addr().String())
	ts.Check(listener.Close())
}

func writeFile(ts *testscript.TestScript, _ bool, args []string) {
	text := os.Expand(ts.ReadFile(args[1]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

func copyPlugin(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	runtime := wasm.New(wasm.Options{})
	ts.Defer(func() { ts.Check(runtime.Close(ctx)) })
	builder, err := pluginbuild.New(pluginbuild.Options{Dir: ts.Getenv("REPOSITORY"), Describe: runtime.Describe})
	ts.Check(err)
	artifact, err := builder.Plugin(ctx, "./plugins/"+args[0])
	ts.Check(err)
	dir := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(artifact.CopyTo(filepath.Join(dir, args[0]+".wasm")))
}

func await(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		status, text, err := request(ctx, http.MethodGet, args[0], nil, nil)
		if status == http.StatusOK {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			ts.Fatalf("%s did not come up: %d %s %v", args[0], status, text, err)
		}
	}
}

// until repeats a command that lists what an asynchronous host has done.
func until(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.Now().Add(patience)
	for {
		err := ts.Exec(args[0], args[1:]...)
		if err == nil && strings.Count(ts.ReadFile("stdout"), "\n") > 1 {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%v still prints %s (%v)", args, ts.ReadFile("stdout"), err)
		}
	}
}

func hookAddressOf(ts *testscript.TestScript, _ bool, args []string) {
	var address hookAddress
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &address))
	ts.Setenv(args[0], address.URL)
}

// firstMember keeps the id of the first member that was printed as JSON.
func firstMember(ts *testscript.TestScript, _ bool, args []string) {
	var found api.MemberPage
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &found))
	ts.Setenv(args[0], found.Members[0].ID)
}

func post(ts *testscript.TestScript, _ bool, args []string) {
	status, text, err := request(context.Background(), http.MethodPost, args[0], []byte(ts.ReadFile(args[1])), args[2:])
	ts.Check(err)
	_, err = fmt.Fprintln(ts.Stdout(), status, text)
	ts.Check(err)
}

func request(ctx context.Context, method, url string, body []byte, headers []string) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ":")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}
