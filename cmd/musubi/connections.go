package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) connections() *cobra.Command {
	cmd := p.group(about{
		use:   "connections",
		short: abi.Text{EN: "Show how the connections fare, and where webhooks go", JA: "接続の状態と、Webhookの送り先を表示する"},
	}, p.connectionsHook(), p.connectionsResume(), p.connectionsDescribe())
	unknown := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknown(cmd, args)
		}
		return p.listConnections(cmd)
	}
	return cmd
}

func (p *program) listConnections(cmd *cobra.Command) error {
	remote, err := p.host(cmd.Context())
	if err != nil {
		return err
	}
	connections, err := remote.Connections(cmd.Context())
	if err != nil {
		return err
	}
	return p.show(api.ConnectionPage{Connections: orEmpty(connections)}, func(w *page) { p.connectionTable(w, connections) })
}

func (p *program) connectionTable(w *page, connections []api.Connection) {
	clock := p.clock()
	t := table{whole: []int{7}, head: []string{ // it tells what is wrong
		p.say("CONNECTION", "接続"), p.say("CONNECTOR", "コネクター"), p.say("STATE", "状態"),
		p.say("CALLS", "呼び出し"), p.say("FUEL", "命令数/回"),
		p.say("RUNS WAITING", "待機中の実行"), p.say("TRIED AGAIN", "次の試行"), p.say("NOTE", "備考"),
	}}
	for _, c := range connections {
		t.row(c.Name, c.Connector+" "+c.Version, p.connectionState(c.State), count(c.Use.Calls), fuel(c.Use), p.some(c.Held), clock.text(c.Until), p.connectionNote(&c))
	}
	t.write(w, "")
	p.connectionAdvice(w, connections)
}

// connectionAdvice says what to do about what is wrong with connections and their polls.
func (p *program) connectionAdvice(w *page, connections []api.Connection) {
	for _, c := range connections {
		if c.Error != nil {
			p.connectionRemedy(w, &c)
		}
		p.troubles(w, slices.DeleteFunc(c.Polls, func(poll api.Cursor) bool { return poll.Trouble.Tries == 0 }))
	}
}

func (p *program) connectionRemedy(w *page, c *api.Connection) {
	if remedy := p.mending(c.Name, c.Error); remedy != "" {
		w.line("")
		w.line("%s: %s", c.Name, remedy)
	}
}

// connectionNote says what is wrong with a connection, and how many of its polls bring nothing.
func (p *program) connectionNote(c *api.Connection) string {
	note := p.failed(c.Error)
	if len(c.Polls) == 0 {
		return note
	}
	if note != "" {
		note += "; "
	}
	return note + fmt.Sprintf(p.say("polls that bring nothing: %d", "取得できていない定期取得: %d"), len(c.Polls))
}

// count is a number, or nothing for none.
func count(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// fuel is what a call took on average.
func fuel(u api.Use) string { return instructions(u.Fuel / max(1, u.Calls)) }

// instructions writes their number in thousands or millions, rounded up.
func instructions(n int64) string {
	switch {
	case n == 0:
		return ""
	case n < 1_000_000:
		return fmt.Sprintf("%dk", (n+999)/1000)
	default:
		return fmt.Sprintf("%dM", (n+999_999)/1_000_000)
	}
}

func (p *program) connectionsResume() *cobra.Command {
	return p.command(about{
		use:   "resume CONNECTION",
		short: abi.Text{EN: "Try a connection again at once", JA: "接続をすぐに再開する"},
		long: abi.Text{
			EN: "Try a connection that is paused or parked again at once, after what was wrong has been mended.\nThe runs that wait for it go on; if it still does not work, they wait again.",
			JA: "一時停止中・要対応の接続を、原因を直したあとですぐに再開します。待っている実行が続きから進みます。\nまだ使えない場合は、再び待機します。",
		},
		example: "  musubi connections resume crm",
	}, func(cmd *cobra.Command, args []string) error {
		remote, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		if err := remote.Resume(cmd.Context(), args[0]); err != nil {
			return p.unknownConnection(cmd.Context(), remote, err, args[0])
		}
		return p.show(done{true}, func(w *page) {
			w.line(p.say("%s is tried again now: see musubi connections", "%s を再開しました。musubi connections で確認できます"), args[0])
		})
	})
}

// unknownConnection says which name was meant, if err is that there is no such connection.
func (p *program) unknownConnection(ctx context.Context, remote *client.Client, err error, name string) error {
	if !errors.Is(err, host.ErrNotFound) {
		return err
	}
	connections, listErr := remote.Connections(ctx)
	if listErr != nil {
		return listErr
	}
	names := make([]string, len(connections))
	for i, c := range connections {
		names[i] = c.Name
	}
	return p.noConnection(err, name, names)
}

// noConnection says which of the connections that there are was meant.
func (p *program) noConnection(cause error, name string, names []string) error {
	if near := diag.Closest(name, names); near != "" {
		return fault(cause,
			fmt.Sprintf("there is no connection %q: did you mean %q?", name, near),
			fmt.Sprintf("接続「%s」はありません。「%s」ではありませんか?", name, near))
	}
	return fault(cause,
		fmt.Sprintf("there is no connection %q; there are: %s", name, strings.Join(names, ", ")),
		fmt.Sprintf("接続「%s」はありません。あるのは: %s", name, strings.Join(names, "、")))
}

// outside is how platforms reach the host, as far as the configuration tells.
func (p *program) outside() string {
	if p.server != "" {
		return strings.TrimSuffix(withScheme(p.server), "/")
	}
	c, err := config.Load(p.configFile)
	if err != nil {
		c = config.Default(p.configFile)
	}
	return cmp.Or(c.PublicURL, "http://"+reachable(c.Listen))
}
