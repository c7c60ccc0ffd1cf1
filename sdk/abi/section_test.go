//go:build !wasip1

package abi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk/abi"
)

// bare is the smallest module, with a custom section of another name.
var bare = []byte("\x00asm\x01\x00\x00\x00\x00\x05\x04name")

func manifest() *abi.Manifest {
	return &abi.Manifest{
		ABI: abi.Version, ID: "shop", Version: "1", Title: abi.Text{EN: "Shop"},
		Settings: &abi.Schema{Type: abi.TypeObject}, Hosts: []string{"https://shop.example.com"},
	}
}

func withManifest(t testing.TB, m *abi.Manifest) []byte {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	wasm, err := abi.AppendManifest(bare, text)
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

func TestManifestTravelsInTheModule(t *testing.T) {
	for _, size := range []int{0, 200, 40_000} { // lengths of one, two and three bytes
		want := manifest()
		want.Title.JA = strings.Repeat("店", size)
		wasm := withManifest(t, want)
		if !bytes.HasPrefix(wasm, bare) {
			t.Error("the module itself changed")
		}
		got, err := abi.ReadManifest(wasm)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

func TestAppendManifestRefuses(t *testing.T) {
	if _, err := abi.AppendManifest(withManifest(t, manifest()), []byte(`{}`)); err == nil {
		t.Error("a second manifest was added")
	}
	if _, err := abi.AppendManifest([]byte("MZ"), []byte(`{}`)); !errors.Is(err, abi.ErrNotWasm) {
		t.Errorf("no module: %v", err)
	}
	if _, err := abi.AppendManifest(bare, make([]byte, 5<<20)); err == nil {
		t.Error("a manifest of 5 MiB was added")
	}
}

func TestReadManifestRefuses(t *testing.T) {
	section := func(content string) []byte { return append(bytes.Clone(bare), content...) }
	named := func(text string) string {
		body := "\x0fmusubi.manifest" + text
		return "\x00" + string(rune(len(body))) + body
	}
	cases := []struct {
		name string
		wasm []byte
		want string
	}{
		{"empty", nil, "not a WebAssembly module"},
		{"other version", []byte("\x00asm\x02\x00\x00\x00"), "not a WebAssembly module"},
		{"none", bare, "has no musubi.manifest section"},
		{"section cut", section("\x00\x50"), "not a WebAssembly module"},
		{"endless length", section("\x00\xff\xff\xff\xff\xff\x01"), "not a WebAssembly module"},
		{"length over 32 bits", section("\x00\xff\xff\xff\xff\x7f"), "not a WebAssembly module"},
		{"name longer than section", section("\x00\x02\x50a"), "not a WebAssembly module"},
		{"two", section(named(`{}`) + named(`{}`)), "has two musubi.manifest sections"},
		{"no JSON", section(named(`nonsense`)), "decoding section musubi.manifest"},
		{"invalid", section(named(`{"abi":"musubi/9"}`)), `abi is "musubi/9", this host speaks "musubi/1"`},
	}
	for _, c := range cases {
		_, err := abi.ReadManifest(c.wasm)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestPlainAndCompressedManifestsAreRead(t *testing.T) {
	const plain = `{"abi":"musubi/1","id":"a","version":"1","title":{"en":"A"},"settings":{"type":"object"},"hosts":[]}`
	section := append([]byte{0, byte(len(plain) + 16), 15}, "musubi.manifest"+plain...)
	if m, err := abi.ReadManifest(append(bytes.Clone(bare), section...)); err != nil || m.ID != "a" {
		t.Errorf("plain: %+v, %v", m, err)
	}
	bomb, err := abi.AppendManifest(bare, bytes.Repeat([]byte(" "), 4<<20))
	if err != nil || len(bomb) > 10_000 {
		t.Fatalf("%d bytes, %v", len(bomb), err)
	}
	if _, err := abi.ReadManifest(bomb); err == nil || !strings.Contains(err.Error(), "ends too early") {
		t.Errorf("four megabytes of blanks: %v", err)
	}
	if _, err := abi.ReadManifest(bomb[:len(bomb)-3]); err == nil {
		t.Error("a cut section was read")
	}
}

func FuzzReadManifest(f *testing.F) {
	f.Add(bare)
	f.Add(withManifest(f, manifest()))
	f.Fuzz(func(t *testing.T, wasm []byte) {
		m, err := abi.ReadManifest(wasm)
		if err == nil && m.Validate() != nil {
			t.Errorf("an invalid manifest was returned: %+v", m)
		}
	})
}
