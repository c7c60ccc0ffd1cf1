package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) cursor() *cobra.Command {
	return p.group(about{
		use:   "cursor",
		short: abi.Text{EN: "Look at how far polls have come, and move them", JA: "定期取得の進み具合を見る、動かす"},
	}, p.cursorList(), p.cursorSet())
}

func (p *program) cursorList() *cobra.Command {
	return p.command(about{
		use:   "list",
		short: abi.Text{EN: "List how far each poll has come, and which fails", JA: "定期取得の進み具合と、失敗しているものを一覧する"},
	}, func(cmd *cobra.Command, _ []string) error {
		return p.read(cmd.Context(), func(from reader) error {
			cursors, err := from.Cursors(cmd.Context())
			if err != nil {
				return err
			}
			return p.show(api.CursorPage{Cursors: orEmpty(cursors)}, func(w *page) { p.cursorTable(w, cursors) })
		})
	})
}

func (p *program) cursorTable(w *page, cursors []api.Cursor) {
	if len(cursors) == 0 {
		w.line("%s", p.say("No poll has run yet.", "まだ定期取得は行われていません。"))
		return
	}
	clock := p.clock()
	t := table{head: []string{
		p.say("CONNECTION", "接続"), p.say("TRIGGER", "トリガー"), p.say("STATE", "状態"), p.say("UPDATED", "更新"),
		p.say("NEXT", "次回"), p.say("CURSOR", "位置"),
	}}
	for _, c := range cursors {
		updated, next := c.Updated, c.Next
		if c.Trouble != nil {
			next = c.Trouble.Again
			if string(c.Value) == "null" { // nothing was fetched yet
				updated = time.Time{}
			}
		}
		t.row(c.Connection, c.Trigger, p.pollState(c.Trouble), clock.text(updated), clock.text(next), string(c.Value))
	}
	t.write(w, "")
	p.troubles(w, cursors)
}

func (p *program) cursorSet() *cobra.Command {
	return p.command(about{
		use:   "set CONNECTION TRIGGER VALUE",
		short: abi.Text{EN: "Move a poll's cursor", JA: "定期取得の位置を動かす"},
		long: abi.Text{
			EN: "Move a poll's cursor to VALUE, JSON as cursor list --json shows it; for most connectors\n{\"mark\": TIME} fetches what changed since then. With null the poll is as if it had never run:\nit fetches what changes from now on. The poll is due at once. Events that were announced\nwithin the dedupe_window (7 days unless said) are recognised and not handled twice; earlier ones are.",
			JA: "定期取得の位置を VALUE(cursor list --json で表示されるJSON)に動かします。多くのコネクターでは\n{\"mark\": 日時} で、それ以降に変わったものを取得します。null なら初回と同じで、今より後の変更から\n取得します。取得はすぐに始まります。dedupe_window(標準は7日)以内に受け付けたイベントは\n二重に処理されませんが、それより前のものは再び処理されます。",
		},
		example: `  musubi cursor set shop order.updated '{"mark":"2026-01-02T00:00:00+09:00"}'`,
	}, func(cmd *cobra.Command, args []string) error {
		cursor := host.Cursor{Connection: args[0], Trigger: args[1], Value: json.RawMessage(args[2])}
		if !json.Valid(cursor.Value) {
			return usage("VALUE must be JSON: put it in single quotes", "VALUE はJSONです。単一引用符で囲んでください")
		}
		remote, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		if err := remote.SetCursor(cmd.Context(), cursor); err != nil {
			return p.missing(err, fmt.Sprintf("%s %s", args[0], args[1]))
		}
		return p.show(done{true}, func(w *page) {
			w.line(p.say("The next poll of %s %s begins there.", "%s %s は次回そこから取得します。"), args[0], args[1])
		})
	})
}
