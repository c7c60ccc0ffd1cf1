package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// environment is what a run of the program gets from outside.
type environment struct {
	args     []string
	out, err io.Writer
	getenv   func(string) string
	now      func() time.Time
}

// program is one run of the command line.
type program struct {
	environment

	lang diag.Lang
	// The flags that every command has.
	configFile, server, tokenFile, langFlag, actor string
	json                                           bool
}

// run carries out one command line and returns the exit code.
func run(ctx context.Context, env environment) int {
	p := &program{environment: env, lang: language(env)}
	root := p.root()
	root.SetArgs(env.args)
	root.SetOut(env.out)
	root.SetErr(env.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	p.report(err)
	if _, usage := errors.AsType[*usageError](err); usage {
		return exitUsage
	}
	return exitFailed
}

// language is needed before flags are read: help and errors of flags are in it too.
func language(env environment) diag.Lang {
	for i, arg := range env.args {
		if value, ok := strings.CutPrefix(arg, "--lang="); ok {
			return diag.ParseLang(value)
		}
		if arg == "--lang" && i+1 < len(env.args) {
			return diag.ParseLang(env.args[i+1])
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := env.getenv(name); value != "" {
			return diag.ParseLang(value)
		}
	}
	return diag.English
}

// say returns the text in the reader's language.
func (p *program) say(en, ja string) string { return p.lang.Pick(abi.Text{EN: en, JA: ja}) }
