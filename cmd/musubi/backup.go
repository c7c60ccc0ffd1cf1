package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) backup() *cobra.Command {
	return p.command(about{
		use:   "backup FILE",
		short: abi.Text{EN: "Back up everything that the running host stores", JA: "稼働中のホストの保存データをバックアップする"},
		long: abi.Text{
			EN: "Write everything that the host stores, as it is at one moment, to FILE, and check that FILE is\nwhole. The host goes on meanwhile. FILE must not be there yet. The data folder's key and token files\nare not in it: keep them elsewhere.",
			JA: "ホストの保存データを、ある時点の状態で FILE に書き出し、壊れていないことを確かめます。ホストは止まりません。\nFILE がすでにある場合は書きません。データフォルダーの鍵とトークンのファイルは含まれないため、\n別に保管してください。",
		},
		example: "  musubi backup musubi-2026-01-05.backup",
	}, func(cmd *cobra.Command, args []string) error {
		remote, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		sum, err := p.backUpTo(cmd, remote, args[0])
		if err != nil {
			return err
		}
		return p.show(sum, func(w *page) {
			w.line(p.say("Backed up and checked. Rows: %d, bytes: %d", "バックアップし、確認しました。行 %d、バイト %d"), sum.Rows, sum.Bytes)
		})
	})
}

// backUpTo gives the file its name only when it is known to be whole.
func (p *program) backUpTo(cmd *cobra.Command, remote *client.Client, name string) (sum app.BackupSummary, err error) {
	if _, err := os.Lstat(name); err == nil {
		return sum, usage(name+" is there already: give another name", name+" はすでにあります。別の名前を指定してください")
	}
	part := name + ".part"
	file, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		at.Path = filepath.Dir(name) // what is in the way is the folder, and the part's name is our own
	}
	if err != nil {
		return sum, fmt.Errorf("making the backup's file: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part))
		}
	}()
	err = remote.Backup(cmd.Context(), file)
	if err == nil {
		sum, err = p.checked(file)
	}
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return sum, err
	}
	return sum, os.Rename(part, name)
}

// checked reads a backup from its begin and makes sure that it is whole.
func (p *program) checked(file *os.File) (app.BackupSummary, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return app.BackupSummary{}, fmt.Errorf("reading the backup: %w", err)
	}
	sum, err := app.VerifyBackup(file)
	return sum, damaged(err, file.Name())
}

func damaged(err error, name string) error {
	if !errors.Is(err, app.ErrDamaged) {
		return err
	}
	return fault(err,
		name+" is damaged, incomplete or no backup at all: take another one",
		name+" は壊れているか、途中で切れているか、バックアップではありません。別のものを使ってください")
}

func (p *program) restore() *cobra.Command {
	var data string
	var check bool
	cmd := p.command(about{
		use:   "restore FILE",
		short: abi.Text{EN: "Make a data folder's store from a backup", JA: "バックアップから保存データを復元する"},
		long: abi.Text{
			EN: "Check a backup to its end and make the store of a data folder from it, whole or not at all. The\nhost must not run, and the folder must hold no store yet. What the host did after the backup was\nmade is not in it: platforms may announce it again. Into a new folder copy hooks.json, admin.token\nand vault.key of the old one, and name it as data in musubi.yaml.",
			JA: "バックアップを最後まで確かめたうえで、データフォルダーの保存データを復元します。途中で失敗した場合は\n何も変わりません。ホストは止めておき、保存データのないフォルダーを指定してください。バックアップ後の\n処理は含まれません。新しいフォルダーには元のフォルダーの hooks.json、admin.token、vault.key をコピーし、\nmusubi.yaml の data に指定してください。",
		},
		example: "  musubi restore musubi-2026-01-05.backup --data ./data\n  musubi restore musubi-2026-01-05.backup --check",
	}, func(cmd *cobra.Command, args []string) error { return p.runRestore(cmd, args[0], data, check) })
	cmd.Flags().StringVar(&data, "data", "", p.say("data `folder` to restore to, instead of the configured one", "復元先のデータフォルダー(`folder`)。指定しなければ設定のもの"))
	cmd.Flags().BoolVar(&check, "check", false, p.say("only check the backup", "バックアップを確かめるだけ"))
	return cmd
}

func (p *program) runRestore(cmd *cobra.Command, name, data string, check bool) (err error) {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("opening the backup: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if isFolder(name) {
		return usage(name+" is a folder: give the file that musubi backup wrote", name+" はフォルダーです。musubi backup で作ったファイルを指定してください")
	}
	if data == "" && !check {
		c, err := p.config()
		if err != nil {
			return err
		}
		data = c.Data
	}
	if !check {
		if err := vacant(data); err != nil {
			return err
		}
	}
	sum, err := p.checked(file)
	if err != nil {
		return err
	}
	if check {
		return p.show(sum, func(w *page) {
			w.line(p.say("The backup is whole. Rows: %d, bytes: %d", "バックアップに問題はありません。行 %d、バイト %d"), sum.Rows, sum.Bytes)
		})
	}
	return p.restoreFrom(cmd, file, data)
}

// vacant refuses a data folder that cannot be restored to.
func vacant(data string) error {
	if _, err := os.Stat(data); err == nil && !isFolder(data) {
		return usage(data+" is a file: give a folder with --data", data+" はファイルです。--data でフォルダーを指定してください")
	}
	if !app.Vacant(data) {
		return fault(nil,
			data+" holds a store already: move it away, or give another folder with --data",
			data+" にはすでに保存データがあります。移動するか、--data で別のフォルダーを指定してください")
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (p *program) restoreFrom(cmd *cobra.Command, file *os.File, data string) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("reading the backup: %w", err)
	}
	ctx := host.WithActor(cmd.Context(), host.Actor{Name: p.who()})
	logger := telemetry.NewLogger(p.err, slog.LevelWarn, false)
	sum, err := app.Restore(ctx, data, file, app.Options{Logger: logger, Now: p.now})
	if err != nil {
		return damaged(err, file.Name())
	}
	result := restored{sum, app.Lacking(data)}
	return p.show(result, func(w *page) {
		w.line(p.say("Restored to %s. Rows: %d, bytes: %d", "%s に復元しました。行 %d、バイト %d"), data, sum.Rows, sum.Bytes)
		p.showLacking(w, data, result.Missing)
	})
}

// restored is what restore prints as JSON.
type restored struct {
	app.BackupSummary
	// Missing are files of the data folder that are in no backup and have to be copied.
	Missing []string `json:"missing"`
}

func (p *program) showLacking(w *page, data string, missing []string) {
	if len(missing) > 0 {
		w.line(p.say(
			"Not in a backup: %s. Copy them from the old data folder to %s before the host starts: otherwise the addresses\nof webhooks and the admin token are new ones, and the secrets of the vault cannot be opened.",
			"バックアップに含まれないファイル: %s\nホストを起動する前に、元のデータフォルダーから %s にコピーしてください。コピーしないと、Webhookの送り先と\n管理トークンが変わり、保管庫の値を開けなくなります。"),
			strings.Join(missing, ", "), data)
	}
	if c, err := p.config(); err == nil && !sameFolder(c.Data, data) {
		w.line(p.say("Then write in %s: data: %s", "そのうえで %s に data: %s と書いてください。"), p.configFile, data)
	}
}

func sameFolder(a, b string) bool {
	one, err := os.Stat(a)
	other, wrong := os.Stat(b)
	return err == nil && wrong == nil && os.SameFile(one, other)
}
