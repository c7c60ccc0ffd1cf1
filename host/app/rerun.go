package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// rewirable says why connections cannot take the place of others when the run
// runs again, nil if each can: its flow uses the one, and the other is there
// and of the same connector.
func (a *App) rewirable(ctx context.Context, id string, again host.Rerun) error {
	if len(again.Connections) == 0 {
		return nil
	}
	if err := a.interchangeable(again.Connections); err != nil {
		return err
	}
	flow, err := a.flowAgain(ctx, id, again.How)
	if err != nil || flow == nil { // what is wrong then running it again tells
		return err
	}
	used := slices.DeleteFunc(flow.Connections(), func(name string) bool { return a.sandboxed[name] == nil })
	for _, name := range slices.Sorted(maps.Keys(again.Connections)) {
		if !slices.Contains(used, name) {
			return unused(flow.ID, name, used)
		}
	}
	return nil
}

// flowAgain is the flow as the run will run it again; nil if it is no longer among the rules.
func (a *App) flowAgain(ctx context.Context, id string, how host.Restart) (*rules.Flow, error) {
	run, err := a.ledger.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	if how == host.RestartNewest {
		return a.rules.Current().Flow(run.Flow), nil
	}
	return a.rules.Flow(ctx, run.Flow, run.Version)
}

func unused(flow, name string, used []string) error {
	if len(used) == 0 {
		return refusal(
			fmt.Sprintf("flow %s calls no connection, so none can take the place of %s", flow, name),
			fmt.Sprintf("フロー %s はどの接続も呼び出さないため、%s を置き換えられません", flow, name))
	}
	list := strings.Join(used, ", ")
	return refusal(
		fmt.Sprintf("flow %s does not use the connection %s; it uses: %s", flow, name, list),
		fmt.Sprintf("フロー %s は接続 %s を使っていません。使っている接続: %s", flow, name, list))
}

// interchangeable says why one connection cannot take the place of another, nil
// if each can: both exist and are of the same connector.
func (a *App) interchangeable(connections map[string]string) error {
	names := slices.Sorted(maps.Keys(a.sandboxed))
	for _, name := range slices.Sorted(maps.Keys(connections)) {
		other := connections[name]
		for _, wanted := range []string{name, other} {
			if a.sandboxed[wanted] == nil {
				return unknown(abi.Text{EN: "connection", JA: "接続"}, wanted, names)
			}
		}
		mine, theirs := a.sandboxed[name].Manifest().ID, a.sandboxed[other].Manifest().ID
		if mine != theirs {
			return refusal(
				fmt.Sprintf("%s cannot take the place of %s: it is of the connector %s, not %s", other, name, theirs, mine),
				fmt.Sprintf("%s は %s の代わりになりません。%s のコネクターは %s ではなく %s です", other, name, other, mine, theirs))
		}
	}
	return nil
}
