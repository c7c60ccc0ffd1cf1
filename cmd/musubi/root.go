package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/musubi-run/musubi/sdk/abi"
)

// defaultConfig is the configuration that is used where none is named.
const defaultConfig = "musubi.yaml"

// root returns the whole tree of commands.
func (p *program) root() *cobra.Command {
	root := p.group(about{
		use:   "musubi",
		short: abi.Text{EN: "Tie shops, CRMs and channels together by rules", JA: "カート・CRM・チャネルをルールでつなぐ"},
		long: abi.Text{
			EN: "Musubi takes events from shops, decides by your rules files what happens, and does it\non CRMs and channels through sandboxed connectors. Nothing is lost, nothing is done twice.",
			JA: "Musubiはカートからのイベントを受け取り、ルールファイルに従って、サンドボックス内の\nコネクターを通じてCRMやチャネルを更新します。取りこぼしも二重処理もありません。",
		},
		example: "  musubi serve -c musubi.yaml\n  musubi status",
	},
		p.serve(), p.check(), p.status(), p.runs(), p.events(), p.links(), p.cursor(), p.backfill(), p.connections(), p.rules(), p.library(),
		p.backup(), p.restore(), p.export(), p.audit(), p.members(), p.vault(), p.plugin(), p.demo(), p.bench(), p.version(), p.completion(),
	)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Hidden: true, Use: "no-help-command"})
	root.SetUsageTemplate(p.usageTemplate())
	root.SetHelpTemplate("{{with (or .Long .Short)}}{{.}}\n\n{{end}}{{.UsageString}}")
	root.SetFlagErrorFunc(p.flagError)
	p.globalFlags(root)
	p.defaults(root)
	return root
}

// defaults has the help of flags tell their defaults in the reader's language.
func (p *program) defaults(cmd *cobra.Command) {
	tell := func(f *pflag.Flag) {
		zero := zeroOf(f.Value.Type())
		if f.DefValue != zero && f.DefValue != "0s" {
			f.Usage += fmt.Sprintf(p.say(" (default %s)", "(既定: %s)"), f.DefValue)
			f.DefValue = zero // or the library would say it again
		}
	}
	cmd.Flags().VisitAll(tell)
	cmd.PersistentFlags().VisitAll(tell)
	for _, child := range cmd.Commands() {
		p.defaults(child)
	}
}

// zeroOf is how the flag library writes the zero value of a kind of flag.
func zeroOf(kind string) string {
	switch kind {
	case "string", "stringToString", "var":
		return ""
	case "bool":
		return "false"
	case "stringSlice", "stringArray", "intSlice":
		return "[]"
	default:
		return "0"
	}
}

func (p *program) globalFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVarP(&p.configFile, "config", "c", defaultConfig, p.say("the host's configuration `file`", "ホストの設定ファイル(`file`)"))
	flags.StringVar(&p.server, "server", "", p.say("`address` of a running host, instead of the one in the configuration", "稼働中のホストのアドレス(`address`)。設定ファイルの代わりに使う"))
	flags.StringVar(&p.tokenFile, "token-file", "", p.say("`file` with the admin token of --server", "--server の管理トークンが入ったファイル(`file`)"))
	flags.StringVar(&p.actor, "as", "", p.say("`name` that the audit log shows for what you do, instead of the system's user", "監査ログに残す操作者の名前(`name`)。指定しなければOSのユーザー名"))
	flags.BoolVar(&p.json, "json", false, p.say("print JSON", "JSONで出力する"))
	flags.StringVar(&p.langFlag, "lang", string(p.lang), p.say("`language` of messages: en or ja", "表示する言語(`language`): en または ja"))
	flags.BoolP("help", "h", false, p.say("show this help", "このヘルプを表示する"))
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if p.langFlag != "en" && p.langFlag != "ja" {
			return usage("--lang must be en or ja", "--lang は en か ja です")
		}
		return nil
	}
}
