package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/registry"
	"github.com/musubi-run/musubi/host/wholefile"
	"github.com/musubi-run/musubi/sdk/abi"
)

// pulledPlugin is what plugin pull prints as JSON.
type pulledPlugin struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	File    string `json:"file"`
	Source  string `json:"source"`
	Signed  bool   `json:"signed"`
}

func (p *program) pluginPull() *cobra.Command {
	var dir string
	var plain, unsigned bool
	cmd := p.command(about{
		use:   "pull REFERENCE",
		short: abi.Text{EN: "Fetch a plugin from an OCI registry", JA: "OCIレジストリからプラグインを取得する"},
		long: abi.Text{
			EN: "Fetch a plugin into the plugins folder. Its bytes are checked against their digest, and its signature\nagainst plugin_keys of musubi.yaml, in the form that cosign writes. A host runs it after its next start,\nonce musubi plugin accept has accepted it. Logins are those of docker login.",
			JA: "プラグインをプラグインのフォルダーに取得します。内容はダイジェストで、署名は musubi.yaml の plugin_keys\nで確かめます(cosignの形式)。musubi plugin accept で承認し、ホストを起動し直すと使われます。\nレジストリの認証には docker login の情報を使います。",
		},
		example: "  musubi plugin pull registry.example.com/musubi/ecforce:1.0.0",
	}, func(cmd *cobra.Command, args []string) error {
		c, err := p.config()
		if err != nil {
			return err
		}
		if dir == "" {
			dir = c.Plugins
		}
		keys, err := publicKeys(c.PluginKeys)
		if err != nil {
			return err
		}
		if len(keys) == 0 && !unsigned {
			return fault(nil, "musubi.yaml has no plugin_keys, so nobody can tell who made this plugin: add the maker's public key there, or use --unsigned",
				"musubi.yaml に plugin_keys がないため、作成者を確かめられません。作成者の公開鍵を指定するか、--unsigned を付けてください")
		}
		pulled, err := p.pull(cmd.Context(), args[0], dir, keys, registry.Options{PlainHTTP: plain})
		if err != nil {
			return err
		}
		return p.show(pulled, func(w *page) {
			w.line(p.say("%s %s is in %s. See what it can reach: musubi plugin accept", "%s %s を %s に保存しました。届く先を確かめる: musubi plugin accept"),
				pulled.ID, pulled.Version, pulled.File)
		})
	})
	cmd.Flags().StringVarP(&dir, "output", "o", "", p.say("another `folder` than the configured one", "設定とは別のフォルダー(`folder`)"))
	cmd.Flags().BoolVar(&plain, "plain-http", false, p.say("talk to the registry without TLS", "TLSなしで接続する"))
	cmd.Flags().BoolVar(&unsigned, "unsigned", false, p.say("take it without a signature when no plugin_keys are configured", "plugin_keys がないとき、署名なしで取得する"))
	return cmd
}

func (p *program) pull(ctx context.Context, reference, dir string, keys []registry.PublicKey, o registry.Options) (*pulledPlugin, error) {
	repository, err := registry.Open(reference, o)
	if err != nil {
		return nil, err
	}
	got, err := repository.Pull(ctx, keys)
	if err != nil {
		return nil, p.notPulled(reference, err)
	}
	file := filepath.Join(dir, got.Manifest.ID+".wasm")
	if err := replaceable(file, reference, got); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for plugins: %w", err)
	}
	if err := wholefile.Replace(file, got.Wasm, 0o644); err != nil {
		return nil, err
	}
	return &pulledPlugin{got.Manifest.ID, got.Manifest.Version, file, got.Source, got.Signed}, nil
}

// replaceable refuses a plugin that the reference does not name, where its file
// would take the place of another one.
func replaceable(file, reference string, got *registry.Pulled) error {
	id := got.Manifest.ID
	repository, _, _ := strings.Cut(got.Source, "@")
	words := strings.NewReplacer("_", "-", ".", "-").Replace(path.Base(repository))
	if strings.Contains("-"+words+"-", "-"+id+"-") {
		return nil
	}
	there, err := os.ReadFile(file) //nolint:gosec // the operator's folder, and a checked name
	if errors.Is(err, fs.ErrNotExist) || bytes.Equal(there, got.Wasm) {
		return nil
	}
	return fault(err, fmt.Sprintf("%s is the plugin %s, which it does not name, and would replace %s: nothing was changed. If that is right, remove the file first", reference, id, file),
		fmt.Sprintf("%s の中身は、名前にないプラグイン %s です。%s を置き換えることになるため、何も変更していません。正しければ、先にこのファイルを削除してください", reference, id, file))
}

// notPulled puts what went wrong into words, where they are known.
func (p *program) notPulled(reference string, err error) error {
	for known, text := range map[error]abi.Text{
		registry.ErrNotFound: {EN: "the registry has no %s", JA: "レジストリに %s がありません"},
		registry.ErrNoPlugin: {EN: "%s is no Musubi plugin", JA: "%s はMusubiのプラグインではありません"},
		registry.ErrUnsigned: {EN: "%s is not signed, and plugin_keys demands it: nothing was fetched", JA: "%s には署名がありません(plugin_keys の指定により必要です)。取得しませんでした"},
		registry.ErrWrongKey: {EN: "%s is signed by nobody whose key is in plugin_keys: nothing was fetched", JA: "%s に plugin_keys の鍵による署名がありません。取得しませんでした"},
	} {
		if errors.Is(err, known) {
			return fault(err, fmt.Sprintf(text.EN, reference), fmt.Sprintf(text.JA, reference))
		}
	}
	return err
}

func publicKeys(files []string) ([]registry.PublicKey, error) {
	var keys []registry.PublicKey
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // the operator names the file
		if err != nil {
			return nil, fmt.Errorf("reading a key of plugin_keys: %w", err)
		}
		key, err := registry.ParsePublicKey(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
