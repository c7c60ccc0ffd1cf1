package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
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
			EN: "Secrets in the vault are sealed at rest. A connection names one as vault:NAME in musubi.yaml. Nobody\ncan read one again: not these commands, not a plugin. They work on a running host and on one that\ndoes not run; a host looks its secrets up when it starts.",
			JA: "保管庫の値は暗号化して保存されます。接続からは musubi.yaml に vault:名前 と書いて使います。保存した値を\n表示する方法はありません。ホストの稼働中でも停止中でも使えます。値はホストの起動時に読み込まれます。",
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
	return uses
}

func (p *program) vaultSet() *cobra.Command {
	var file string
	cmd := p.command(about{
		use:   "set NAME",
		short: abi.Text{EN: "Keep a secret, read from standard input or a file", JA: "秘密の値を標準入力かファイルから読んで保存する"},
		long: abi.Text{
			EN: "Keep a secret under NAME, in the place of an older one. It is read from standard input, or from a\nfile with --file, so that it stands in no history and no list of processes. A line break at its end\nis not part of it.",
			JA: "秘密の値を NAME として保存します(同じ名前の値は置き換え)。コマンド履歴やプロセス一覧に残らないよう、\n標準入力か --file のファイルから読み込みます。末尾の改行は値に含まれません。",
		},
		example: "  musubi vault set crm_secret < secret.txt\n  musubi vault set crm_key --file private.pem",
	}, func(cmd *cobra.Command, args []string) error { return p.setSecret(cmd, args[0], file) })
	cmd.Flags().StringVar(&file, "file", "", p.say("`file` to read the secret from", "秘密の値を読み込むファイル(`file`)"))
	return cmd
}

func (p *program) setSecret(cmd *cobra.Command, name, file string) error {
	if !config.IsName(name) {
		return usage(
			fmt.Sprintf("%q cannot be a name: use lower-case letters, digits, - and _, beginning with a letter", name),
			fmt.Sprintf("「%s」は名前に使えません。英小文字で始め、英小文字・数字・「-」「_」だけを使ってください", name))
	}
	value, err := p.secretFrom(cmd.InOrStdin(), file)
	if err != nil {
		return err
	}
	return p.keep(cmd.Context(), func(ctx context.Context, v web.Vault) error {
		if err := v.SetSecret(ctx, name, value); err != nil {
			return err
		}
		return p.show(done{true}, func(w *page) {
			w.line(p.say("Kept. Write vault:%s in musubi.yaml; a running host uses it when it is started again.",
				"保存しました。musubi.yaml に vault:%s と書いて使います。稼働中のホストには再起動後に反映されます。"), name)
		})
	})
}

// maxSecret bounds what is read: anything longer is the wrong file.
const maxSecret = 64 << 10

func (p *program) secretFrom(in io.Reader, file string) (value string, err error) {
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("opening the secret's file: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("reading the secret: %w", err)
	}
	value = strings.TrimRight(string(text), "\r\n")
	if value == "" || len(text) > maxSecret {
		return "", usage(
			"a secret has 1 to 65536 bytes: give it on standard input or with --file",
			"秘密の値は1〜65536バイトです。標準入力か --file で指定してください")
	}
	return value, nil
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
			if err := v.RemoveSecret(ctx, args[0]); err != nil {
				return p.missing(err, args[0])
			}
			return p.show(done{true}, func(w *page) { w.line(p.say("%s is gone.", "%s を削除しました。"), args[0]) })
		})
	})
}

// rotated is what vault rotate prints as JSON.
type rotated struct {
	Changed int `json:"changed"`
}

func (p *program) vaultRotate() *cobra.Command {
	var to string
	cmd := p.command(about{
		use:   "rotate",
		short: abi.Text{EN: "Seal everything anew with another key", JA: "別の鍵で暗号化し直す"},
		long: abi.Text{
			EN: "Seal all secrets and tokens anew with another key. The host must not run. Where vault_key is not\nconfigured a new key is made in the data folder. Otherwise --to says where the new one is, 32 random\nbytes as \"openssl rand -base64 32\" prints them; write that as vault_key afterwards. What was\ninterrupted is done again by the same command.",
			JA: "保管庫の値とトークンをすべて別の鍵で暗号化し直します。ホストは止めておいてください。vault_key を設定して\nいない場合は、データフォルダーに新しい鍵を作ります。設定している場合は --to で新しい鍵の場所を指定し\n(32バイトの乱数。openssl rand -base64 32 で作れます)、終わったら vault_key を書き換えてください。\n中断した場合は同じコマンドをもう一度実行してください。",
		},
		example: "  musubi vault rotate\n  musubi vault rotate --to file:/run/secrets/vault-2027.key",
	}, func(cmd *cobra.Command, _ []string) error { return p.rotate(cmd.Context(), to) })
	cmd.Flags().StringVar(&to, "to", "", p.say("where the new key is (`reference`): env:NAME or file:/path", "新しい鍵の場所(`reference`): env:変数名 または file:/パス"))
	return cmd
}

func (p *program) rotate(ctx context.Context, to string) error {
	if _, err := p.host(ctx); err == nil {
		return fault(nil, "the host runs: stop it first, it holds the old key", "ホストが稼働中です。先に停止してください(古い鍵を使っています)")
	}
	return p.desk(ctx, func(ctx context.Context, c *config.Config, desk *app.VaultDesk) error {
		key, err := newKey(c, to)
		if err != nil {
			return err
		}
		changed, err := desk.Rotate(ctx, key)
		if err != nil {
			return err
		}
		return p.show(rotated{changed}, func(w *page) {
			w.line(p.say("Sealed anew: %d.", "%d件を暗号化し直しました。"), changed)
			if !key.IsZero() {
				w.line(p.say("Now write this in musubi.yaml, then destroy the old key: vault_key: %s", "musubi.yaml を次のように書き換えてから、古い鍵を破棄してください: vault_key: %s"), key)
			}
		})
	})
}

// newKey is where the new key is; zero means in the data folder.
func newKey(c *config.Config, to string) (config.Reference, error) {
	if to == "" && c.VaultKey.IsZero() {
		return config.Reference{}, nil
	}
	here, err := os.Getwd()
	if err != nil {
		return config.Reference{}, err
	}
	key, ok := config.ParseReference(to, here)
	if !ok || key.Scheme == config.FromVault {
		return key, usage(
			"--to says where the new key is: env:NAME or file:/path",
			"--to で新しい鍵の場所を指定してください(env:変数名 または file:/パス)")
	}
	return key, nil
}
