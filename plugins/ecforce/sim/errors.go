package main

import (
	"net/http"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// refusal is a failure as the platform tells it: a status and a coded message.
type refusal struct {
	status  int
	code    string
	message string
}

func (e *refusal) Error() string { return e.code + ": " + e.message }

// fault is a coded message within an answer.
type fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (e *refusal) fault() fault { return fault{Code: e.code, Message: e.message} }

func refuse(w http.ResponseWriter, e *refusal) {
	simkit.WriteJSON(w, e.status, map[string][]fault{"errors": {e.fault()}})
}

var (
	errToken      = &refusal{http.StatusUnauthorized, "ASS1001", "認証に失敗しました。"}
	errPermission = &refusal{http.StatusForbidden, "ASS1002", "権限がありません。"}
	errNoRoute    = &refusal{http.StatusNotFound, "ASS2001", "ページが見つかりません。"}
)

// notFound says that the record of the path does not exist.
func (k *kind) notFound() *refusal {
	return &refusal{http.StatusNotFound, "A" + k.code + "2001", k.typ + "が見つかりません。"}
}

// badParameter says that the request cannot be understood.
func (k *kind) badParameter(what string) *refusal {
	return &refusal{http.StatusBadRequest, "A" + k.code + "3002", "パラメータが不正です。" + what}
}

// invalid says that the record would not be valid; the message carries the reason.
func (k *kind) invalid(reason string) *refusal {
	return &refusal{http.StatusUnprocessableEntity, "A" + k.code + "3999", reason}
}

// bulkAnswer is what bulk writes answer, with 200 even if everything failed.
type bulkAnswer struct {
	Success []any       `json:"success"`
	Failure []any       `json:"failure"`
	Errors  []bulkFault `json:"errors"`
}

type bulkFault struct {
	ID      any     `json:"id"`
	Code    string  `json:"code"`
	Message string  `json:"message"`
	Errors  []fault `json:"errors"`
}

func newBulkAnswer() *bulkAnswer {
	return &bulkAnswer{Success: []any{}, Failure: []any{}, Errors: []bulkFault{}}
}

// add notes what became of one item: id names it, shown is how the lists show it.
func (b *bulkAnswer) add(k *kind, id, shown any, err *refusal) {
	if err == nil {
		b.Success = append(b.Success, shown)
		return
	}
	b.Failure = append(b.Failure, shown)
	b.Errors = append(b.Errors, bulkFault{
		ID: id, Code: "A" + k.code + "0000", Message: "更新に失敗しました。", Errors: []fault{err.fault()},
	})
}
