package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// rotated is what vault rotate prints as JSON.
type rotated struct {
	Changed int `json:"changed"`
	// Lost is what no key opened; it was left as it was.
	Lost []string `json:"lost,omitempty"`
}

func (p *program) vaultRotate() *cobra.Command {
	var to string
	cmd := p.command(about{
		use:   "rotate",
		short: abi.Text{EN: "Seal everything anew with another key", JA: "別の鍵で暗号化し直す"},
		long: abi.Text{
			EN: "Seal all secrets and tokens anew with another key. The host must not run. Where vault_key is not\nconfigured a new key is made in the data folder. Otherwise --to says where the new one is, 32 random\nbytes as \"openssl rand -base64 32\" prints them; write that as vault_key afterwards. What was\ninterrupted is done again by the same command. What no key opens is named and stays as it is; the\nexit status is 1 if a secret is among that.",
			JA: "保管庫の値とトークンをすべて別の鍵で暗号化し直します。ホストは止めておいてください。vault_key を設定して\nいない場合は、データフォルダーに新しい鍵を作ります。設定している場合は --to で新しい鍵の場所を指定し\n(32バイトの乱数。openssl rand -base64 32 で作れます)、終わったら vault_key を書き換えてください。\n中断した場合は同じコマンドをもう一度実行してください。どの鍵でも開けないものは名前を表示し、そのまま\n残します。秘密の値が含まれていれば終了コードは1です。",
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
		lost, ok := errors.AsType[vault.LostError](err)
		if err != nil && !ok {
			return err
		}
		if len(lost) > 0 && len(lost.Secrets()) == 0 { // nothing to do
			p.note("%s", "%s", p.lang.Pick(lost.Text()))
			err = nil
		}
		return errors.Join(err, p.show(rotated{changed, lost}, func(w *page) {
			w.line(p.say("Sealed anew: %d.", "%d件を暗号化し直しました。"), changed)
			if !key.IsZero() {
				w.line(p.say("Now write this in musubi.yaml, then destroy the old key: vault_key: %s", "musubi.yaml を次のように書き換えてから、古い鍵を破棄してください: vault_key: %s"), key)
			}
		}))
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
