package app

import (
	"context"

	"github.com/musubi-run/musubi/host"
)

// RulesHistory returns the rules that were in force, newest first, at most limit.
func (v View) RulesHistory(ctx context.Context, limit int) ([]host.RulesVersion, error) {
	return v.ledger.RulesHistory(ctx, limit)
}

// RulesSources returns the files of a set of rules that was in force, or host.ErrNotFound.
func (v View) RulesSources(ctx context.Context, version string) (map[string][]byte, error) {
	return v.ledger.RulesSources(ctx, version)
}
