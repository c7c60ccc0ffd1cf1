package app

import (
	"fmt"
	"maps"
	"slices"

	"github.com/musubi-run/musubi/sdk/abi"
)

// interchangeable says why one connection cannot take the place of another for
// a run, nil if each can: both exist and are of the same connector.
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
				fmt.Sprintf("%s cannot take the place of %s: one is %s, the other %s", other, name, theirs, mine),
				fmt.Sprintf("%s は %s の代わりになりません(%s と %s)", other, name, theirs, mine))
		}
	}
	return nil
}
