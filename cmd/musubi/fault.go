package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/musubi-run/musubi/host/app"
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
	if e, ok := errors.AsType[speaker](err); ok && (e.Text().JA != "" || p.lang == diag.English) {
		return p.lang.Pick(e.Text())
	}
	if e, ok := errors.AsType[*abi.Error](err); ok { // in English only
		return p.say("", p.kind(e)+": ") + err.Error()
	}
	if errors.Is(err, client.ErrUnreachable) {
		return p.say("the host stopped answering: ", "ホストが応答しなくなりました: ") + err.Error()
	}
	return p.lang.Pick(machineFault(err))
}

// machineFault puts what the machine refuses into words, with what to do; any
// other error speaks for itself.
func machineFault(err error) abi.Text {
	text := abi.Text{EN: err.Error(), JA: err.Error()}
	if errors.Is(err, app.ErrLocked) { // says itself what to do
		text.JA = "データフォルダーは別のプロセスが使用中です。稼働中のホストを停止するか、別のデータフォルダーを指定してください(" + err.Error() + ")"
		return text
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Addr != nil {
		return listenFault(op, text)
	}
	at, ok := errors.AsType[*fs.PathError](err)
	switch {
	case !ok:
		return text
	case errors.Is(at, fs.ErrNotExist):
		return abi.Text{
			EN: "there is no " + at.Path + ": check the path",
			JA: at.Path + " がありません。パスを確かめてください",
		}
	case errors.Is(at, fs.ErrPermission):
		return abi.Text{
			EN: "this user may not use " + at.Path + ": change its owner or mode (chown, chmod), or be the user that the host runs as",
			JA: at.Path + " を読み書きする権限がありません。所有者や権限(chown、chmod)を直すか、ホストを動かしているユーザーで実行してください",
		}
	}
	return text
}

// listenFault says why an address cannot be listened on; otherwise text.
func listenFault(op *net.OpError, text abi.Text) abi.Text {
	address := op.Addr.String()
	switch {
	case op.Op != "listen":
		return text
	case errors.Is(op, syscall.EADDRINUSE):
		return abi.Text{
			EN: "another program, or another host, listens on " + address + " already: stop that one, or change listen in the configuration",
			JA: address + " は別のプログラム(または別のホスト)が使用中です。それを停止するか、設定の listen を変えてください",
		}
	case errors.Is(op, fs.ErrPermission):
		return abi.Text{
			EN: "this user may not listen on " + address + ": ports below 1024 are reserved; change listen in the configuration",
			JA: address + " で待ち受ける権限がありません。1024未満のポートは予約されています。設定の listen を変えてください",
		}
	}
	return text
}

// note tells a person on stderr something that is not an error.
func (p *program) note(en, ja string, args ...any) {
	p.stderr(fmt.Sprintf(p.say(en, ja)+"\n", args...))
}
