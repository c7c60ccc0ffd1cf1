package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// usageError is a command line that cannot be carried out as it is written.
type usageError struct{ text abi.Text }

func (e *usageError) Error() string { return e.text.EN }

func usage(en, ja string) error { return &usageError{abi.Text{EN: en, JA: ja}} }

// flagError puts what the flag library says into words in both languages.
func (p *program) flagError(cmd *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return unknownFlag(cmd, e.GetSpecifiedName())
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usage(
			dashed(e.GetSpecifiedName())+" needs a value",
			dashed(e.GetSpecifiedName())+" には値が必要です")
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		fits := fitting(e.GetFlag())
		return usage(
			fmt.Sprintf("%q does not fit --%s: write %s", e.GetValue(), e.GetFlag().Name, fits.EN),
			fmt.Sprintf("「%s」は --%s に使えません。%sを書いてください", e.GetValue(), e.GetFlag().Name, fits.JA))
	}
	return usage(err.Error(), err.Error())
}

// fitting says what can be written behind a flag. Those that take any text refuse nothing.
func fitting(f *pflag.Flag) abi.Text {
	switch f.Value.Type() {
	case "bool":
		return abi.Text{EN: "true or false", JA: "true か false "}
	case "duration":
		return abi.Text{EN: "a time such as 90s or 5m", JA: "90s や 5m のような時間"}
	case "stringToString":
		return abi.Text{EN: "NAME=VALUE", JA: "「名前=値」の形で値"}
	case "stringSlice":
		return abi.Text{EN: "words with commas between them, without quotes", JA: "コンマ区切りの語(引用符なし)"}
	case "limit":
		return abi.Text{EN: "a number from 1 on", JA: "1以上の整数"}
	default:
		return abi.Text{EN: "a whole number", JA: "整数"}
	}
}

func unknownFlag(cmd *cobra.Command, name string) error {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := diag.Closest(name, names); near != "" && len(name) > 1 {
		return usage(
			fmt.Sprintf("there is no flag %s: did you mean --%s?", dashed(name), near),
			fmt.Sprintf("%s というオプションはありません。--%s ではありませんか?", dashed(name), near))
	}
	return usage(
		fmt.Sprintf("there is no flag %s: see %s --help", dashed(name), cmd.CommandPath()),
		fmt.Sprintf("%s というオプションはありません。%s --help をご覧ください", dashed(name), cmd.CommandPath()))
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// usageTemplate is the shape of help, with its headings in the reader's language.
func (p *program) usageTemplate() string {
	return strings.NewReplacer(
		"USAGE", p.say("Usage", "使い方"),
		"EXAMPLES", p.say("Examples", "例"),
		"COMMANDS", p.say("Commands", "コマンド"),
		"GLOBAL", p.say("Flags of every command", "共通のオプション"),
		"FLAGS", p.say("Flags", "オプション"),
		"COMMAND", p.say("COMMAND", "コマンド"),
		"OPTIONS", p.say("[FLAGS]", "[オプション]"),
	).Replace(`USAGE:
{{if .HasAvailableSubCommands}}  {{.CommandPath}} COMMAND OPTIONS
{{end}}{{if or (not .HasAvailableSubCommands) (ne .UseLine .CommandPath)}}  {{.UseLine}} OPTIONS
{{end}}{{if .HasExample}}
EXAMPLES:
{{.Example}}
{{end}}{{if .HasAvailableSubCommands}}
COMMANDS:
{{range .Commands}}{{if .IsAvailableCommand}}  {{rpad .Name .NamePadding}}  {{.Short}}
{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}
FLAGS:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}{{if .HasAvailableInheritedFlags}}
GLOBAL:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}`)
}
