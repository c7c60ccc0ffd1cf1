package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/rules/diag"
)

// readFunc calls an action that changes nothing.
type readFunc func(ctx context.Context, connection, action string, input json.RawMessage) (json.RawMessage, error)

// look calls see with what is stored and, if platforms is true, a way to read
// from platforms: of the running host, or else with its connections from here.
func (p *program) look(ctx context.Context, platforms bool, see func(reader, readFunc) error) error {
	if !platforms {
		return p.read(ctx, func(from reader) error { return see(from, nil) })
	}
	remote, err := p.host(ctx)
	if err == nil {
		return see(remote, remote.Read)
	}
	offline := errors.Is(err, client.ErrUnreachable) || errors.Is(err, fs.ErrNotExist)
	if p.server != "" || !offline {
		return err
	}
	c, err := p.config()
	if err != nil {
		return err
	}
	log := telemetry.NewLogger(p.err, c.Log.Level, c.Log.Format == config.LogJSON)
	a, err := app.OpenConnections(ctx, c, app.Options{Logger: log, Now: p.now})
	if err != nil {
		return err
	}
	here := a.Operator()
	return errors.Join(see(here, here.Read), a.Close())
}

// flow finds the flow that a person names: by its id, by its file in the rules
// folder, or by a file elsewhere that is checked by itself.
func (p *program) flow(name string) (*rules.Flow, error) {
	folder, err := p.rulesFolder(nil)
	if err != nil {
		return nil, err
	}
	if inside, ok := within(folder.Dir, name); !ok {
		if data, err := os.ReadFile(name); err == nil {
			set, err := rules.LoadSources(map[string][]byte{filepath.Base(name): data}, folder.Catalog)
			if err != nil {
				return nil, err
			}
			return p.theFlow(set, name, filepath.Base(name))
		}
	} else if _, err := os.Stat(name); err == nil {
		set, err := folder.Load()
		if err != nil {
			return nil, err
		}
		return p.theFlow(set, name, inside)
	}
	set, err := folder.Load()
	if err != nil {
		return nil, err
	}
	return p.theFlow(set, name, "")
}

// within returns the name of a file relative to a folder, with slashes.
func within(dir, file string) (name string, ok bool) {
	path, err := filepath.Abs(file)
	if err != nil {
		return "", false
	}
	inside, err := filepath.Rel(dir, path)
	return filepath.ToSlash(inside), err == nil && filepath.IsLocal(inside)
}

// theFlow returns the flow of that id, or the one that stands in the file.
func (p *program) theFlow(set *rules.Set, id, file string) (*rules.Flow, error) {
	if f := set.Flow(id); f != nil {
		return f, nil
	}
	ids := map[string]bool{}
	for _, f := range slices.Concat(set.Flows(), set.Off()) {
		if f.File == file {
			return f, nil
		}
		ids[f.ID] = true
	}
	if near := diag.Closest(id, slices.Collect(maps.Keys(ids))); near != "" {
		return nil, fault(nil,
			fmt.Sprintf("there is no flow %q: did you mean %q?", id, near),
			fmt.Sprintf("フロー「%s」はありません。「%s」ではありませんか?", id, near))
	}
	return nil, fault(nil,
		fmt.Sprintf("there is no flow %q: give the id of a flow or its file", id),
		fmt.Sprintf("フロー「%s」はありません。フローのidかファイルを指定してください", id))
}
