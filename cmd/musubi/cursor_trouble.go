package main

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

// troubles tells of each poll that brings nothing: since when, how often it was
// tried, why, and what to do.
func (p *program) troubles(w *page, polls []api.Cursor) {
	clock := p.clock()
	for _, c := range polls {
		t := c.Trouble
		if t == nil {
			continue
		}
		name, since := c.Connection+" "+c.Trigger, clock.text(t.Since)
		w.line("")
		if t.Tries == 0 {
			w.line(p.say("%s waits for its connection since %s: %s", "%s は %s から接続の復旧を待っています: %s"), name, since, p.failed(t.Error))
		} else {
			w.line(p.say("%s has failed since %s (tries: %d), again at %s: %s", "%s は %s から取得に失敗しています(%d回)。再試行 %s: %s"),
				name, since, t.Tries, clock.text(t.Again), p.failed(t.Error))
		}
		w.line("  %s", p.pollRemedy(c.Connection, t))
	}
}

// pollRemedy says what a person can do about a poll that brings nothing.
func (p *program) pollRemedy(connection string, t *api.PollTrouble) string {
	if t.Tries == 0 || t.Error == nil {
		return p.say("See musubi connections: when that is mended, it fetches what has happened meanwhile.",
			"musubi connections で接続の状態をご覧ください。復旧すると、その間の分もまとめて取得します。")
	}
	switch t.Error.Kind {
	case abi.Auth, abi.Denied, abi.Config, abi.Blocked:
		return p.mending(connection, t.Error)
	case abi.Invalid:
		return p.say("The platform refuses what the poll asks: look at the connection's settings, and at the cursor (musubi cursor set moves it).",
			"プラットフォームが取得の内容を受け付けません。接続の設定と、位置(musubi cursor set で動かせます)を確認してください。")
	default:
		return p.say("It is tried again by itself, and then fetches what has happened meanwhile. If it lasts, look whether the platform works, and at the connection's settings.",
			"自動で再試行し、復旧するとその間の分もまとめて取得します。長く続く場合は、プラットフォームの稼働状況と接続の設定を確認してください。")
	}
}

// mending says what to do about a connection's error and how to go on then; empty if only time helps.
func (p *program) mending(connection string, e *abi.Error) string {
	switch e.Kind {
	case abi.Auth: // the advice ends with how to go on
		return p.advice(connection, e)
	case abi.Denied, abi.Config, abi.Blocked:
		return p.advice(connection, e) + fmt.Sprintf(p.say(" Then: musubi%s connections resume %s", "そのあと: musubi%s connections resume %s"), p.here(), connection)
	default:
		return ""
	}
}

// advice says what to do about an error of a connection; one without a name may be any.
func (p *program) advice(connection string, e *abi.Error) string {
	advice := p.lang.Pick(wordsOf(e).advice)
	if connection == "" {
		return advice
	}
	resume := "musubi" + p.here() + " connections resume " + connection
	return strings.NewReplacer("musubi connections resume NAME", resume, "musubi connections resume 接続名", resume).Replace(advice)
}

// pollState says in a word whether a poll works.
func (p *program) pollState(t *api.PollTrouble) string {
	switch {
	case t == nil:
		return p.say("fine", "正常")
	case t.Tries == 0:
		return p.say("waiting", "待機中")
	default:
		return p.say("failing", "失敗中")
	}
}
