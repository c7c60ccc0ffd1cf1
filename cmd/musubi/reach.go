package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os/user"
	"strings"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/host/web/client"
)

// reader is what can be looked at in a running host and in its store alike.
type reader interface {
	web.RunReader
	web.EventReader
	web.DeadLetterReader
	web.Links
	web.CursorReader
	web.RulesReader
	web.BackfillReader
	web.Exporter
	web.AuditReader
}

// config reads the configuration that the flags name.
func (p *program) config() (*config.Config, error) {
	c, err := config.Load(p.configFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault(err,
			fmt.Sprintf("there is no %s here: give the host's configuration with -c FILE", p.configFile),
			p.configFile+" がありません。-c で設定ファイルを指定してください")
	}
	return c, err
}

// clock is in the configured zone, or in the default one when there is no configuration to ask.
func (p *program) clock() clock {
	c, err := config.Load(p.configFile)
	if err != nil {
		c = config.Default(p.configFile)
	}
	return clock{c.Zone}
}

// host reaches the running host; ask is called with it.
func (p *program) host(ctx context.Context) (*client.Client, error) {
	address, token, err := p.address()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, p.notRunning(err, "")
	}
	if err != nil {
		return nil, err
	}
	c := client.New(address, token, nil).As(p.who())
	if _, err = c.Version(ctx); errors.Is(err, client.ErrUnreachable) {
		return nil, p.notRunning(err, address)
	}
	return c, err
}

// who acts: the name that was given, or the system's user.
func (p *program) who() string {
	if p.actor != "" {
		return p.actor
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return cmp.Or(p.getenv("USER"), p.getenv("USERNAME"))
}

func (p *program) notRunning(cause error, address string) error {
	if p.server != "" {
		return fault(cause,
			fmt.Sprintf("no host answers at %s: check --server, or start the host there", address),
			address+" でホストが応答しません。--server を確認するか、そこでホストを起動してください")
	}
	return fault(cause,
		fmt.Sprintf("the host of %[1]s does not run: start it with: musubi serve -c %[1]s", p.configFile),
		fmt.Sprintf("%[1]s のホストは動いていません。musubi serve -c %[1]s で起動してください", p.configFile))
}

// address is where the host listens, and the token that it wants.
func (p *program) address() (address, token string, err error) {
	if p.server != "" {
		token, err = p.serverToken()
		return withScheme(p.server), token, err
	}
	c, err := p.config()
	if err != nil {
		return "", "", withoutNotExist(err)
	}
	token, err = p.adminToken(c)
	return "http://" + reachable(c.Listen), token, err
}

func (p *program) serverToken() (string, error) {
	if p.tokenFile == "" {
		return "", usage(
			"--server needs --token-file: a file with the host's admin token, which is admin.token in its data folder unless its musubi.yaml names another with admin_token",
			"--server には --token-file が必要です。ホストの管理トークンが入ったファイルを指定してください(musubi.yaml に admin_token がなければ、データフォルダーにある admin.token)")
	}
	token, err := config.ReadToken(p.tokenFile)
	return token, withoutNotExist(err)
}

// adminToken is where the configuration says, or in the data folder.
func (p *program) adminToken(c *config.Config) (string, error) {
	switch reference := c.AdminToken; {
	case p.tokenFile != "":
		token, err := config.ReadToken(p.tokenFile)
		return token, withoutNotExist(err)
	case reference.IsZero():
		return config.LoadAdminToken(c.Data)
	case reference.Scheme == config.FromEnv && p.getenv(reference.Name) != "":
		return p.getenv(reference.Name), nil
	case reference.Scheme == config.FromFile:
		token, err := config.ReadToken(reference.Name)
		return token, withoutNotExist(err)
	default:
		return "", fault(nil,
			fmt.Sprintf("the admin token is %s and cannot be had here: give it with --token-file FILE", reference),
			fmt.Sprintf("管理トークン(%s)を取得できません。--token-file で指定してください", reference))
	}
}

// withoutNotExist keeps a file that is missing by mistake from looking like a
// data folder where no host has run yet.
func withoutNotExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		if e, ok := errors.AsType[*sentence](err); ok {
			return fault(nil, e.text.EN, e.text.JA)
		}
		text := machineFault(err)
		return fault(nil, text.EN, text.JA)
	}
	return err
}

// reachable turns an address that is listened on into one that can be called.
func reachable(listen string) string {
	name, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(name); name == "" || ip.IsUnspecified() {
		name = "127.0.0.1"
	}
	return net.JoinHostPort(name, port)
}

func withScheme(address string) string {
	if strings.Contains(address, "://") {
		return address
	}
	return "http://" + address
}

// read calls look with the running host or, if none runs, with its store.
func (p *program) read(ctx context.Context, look func(reader) error) error {
	remote, err := p.host(ctx)
	if err == nil {
		return look(remote)
	}
	offline := errors.Is(err, client.ErrUnreachable) || errors.Is(err, fs.ErrNotExist)
	if p.server != "" || !offline {
		return err
	}
	return p.readStore(ctx, look)
}

func (p *program) readStore(ctx context.Context, look func(reader) error) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	view, err := app.OpenView(ctx, c, telemetry.NewLogger(p.err, c.Log.Level, c.Log.Format == config.LogJSON))
	if errors.Is(err, fs.ErrNotExist) {
		return p.notRunning(nil, "")
	}
	if err != nil {
		return err
	}
	p.note("The host does not run; this is from its store in %s.", "ホストは動いていません。%s の保存データを表示します。", c.Data)
	return errors.Join(look(view), view.Close())
}
