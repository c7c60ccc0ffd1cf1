package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// verdict is what check prints as JSON.
type verdict struct {
	OK          bool `json:"ok"`
	Connections int  `json:"connections"`
	Flows       int  `json:"flows"`
	// Off are the flows, tag rules and link rules that are switched off by enabled: false.
	Off      []string          `json:"off,omitempty"`
	Problems []api.RuleProblem `json:"problems"`
	// Missing are the secrets, and files of ca_file and of the data folder, that are not to be had on this machine, or
	// cannot be used. They do not count for OK.
	Missing []missingSecret `json:"missing_secrets,omitempty"`

	missing vault.FaultErrors
}

// missingSecret is a secret that is named in the configuration and not to be had.
type missingSecret struct {
	Path      string `json:"path"`
	Reference string `json:"reference"`
	Message   string `json:"message"`
	MessageJA string `json:"message_ja"`
}

func (p *program) check() *cobra.Command {
	return p.command(about{
		use:   "check",
		short: abi.Text{EN: "Check the configuration, the plugins and the rules", JA: "設定・プラグイン・ルールを調べる"},
		long: abi.Text{
			EN: "Check the configuration, the plugins and the rules without running anything: what serve would\nrefuse, with file, line and column. Secrets, files of ca_file and files of the data folder that are\nnot on this machine, or cannot be used, are named beside; they change nothing about the exit status,\nso that this works where there are none. What the vault holds is not looked at: see musubi vault list.",
			JA: "設定・プラグイン・ルールを、何も動かさずに調べます。serve が受け付けないものを、ファイル・行・桁を\n付けて表示します。このマシンにない、または使えない秘密の値(環境変数・ファイル)、ca_file、データフォルダーの\nファイルもあわせて表示しますが、それらのない環境(CIなど)でも使えるように、終了コードには影響しません。保管庫の中身は調べません(musubi vault list)。",
		},
	}, func(cmd *cobra.Command, _ []string) error {
		v, err := p.verdict(cmd.Context())
		problems, wrong := errors.AsType[diag.Problems](err)
		switch {
		case wrong && p.json:
			v.Problems = api.RuleProblems(problems)
			return errors.Join(p.printJSON(v), errSilent)
		case err != nil:
			p.report(err)
			if len(v.missing) > 0 {
				p.note("\n%s", "\n%s", p.missingSecrets(v.missing))
			}
			return errSilent
		}
		return p.show(v, func(w *page) {
			w.line(p.say("All right. Connections: %d, flows: %d.", "問題ありません。接続 %d、フロー %d"), v.Connections, v.Flows)
			p.showOff(w, v.Off)
			if len(v.missing) > 0 {
				w.line("")
				w.line("%s", p.missingSecrets(v.missing))
			}
		})
	})
}

func (p *program) verdict(ctx context.Context) (verdict, error) {
	v := verdict{Problems: []api.RuleProblem{}}
	c, err := p.config()
	if _, wrong := errors.AsType[diag.Problems](err); wrong {
		c, _ = config.LoadPartly(p.configFile) //nolint:errcheck // told again with what else is wrong
	}
	if c == nil {
		return v, err
	}
	if v.missing, err = app.MissingSecrets(ctx, c); err != nil {
		return v, err
	}
	for _, f := range v.missing {
		text := f.Text()
		v.Missing = append(v.Missing, missingSecret{f.Path, config.Reference(f.Reference).String(), text.EN, text.JA})
	}
	set, err := app.Check(c)
	if err != nil {
		return v, err
	}
	v.OK, v.Connections, v.Flows, v.Off = true, len(c.Connections), len(set.Flows()), switchedOff(set)
	return v, nil
}

// switchedOff are the ids of the flows, and the names of tag rules and link rules, that are checked but not in force.
func switchedOff(set *rules.Set) []string {
	var off []string
	for _, f := range set.Off() {
		off = append(off, f.ID)
	}
	return append(off, set.OffMembers()...)
}

func (p *program) showOff(w *page, off []string) {
	if len(off) > 0 {
		w.line(p.say("Switched off by enabled: false: %s", "enabled: false で止めているもの: %s"), strings.Join(off, p.say(", ", "、")))
	}
}

// missingSecrets names the secrets that are not to be had on this machine.
func (p *program) missingSecrets(missing vault.FaultErrors) string {
	var text strings.Builder
	text.WriteString(p.say("This is not on this machine (or not for this user), or cannot be used; serve does not start here without it:",
		"次のものがこのマシン(またはこのユーザー)にないか、使えません。このままでは serve は起動しません:"))
	for _, f := range missing {
		text.WriteString("\n  " + p.lang.Pick(f.Text()))
	}
	return text.String()
}
