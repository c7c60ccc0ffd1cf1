// Package demo shows the main job on simulated platforms: customers change in
// a shop, and the CRM follows, each record once. Nothing is pretended: plugins
// are built and run in the sandbox, sims are programs of their own behind real
// sockets, the host is the real one, and what the demo says at the end it has
// read back from the CRM and from the link table.
package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/musubi-run/musubi/host/pluginbuild"
	"github.com/musubi-run/musubi/rules/diag"
)

// Options say how the demo is shown.
type Options struct {
	Out  io.Writer
	Lang diag.Lang
	// Once ends the demo after its check; otherwise it stays up until ctx ends.
	Once bool
	// Dir holds the demo's configuration, rules, plugins and data.
	Dir string
	// Builder builds plugins and sims.
	Builder *pluginbuild.Builder
	// CacheDir keeps compiled plugins from one demo to the next.
	CacheDir string
	Logger   *slog.Logger
}

// Run shows the demo. It returns an error if the CRM or the link table is not
// exactly as it must be at the end.
func Run(ctx context.Context, o Options) error {
	d := &demo{Options: o}
	d.sayTitle()
	stage, err := d.setUp(ctx)
	if err != nil {
		return err
	}
	defer stage.close()
	if err := d.play(ctx, stage); err != nil {
		return err
	}
	if err := d.check(ctx, stage); err != nil {
		return err
	}
	if o.Once {
		return nil
	}
	d.sayGoodbye(stage)
	<-ctx.Done()
	d.say("\nStopped. The data stays in %s.\n", "\n終了しました。データは %s に残っています。\n", o.Dir)
	return nil
}

type demo struct{ Options }

// say prints a line in the reader's language.
func (d *demo) say(en, ja string, args ...any) {
	format := en
	if d.Lang == diag.Japanese {
		format = ja
	}
	fmt.Fprintf(d.Out, format, args...)
}

func (d *demo) sayTitle() {
	d.say("\n結び Musubi demo: a customer changes in the shop, the CRM follows.\n"+
		"The shop (ecforce) and the CRM (Salesforce) are simulated; everything between them is real.\n\n",
		"\n結び Musubi デモ: ショップの顧客が変わると、CRMがついてきます。\n"+
			"ショップ(ecforce)とCRM(Salesforce)はシミュレーターです。その間はすべて本物です。\n\n")
}

func (d *demo) sayGoodbye(s *stage) {
	d.say(`
The host stays up: %[1]s
Try, in another terminal:
  go run ./cmd/musubi runs list -c %[2]s
  go run ./cmd/musubi links list -c %[2]s
  go run ./cmd/musubi events list --dead -c %[2]s
Or change a customer yourself and list the runs again:
  curl -X PUT %[3]s/_sim/records/customers/%[4]s -d '{"email":"new.address@example.com"}'
  curl %[5]s/_sim/records/Account
The rules are in %[6]s: edit them, the host takes them up at once.
Ctrl-C ends the demo.
`, `
ホストは動き続けます: %[1]s
別のターミナルで試してください:
  go run ./cmd/musubi runs list -c %[2]s
  go run ./cmd/musubi links list -c %[2]s
  go run ./cmd/musubi events list --dead -c %[2]s
顧客を自分で変えて、もう一度実行一覧を見ることもできます:
  curl -X PUT %[3]s/_sim/records/customers/%[4]s -d '{"email":"new.address@example.com"}'
  curl %[5]s/_sim/records/Account
ルールは %[6]s にあります。書き換えるとすぐに反映されます。
Ctrl-C で終了します。
`, s.hostURL(), s.config, s.shop.URL, firstCustomer, s.crm.URL, s.rules)
}
