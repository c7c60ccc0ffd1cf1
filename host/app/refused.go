package app

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

// refused keeps that a person wanted something that could not be done, and why,
// in both languages where there are both; see [auditOf]. It returns why.
func (o Operator) refused(ctx context.Context, act host.Act, on, detail string, why error) error {
	if why == nil {
		return nil
	}
	why = inJapanese(act, on, why)
	kept := why
	if text := words(why); text.JA != "" {
		kept = errors.New(text.EN + "\n" + text.JA)
	}
	if o.app.engine.Refused(ctx, act, on, detail, kept) == nil { // it gives back what it was given
		return nil
	}
	return why
}

// auditOf is an act as it is told: why it was refused is kept as a line in
// English and, where there is one, a line in Japanese.
func auditOf(kept *host.Audit) api.Audit {
	told := api.Audit{Audit: *kept}
	told.Refused, told.RefusedJA, _ = strings.Cut(kept.Refused, "\n")
	return told
}

// inJapanese adds to what the engine says in English alone why it does not do this.
func inJapanese(act host.Act, on string, why error) error {
	kind := abi.KindOf(why)
	if _, both := errors.AsType[*api.Problem](why); both {
		return why
	}
	var ja string
	status := http.StatusConflict
	switch {
	case act == host.ActCancel && kind == abi.Conflict:
		ja = "実行 " + on + " はすでに終わっています。取り消せません"
	case act == host.ActRerun && kind == abi.Conflict:
		ja = "実行 " + on + " は失敗も取り消しもされていません。再実行できるのは失敗または取り消した実行だけです"
	case act == host.ActRerun && kind == abi.Config:
		ja, status = "実行 "+on+" のフローは現在のルールにありません", http.StatusBadRequest
	case act == host.ActReplay && !errors.Is(why, host.ErrNotFound) && kind == abi.Invalid:
		ja, status = "受信データ "+on+" は、コネクターがまだ読めません: "+said(why), http.StatusBadRequest
	case act == host.ActReplay && errors.As(why, new(*abi.Error)):
		ja, status = "受信データ "+on+" を処理できませんでした: "+said(why), http.StatusBadGateway
	case act == host.ActDismiss && kind == abi.Conflict:
		ja = "受信データ " + on + " は、すでに再処理または片付け済みです"
	case act == host.ActRun && kind == abi.Conflict:
		ja = "イベント " + on + " ではこのフローは始まらないか、すでに実行されています"
	default:
		return why
	}
	return &api.Problem{Title: http.StatusText(status), Status: status, Detail: why.Error(), DetailJA: ja, Kind: kind}
}

// said is what a plugin, or who stands behind it, said by itself.
func said(why error) string { return abi.AsError(why).Message }
