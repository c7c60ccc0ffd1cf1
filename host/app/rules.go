package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// ownConnector is the host's own connector, made of all that the host has to say.
// who returns the host's members, formLink makes addresses of forms; nobody
// calls an action while rules are only checked.
func ownConnector(who func() *members.Members, formLink builtin.FormLink, claim builtin.Claim) (*builtin.Connector, error) {
	return builtin.New(builtin.Notices(), builtin.Members(who, formLink), builtin.Once(claim))
}

func nobody() *members.Members { return nil }

// claim notes in the ledger what a flow does once only.
func (a *App) claim(ctx context.Context, flow, key, owner string, keep time.Duration) (bool, error) {
	now := a.opts.Now()
	return a.ledger.Claim(ctx, flow, key, owner, now, now.Add(keep))
}

// catalog is what the rules of this host may speak of.
func catalog(cfg *config.Config, plugins map[string]*Plugin, own *builtin.Connector) *rules.Catalog {
	c := &rules.Catalog{
		Connections: map[string]*rules.Connection{host.Builtin: {Manifest: own.Manifest()}}, Member: own.Member(),
	}
	for name, conn := range cfg.Connections {
		if p := plugins[conn.Connector]; p != nil {
			c.Connections[name] = &rules.Connection{Manifest: p.Manifest}
		}
	}
	return c
}

// folderError says what is wrong with a rules folder as a whole.
type folderError struct {
	text  abi.Text
	cause error
}

func (f *folderError) Error() string { return f.text.EN }

func (f *folderError) Unwrap() error { return f.cause }

// Text is the error in both languages.
func (f *folderError) Text() abi.Text { return f.text }

// checkFolder refuses what is no folder. One that is not there does not mean that
// there are no rules: it may be misspelt, or about to be put in place.
func checkFolder(dir string) error {
	info, err := os.Stat(dir)
	name := fromHere(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &folderError{abi.Text{
			EN: "there is no folder " + name + " with rules: make it, or correct the path",
			JA: name + " というルールのフォルダーはありません。作成するか、パスを直してください",
		}, err}
	case err != nil:
		return fmt.Errorf("looking at the rules folder: %w", err)
	case !info.IsDir():
		return &folderError{abi.Text{
			EN: name + " is a file: give the folder that it is in",
			JA: name + " はファイルです。それが入っているフォルダーを指定してください",
		}, nil}
	}
	return nil
}

// loadConfigured is loadRules for the folder that the configuration names; what
// is wrong with the folder has its place there.
func loadConfigured(cfg *config.Config, c *rules.Catalog) (*rules.Set, error) {
	set, err := loadRules(cfg.Rules, c)
	return set, inConfig(cfg, err)
}

func inConfig(cfg *config.Config, err error) error {
	if f, ok := errors.AsType[*folderError](err); ok {
		return cfg.RulesProblem(f.text)
	}
	return err
}

// loadRules reads and checks a rules folder. Problems name files as a person at
// the configuration would, with the folder in front.
func loadRules(dir string, c *rules.Catalog) (*rules.Set, error) {
	if err := checkFolder(dir); err != nil {
		return nil, err
	}
	set, err := rules.Load(os.DirFS(dir), c)
	if problems, wrong := errors.AsType[diag.Problems](err); wrong {
		return nil, within(dir, problems)
	}
	return set, err
}

func within(dir string, problems diag.Problems) diag.Problems {
	named, dir := slices.Clone(problems), fromHere(dir)
	for i := range named {
		named[i].File = filepath.Join(dir, named[i].File)
	}
	return named
}

// fromHere writes a path below the working directory the short way.
func fromHere(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(short) {
		return short
	}
	return path
}

// Reload reads the rules again and puts them in force if every file is right;
// otherwise the rules in force stay, and the error says what is wrong where.
func (a *App) Reload(ctx context.Context) error {
	return a.reloadWith(ctx, func(*rules.Set) error { return nil })
}

// reloadWith is Reload of what allowed does not refuse.
func (a *App) reloadWith(ctx context.Context, allowed func(*rules.Set) error) error {
	a.reload.Lock()
	defer a.reload.Unlock()
	set, err := loadConfigured(a.cfg, a.catalog)
	if err == nil {
		err = allowed(set)
	}
	if err == nil && set.Version() != a.rules.Current().Version() {
		err = a.install(ctx, set)
	}
	problems, told := errors.AsType[diag.Problems](err)
	if err != nil && !told {
		problems = a.cfg.RulesProblem(abi.Text{EN: err.Error(), JA: err.Error()})
	}
	a.reject(problems)
	return err
}

// reject keeps why the newest rules are not in force; nil if they are.
func (a *App) reject(why diag.Problems) {
	a.told.Lock()
	defer a.told.Unlock()
	a.rejected = why
}

// notEmptied refuses that all rules go by themselves: a folder that is swapped for
// another is empty for a moment. Who means it asks for it.
func (a *App) notEmptied(set *rules.Set) error {
	if holds(set) || !holds(a.rules.Current()) {
		return nil
	}
	name := fromHere(a.cfg.Rules)
	return a.cfg.RulesProblem(abi.Text{
		EN: "the folder " + name + " holds no rules any more, so the last good ones stay in force; if that is meant: musubi rules reload",
		JA: "フォルダー " + name + " にルールがなくなったため、前のルールのまま動いています。これでよければ musubi rules reload を実行してください",
	})
}

// holds says whether the folder held any rules, be they switched off.
func holds(set *rules.Set) bool { return len(set.Sources()) > 0 }

// install puts a checked set in force.
func (a *App) install(ctx context.Context, set *rules.Set) error {
	now := a.opts.Now()
	if err := a.rules.Install(ctx, set, now); err != nil {
		return err
	}
	a.told.Lock()
	a.loaded = now
	a.told.Unlock()
	a.members.RulesChanged()
	if a.serving {
		a.watchSchedules(ctx, set)
	}
	a.log.Info("rules in force", "version", set.Version(), "flows", len(set.Flows()))
	return nil
}

// openRules puts the folder's rules in force; a host does not start on rules that are wrong.
func (a *App) openRules(ctx context.Context) error {
	a.watched = stamp(a.cfg.Rules)
	set, err := loadConfigured(a.cfg, a.catalog)
	if err != nil {
		return err
	}
	a.reload.Lock()
	defer a.reload.Unlock()
	return a.install(ctx, set)
}

func (a *App) loadSources(sources map[string][]byte) (*rules.Set, error) {
	return rules.LoadSources(sources, a.catalog)
}
