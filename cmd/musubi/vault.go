package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) vault() *cobra.Command {
	return p.group(about{
		use:   "vault",
		short: abi.Text{EN: "Keep secrets sealed in the host's own store", JA: "秘密の値をホストの保管庫に暗号化して保存する"},
		long: abi.Text{
			EN: "Secrets in the vault are sealed at rest. A connection names one as vault:NAME in musubi.yaml. Nobody\ncan read one again: not these commands, not a plugin. They work on a running host and on one that\ndoes not run; a running host takes up a changed value within seconds.",
			JA: "保管庫の値は暗号化して保存されます。接続からは musubi.yaml に vault:名前 と書いて使います。保存した値を\n表示する方法はありません。ホストの稼働中でも停止中でも使えます。稼働中のホストには、変えた値が\n数秒で反映されます。",
		},
	}, p.vaultList(), p.vaultSet(), p.vaultRemove(), p.vaultRotate())
}

// keep calls do with the vault of the running host or, if none runs, with that in its store.
func (p *program) keep(ctx context.Context, do func(context.Context, web.Vault) error) error {
	remote, err := p.host(ctx)
	if err == nil {
		return do(ctx, remote)
	}
	offline := errors.Is(err, client.ErrUnreachable) || errors.Is(err, fs.ErrNotExist)
	if p.server != "" || !offline {
		return err
	}
	return p.desk(ctx, func(ctx context.Context, _ *config.Config, desk *app.VaultDesk) error { return do(ctx, desk) })
}

// desk calls do with the vault of a host that does not run.
func (p *program) desk(ctx context.Context, do func(context.Context, *config.Config, *app.VaultDesk) error) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	ctx = host.WithActor(ctx, host.Actor{Name: p.who()})
	log := telemetry.NewLogger(p.err, c.Log.Level, c.Log.Format == config.LogJSON)
	desk, err := app.OpenVault(ctx, c, app.Options{Logger: log, Now: p.now})
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, c, desk), desk.Close())
}

// secretEntry is one line of vault list.
type secretEntry struct {
	Name string `json:"name"`
	// UsedBy are the places of the configuration that name it.
	UsedBy []string `json:"used_by"`
}

func (p *program) vaultList() *cobra.Command {
	return p.command(about{
		use:   "list",
		short: abi.Text{EN: "List the names of the secrets, never their values", JA: "秘密の値の名前を一覧する(値は表示しない)"},
	}, func(cmd *cobra.Command, _ []string) error {
		return p.keep(cmd.Context(), func(ctx context.Context, v web.Vault) error {
			names, err := v.SecretNames(ctx)
			if err != nil {
				return err
			}
			uses := p.vaultUses()
			entries := []secretEntry{}
			for _, name := range names {
				entries = append(entries, secretEntry{Name: name, UsedBy: orEmpty(uses[name])})
			}
			document := map[string][]secretEntry{"secrets": entries}
			return p.show(document, func(w *page) { p.secretList(w, entries) })
		})
	})
}

func (p *program) secretList(w *page, entries []secretEntry) {
	if len(entries) == 0 {
		w.line("%s", p.say("The vault is empty.", "保管庫は空です。"))
		return
	}
	t := table{head: []string{p.say("NAME", "名前"), p.say("USED BY", "使用箇所")}}
	for _, e := range entries {
		t.row(e.Name, strings.Join(e.UsedBy, ", "))
	}
	t.write(w, "")
}

// vaultUses tells which places of the configuration name which secret; nothing
// where there is no configuration to ask.
func (p *program) vaultUses() map[string][]string {
	c, err := config.Load(p.configFile)
	if err != nil {
		return nil
	}
	uses := map[string][]string{}
	add := func(r config.Reference, place string) {
		if r.Scheme == config.FromVault {
			uses[r.Name] = append(uses[r.Name], place)
		}
	}
	add(c.AdminToken, "admin_token")
	for _, name := range slices.Sorted(maps.Keys(c.Connections)) {
		conn := c.Connections[name]
		for _, secret := range slices.Sorted(maps.Keys(conn.Secrets)) {
			add(conn.Secrets[secret], name+"."+secret)
		}
		add(conn.WebhookToken, name+".webhook_token")
		add(conn.Proxy.Secret, name+".proxy")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Forms)) {
		add(c.Forms[name].Key, "forms."+name+".key")
	}
	return uses
}

func (p *program) vaultRemove() *cobra.Command {
	return p.command(about{
		use:     "remove NAME",
		short:   abi.Text{EN: "Forget a secret", JA: "秘密の値を削除する"},
		example: "  musubi vault remove crm_secret",
	}, func(cmd *cobra.Command, args []string) error {
		if uses := p.vaultUses()[args[0]]; len(uses) > 0 {
			return fault(nil,
				fmt.Sprintf("%s is used by %s: take it out of the configuration first", args[0], strings.Join(uses, ", ")),
				fmt.Sprintf("%s は %s で使われています。先に設定ファイルから外してください", args[0], strings.Join(uses, "、")))
		}
		return p.keep(cmd.Context(), func(ctx context.Context, v web.Vault) error {
			err := v.RemoveSecret(ctx, args[0])
			if errors.Is(err, host.ErrNotFound) {
				return fault(err,
					fmt.Sprintf("the vault holds no secret %s: see musubi vault list", args[0]),
					fmt.Sprintf("保管庫に「%s」はありません。musubi vault list で確認してください", args[0]))
			}
			if err != nil {
				return err
			}
			return p.show(done{true}, func(w *page) { w.line(p.say("%s is gone.", "%s を削除しました。"), args[0]) })
		})
	})
}
