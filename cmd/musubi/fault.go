package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// speaker is an error that other packages have put into both languages.
type speaker interface {
	error
	Text() abi.Text
}

// sentence is an error in both languages that says what to do.
type sentence struct {
	text  abi.Text
	cause error
}

func (s *sentence) Error() string { return s.text.EN }

func (s *sentence) Unwrap() error { return s.cause }

// fault makes an error in both languages. cause may be nil; it is not shown.
func fault(cause error, en, ja string) error {
	return &sentence{abi.Text{EN: en, JA: ja}, cause}
}

// errSilent ends a command whose result, already printed, is bad news.
var errSilent = errors.New("the result is bad news")

// report tells a person on stderr what went wrong.
func (p *program) report(err error) {
	if errors.Is(err, errSilent) {
		return
	}
	if problems, ok := errors.AsType[diag.Problems](err); ok {
		p.stderr(p.rendered(problems))
		return
	}
	p.stderr("musubi: " + p.explain(err) + "\n")
}

func (p *program) rendered(problems diag.Problems) string {
	var out strings.Builder
	if err := problems.Render(&out, p.lang); err != nil { // a builder takes everything
		return problems.Error() + "\n"
	}
	return out.String()
}

// stderr writes what is not the result. When that fails nobody is left to tell.
func (p *program) stderr(text string) {
	if _, err := io.WriteString(p.err, text); err != nil {
		return
	}
}

// explain puts an error into words in the reader's language, as far as they are known.
func (p *program) explain(err error) string {
	if e, ok := errors.AsType[*usageError](err); ok {
		return p.lang.Pick(e.text)
	}
	if e, ok := errors.AsType[*sentence](err); ok {
		return p.lang.Pick(e.text)
	}
	if e, ok := errors.AsType[speaker](err); ok {
		return p.lang.Pick(e.Text())
	}
	if errors.Is(err, client.ErrUnreachable) {
		return p.say("the host stopped answering: ", "ホストが応答しなくなりました: ") + err.Error()
	}
	return err.Error()
}

// note tells a person on stderr something that is not an error.
func (p *program) note(en, ja string, args ...any) {
	p.stderr(fmt.Sprintf(p.say(en, ja)+"\n", args...))
}
