package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// about is what help says of a command.
type about struct {
	// use is the command's name with its arguments, as in "show RUN".
	use         string
	short, long abi.Text
	example     string
}

// action is what a command does.
type action func(cmd *cobra.Command, args []string) error

// command makes a command that takes exactly the arguments that its use
// names, or more of the last one if the use ends in "..."; one in brackets
// may be missing.
func (p *program) command(a about, do action) *cobra.Command {
	return &cobra.Command{
		Use: a.use, Short: p.lang.Pick(a.short), Long: p.lang.Pick(a.long), Example: a.example,
		DisableFlagsInUseLine: true, ValidArgsFunction: cobra.NoFileCompletions,
		Args: p.arguments(strings.Fields(a.use)[1:]), RunE: do,
	}
}

func (p *program) arguments(names []string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		needed := len(names)
		if needed > 0 && strings.HasPrefix(names[needed-1], "[") {
			needed--
		}
		many := len(names) > 0 && strings.HasSuffix(names[len(names)-1], "...")
		switch {
		case len(args) < needed:
			missing := strings.TrimSuffix(names[len(args)], "...")
			return usage(
				fmt.Sprintf("%s is missing: %s", missing, cmd.UseLine()),
				fmt.Sprintf("%s を指定してください: %s", missing, cmd.UseLine()))
		case len(args) > len(names) && !many:
			return usage(
				fmt.Sprintf("%q is too much: %s", args[len(names)], cmd.UseLine()),
				fmt.Sprintf("「%s」は余分です: %s", args[len(names)], cmd.UseLine()))
		}
		return nil
	}
}

// group makes a command that only holds others.
func (p *program) group(a about, children ...*cobra.Command) *cobra.Command {
	group := p.command(a, nil)
	group.Args = cobra.ArbitraryArgs
	group.AddCommand(children...)
	group.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return unknownCommand(cmd, args[0])
	}
	return group
}

func unknownCommand(cmd *cobra.Command, name string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	full := cmd.CommandPath() + " " + name
	if near := diag.Closest(name, names); near != "" {
		right := cmd.CommandPath() + " " + near
		return usage(
			fmt.Sprintf("there is no command %q: did you mean %q?", full, right),
			fmt.Sprintf("「%s」というコマンドはありません。「%s」ではありませんか?", full, right))
	}
	return usage(
		fmt.Sprintf("there is no command %q: possible are %s", full, strings.Join(names, ", ")),
		fmt.Sprintf("「%s」というコマンドはありません。使えるのは %s です", full, strings.Join(names, "、")))
}

// completeWith offers these words for a flag.
func completeWith(cmd *cobra.Command, flag string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil { // the flag does not exist: a mistake in this program
		panic(err)
	}
}
