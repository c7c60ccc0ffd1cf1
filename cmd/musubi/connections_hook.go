package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// hookAddress is what connections hook prints as JSON.
type hookAddress struct {
	URL string `json:"url"`
	// Renewed says that the address before it is refused now.
	Renewed bool `json:"renewed,omitempty"`
}

func (p *program) connectionsHook() *cobra.Command {
	var renew, yes bool
	cmd := p.command(about{
		use:   "hook CONNECTION",
		short: abi.Text{EN: "Print the address that a platform delivers webhooks to", JA: "Webhookの送り先URLを表示する"},
		long: abi.Text{
			EN: "Print the address to register at the platform. It is a secret: whoever knows it can deliver.\nWhere public_url is not configured it is the address inside. If others came to know it, --renew\nmakes another one: the old one is refused at once, and the new one must be registered.",
			JA: "プラットフォームに登録するURLを表示します。URLを知っていれば誰でも送れるため、秘密にしてください。\npublic_url を設定していない場合は、内部のアドレスになります。外に漏れたときは --renew で新しいURLに変えます。\n元のURLはすぐに使えなくなるので、新しいURLを登録し直してください。",
		},
		example: "  musubi connections hook shop\n  musubi connections hook shop --renew --yes",
	}, func(cmd *cobra.Command, args []string) error {
		if renew {
			return p.renewHook(cmd, args[0], yes)
		}
		address, err := p.hookAddress(cmd, args[0])
		if err != nil {
			return err
		}
		return p.show(address, func(w *page) { w.line("%s", address.URL) })
	})
	cmd.Flags().BoolVar(&renew, "renew", false, p.say("make another address; the old one stops at once", "新しいURLに変える。元のURLはすぐに使えなくなる"))
	cmd.Flags().BoolVar(&yes, "yes", false, p.say("do it; without this --renew only tells what would happen", "実際に行う。指定しなければ --renew は何が起きるかを表示するだけ"))
	return cmd
}

func (p *program) hookAddress(cmd *cobra.Command, name string) (hookAddress, error) {
	remote, err := p.host(cmd.Context())
	if err != nil {
		return hookAddress{}, err
	}
	hook, err := remote.Hook(cmd.Context(), name)
	return hookAddress{URL: p.outside() + hook.Path}, noHook(err, name)
}

// renewHook has the host make another address. Without yes it only tells what that means.
func (p *program) renewHook(cmd *cobra.Command, name string, yes bool) error {
	address, err := p.hookAddress(cmd, name)
	if err != nil {
		return err
	}
	if !yes {
		return p.show(address, func(w *page) {
			w.line(p.say("The webhook address of %s would be replaced. The one of now is refused from then on, and what the platform sends to it is lost unless it sends it again: register the new one at once. Go ahead with --yes.",
				"%s の送り先URLを新しいものに変えます。今のURLはすぐに使えなくなり、そこへ届いたものは、プラットフォームが再送しない限り失われます。すぐに新しいURLを登録してください。実行するには --yes を付けてください。"), name)
		})
	}
	remote, err := p.host(cmd.Context())
	if err != nil {
		return err
	}
	hook, err := remote.RenewHook(cmd.Context(), name)
	if err != nil {
		return noHook(err, name)
	}
	address = hookAddress{URL: p.outside() + hook.Path, Renewed: true}
	return p.show(address, func(w *page) {
		w.line("%s", address.URL)
		w.line("%s", p.say("The address before it is refused now: register this one at the platform, and keep the new hooks.json beside your backups.",
			"元のURLは使えなくなりました。このURLをプラットフォームに登録し、新しい hooks.json をバックアップの横に保管してください。"))
	})
}

// noHook says what to look at, if err is that the connection receives no webhooks.
func noHook(err error, name string) error {
	if !errors.Is(err, host.ErrNotFound) {
		return err
	}
	return fault(err,
		fmt.Sprintf("there is no connection %s that receives webhooks: see musubi connections", name),
		fmt.Sprintf("Webhookを受け取る接続「%s」はありません。musubi connections をご覧ください", name))
}
