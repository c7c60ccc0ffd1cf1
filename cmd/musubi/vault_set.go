package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/sdk/abi"
)

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
			w.line(p.say("Kept. Write vault:%s in musubi.yaml. A running host whose connections use it already takes it up within seconds.",
				"保存しました。musubi.yaml に vault:%s と書いて使います。稼働中のホストの接続で使用中なら、数秒で反映されます。"), name)
		})
	})
}

// maxSecret bounds what is read: anything longer is the wrong file.
const maxSecret = 64 << 10

func (p *program) secretFrom(in io.Reader, file string) (value string, err error) {
	var text []byte
	if file != "" {
		text, err = os.ReadFile(file)
	} else {
		text, err = io.ReadAll(io.LimitReader(in, maxSecret+1))
	}
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
