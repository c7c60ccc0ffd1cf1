package main

import (
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// TestEveryKindOfErrorHasWords walks the kinds until there are no more.
func TestEveryKindOfErrorHasWords(t *testing.T) {
	known := 0
	for kind := abi.Internal; ; kind++ {
		if _, ok := abi.ParseKind(kind.String()); !ok {
			break
		}
		known++
		e := &abi.Error{Kind: kind, Message: "text"}
		if advice := wordsOf(e).advice; advice.EN == "" || advice.JA == "" {
			t.Errorf("nobody says what to do about %s: %+v", kind, advice)
		}
		en, ja := (&program{lang: diag.English}).failed(e), (&program{lang: diag.Japanese}).failed(e)
		if en != kind.String()+": text" || !strings.HasSuffix(ja, "("+kind.String()+"): text") || strings.HasPrefix(ja, "(") {
			t.Errorf("%s is told as %q and %q", kind, en, ja)
		}
	}
	if known < int(abi.Blocked) {
		t.Errorf("only %d kinds were met", known)
	}
}

// TestAnErrorIsToldWithWhatItMeans reads what a person reads of single runs.
func TestAnErrorIsToldWithWhatItMeans(t *testing.T) {
	auth := &abi.Error{Kind: abi.Auth, Message: "session expired", Status: 401}
	lost := &abi.Error{Kind: abi.Conflict, Code: host.CodeNoAnswer, Message: "no answer came"}
	for _, c := range []struct {
		run              host.Run
		note, show, left string // left: what is not said
	}{
		{host.Run{State: host.RunWaiting, Held: "crm"}, "crm の復旧待ち", "接続 crm が復旧すると自動で再開します", "再実行"},
		{host.Run{State: host.RunWaiting, Held: "crm", Error: auth}, "crm の復旧待ち: 認証エラー(auth): session expired", "認証情報が拒否されました", "再実行:"},
		{host.Run{State: host.RunFailed, Error: lost}, "結果不明(conflict): no answer came", "処理済みなら取り消し", "重複"},
		{host.Run{State: host.RunFailed, Error: &abi.Error{Kind: abi.Invalid, Code: "fail", Message: "在庫なし"}}, "フローによる失敗(invalid): 在庫なし", "ステップ fail", "受け付けられません"},
		{host.Run{State: host.RunFailed, Error: &abi.Error{Kind: abi.Denied, Code: "fail", Status: 403, Message: "no"}}, "権限不足(denied): no (fail)", "権限を付けて", "ステップ fail"},
		{host.Run{State: host.RunWaiting, Error: &abi.Error{Kind: abi.RateLimited, Message: "slow"}}, "回数制限(rate_limited): slow", "自動で再試行します", "再実行:"},
		{host.Run{State: host.RunWaiting, Due: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}, "2026-01-05 09:00:00 まで待機", "", "再実行"},
		{host.Run{State: host.RunDone, Outcome: "対象外"}, "対象外", "", "再"},
	} {
		p, w := &program{lang: diag.Japanese}, &page{}
		if note := p.runNote(clock{zone: time.UTC}, &c.run, ""); !strings.HasPrefix(note, c.note) {
			t.Errorf("the list says %q, not %q", note, c.note)
		}
		p.showFailure(w, c.run)
		if told := w.String(); !strings.Contains(told, c.show) || strings.Contains(told, c.left) {
			t.Errorf("of %+v people read %q", c.run, told)
		}
	}
}

// TestStepsTellWhatTheRunDoesNot expects an item's own error in full, and the run's once.
func TestStepsTellWhatTheRunDoesNot(t *testing.T) {
	long := strings.Repeat("long ", 30) + "end"
	run := host.Run{State: host.RunFailed, Error: &abi.Error{Kind: abi.Invalid, Message: "first"}}
	w := &page{}
	(&program{lang: diag.Japanese}).showSteps(w, &run, []host.StepRecord{
		{Path: "items[0]", Error: &abi.Error{Kind: abi.NotFound, Message: long}}, {Path: "items[1]", Error: run.Error}, {Path: "items[2]", Note: "nothing to write"},
	}, false)
	if told := w.String(); !strings.Contains(told, "該当なし(not_found): "+long) || strings.Contains(told, "first") || !strings.Contains(told, "nothing to write") {
		t.Errorf("the steps are told so:\n%s", told)
	}
}

// TestWhatOnlyEnglishSaysGetsItsKind expects a refusal without Japanese words to say its kind.
func TestWhatOnlyEnglishSaysGetsItsKind(t *testing.T) {
	refused := &api.Problem{Status: 409, Kind: abi.Conflict, Detail: "another backfill runs"}
	if told := (&program{lang: diag.Japanese}).explain(refused); told != "競合(conflict): another backfill runs" {
		t.Errorf("a Japanese reader is told %q", told)
	}
	if told := (&program{lang: diag.English}).explain(refused); told != "another backfill runs" {
		t.Errorf("an English reader is told %q", told)
	}
}

// TestABackfillThatDoesNotGetOnSaysWhy is about who watches one.
func TestABackfillThatDoesNotGetOnSaysWhy(t *testing.T) {
	job := &api.Backfill{Fault: &abi.Error{Kind: abi.Auth, Message: "refused"}, Again: morning}
	if told := (&program{lang: diag.Japanese}).backfillNews(job); !strings.HasPrefix(told, "認証エラー(auth): 認証情報が拒否されました") || !strings.Contains(told, "\nrefused\n2026-01-05 ") {
		t.Errorf("people who wait read %q", told)
	}
}

// TestTheAuditSaysInWordsThatNothingWasFound keeps the log's English from people.
func TestTheAuditSaysInWordsThatNothingWasFound(t *testing.T) {
	a := &api.Audit{Audit: host.Audit{Act: host.ActRerun, Detail: "newest", Refused: "running 01X again: " + host.ErrNotFound.Error()}}
	if told := (&program{lang: diag.Japanese}).how(a); told != "newest (却下: 該当するものがない)" {
		t.Errorf("the audit says %q", told)
	}
}
