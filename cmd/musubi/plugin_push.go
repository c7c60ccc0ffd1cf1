package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/registry"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) pluginPush() *cobra.Command {
	var keyFile string
	var plain bool
	cmd := p.command(about{
		use:   "push FILE REFERENCE",
		short: abi.Text{EN: "Put a plugin into an OCI registry, signed", JA: "プラグインに署名してOCIレジストリに置く"},
		long: abi.Text{
			EN: "Put a plugin into an OCI registry and sign it, in the form that cosign verifies. Who pulls it gives the\npublic key in plugin_keys of musubi.yaml. Logins are those of docker login.",
			JA: "プラグインをOCIレジストリに置き、署名します(cosignで検証できる形式)。取得する側は musubi.yaml の\nplugin_keys に公開鍵を指定します。レジストリの認証には docker login の情報を使います。",
		},
		example: "  musubi plugin keygen vendor.key\n  musubi plugin push plugins.d/ecforce.wasm registry.example.com/musubi/ecforce:1.0.0 --key vendor.key",
	}, func(cmd *cobra.Command, args []string) error {
		source, err := push(cmd.Context(), args[0], args[1], keyFile, registry.Options{PlainHTTP: plain})
		if err != nil {
			return err
		}
		return p.show(map[string]any{"source": source, "signed": keyFile != ""}, func(w *page) { w.line("%s", source) })
	})
	cmd.ValidArgsFunction = nil
	cmd.Flags().StringVar(&keyFile, "key", "", p.say("`file` with the private key to sign with", "署名に使う秘密鍵のファイル(`file`)"))
	cmd.Flags().BoolVar(&plain, "plain-http", false, p.say("talk to the registry without TLS", "TLSなしで接続する"))
	return cmd
}

func push(ctx context.Context, file, reference, keyFile string, o registry.Options) (source string, err error) {
	wasm, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return "", fmt.Errorf("reading plugin: %w", err)
	}
	var key registry.Signer
	if keyFile != "" {
		text, err := os.ReadFile(keyFile) //nolint:gosec // the operator names the file
		if err != nil {
			return "", fmt.Errorf("reading the key: %w", err)
		}
		if key, err = registry.ParsePrivateKey(text); err != nil {
			return "", fmt.Errorf("%s: %w", keyFile, err)
		}
	}
	repository, err := registry.Open(reference, o)
	if err != nil {
		return "", err
	}
	return repository.Push(ctx, wasm, key)
}

func (p *program) pluginKeygen() *cobra.Command {
	return p.command(about{
		use:   "keygen FILE",
		short: abi.Text{EN: "Make a key to sign plugins with", JA: "プラグインに署名するための鍵を作る"},
		long: abi.Text{
			EN: "Make an Ed25519 key: FILE holds the private half, FILE.pub the public one, both PEM. An existing file stays.",
			JA: "Ed25519の鍵を作ります。FILE が秘密鍵、FILE.pub が公開鍵です(どちらもPEM)。既存のファイルは上書きしません。",
		},
		example: "  musubi plugin keygen vendor.key",
	}, func(_ *cobra.Command, args []string) error {
		private, public, err := registry.NewKey()
		if err != nil {
			return err
		}
		for _, half := range []struct {
			file string
			text []byte
			mode os.FileMode
		}{{args[0], private, 0o600}, {args[0] + ".pub", public, 0o644}} {
			if err := writeNew(half.file, half.text, half.mode); err != nil {
				return err
			}
		}
		return p.show(map[string]string{"private": args[0], "public": args[0] + ".pub"}, func(w *page) {
			w.line(p.say("Keep %s secret; give %s.pub to those who pull.", "%s は秘密にし、%s.pub を取得する側に渡してください。"), args[0], args[0])
		})
	})
}

// writeNew writes a file that is not there yet.
func writeNew(file string, text []byte, mode os.FileMode) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode) //nolint:gosec // the operator names the file
	if errors.Is(err, fs.ErrExist) {
		return fault(err, file+" is there already: give another name", file+" はすでにあります。別の名前を指定してください")
	}
	if err != nil {
		return fmt.Errorf("writing the key: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the key: %w", err)
	}
	return nil
}
