package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"musubi": main})
}

// TestScripts runs testdata/script: what a person types, and what they see.
// Beside the usual commands of testscript there are
//
//	sample-host          starts a host with made-up content and writes its musubi.yaml
//	free-address NAME    sets the variable NAME to an address nobody listens on
//	write FILE SOURCE    copies a file with $VARIABLES replaced
//	plugin ID DIR        puts the connector's plugin, built or from the cache, into DIR
//	await URL            waits until the URL answers 200
//	until COMMAND...     runs the command until it prints more than one line
//	hook-address NAME    sets NAME to the url in the JSON on the last standard output
//	oci-registry NAME    starts a registry of plugins and sets NAME to its address
//	post URL FILE [NAME:VALUE...]   posts the file with these headers; prints status and body
func TestScripts(t *testing.T) {
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error { return setUp(env, repository) },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"sample-host": sampleHost, "free-address": freeAddress, "write": writeFile,
			"plugin": copyPlugin, "await": await, "post": post, "until": until, "hook-address": hookAddressOf, "first-member": firstMember, "oci-registry": startRegistry,
		},
	})
}

// setUp gives scripts what building a plugin needs, from outside their own home.
func setUp(env *testscript.Env, repository string) error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	env.Setenv("REPOSITORY", repository)
	env.Setenv("XDG_CACHE_HOME", cache)
	env.Setenv("GOCACHE", filepath.Join(cache, "go-build"))
	home, err := os.UserHomeDir()
	if err != nil {
		return err
	}
	env.Setenv("GOPATH", filepath.Join(home, "go"))
	config, err := os.UserConfigDir()
	if err != nil {
		return err
	}
	// With other settings of Go the cache would hold another build than the
	// one that the other packages' tests share.
	env.Setenv("GOENV", filepath.Join(config, "go", "env"))
	for _, name := range []string{"GOCACHE", "GOPATH", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GOENV"} {
		if value := os.Getenv(name); value != "" {
			env.Setenv(name, value)
		}
	}
	return nil
}
