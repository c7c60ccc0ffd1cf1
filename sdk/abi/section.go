//go:build !wasip1

package abi

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/musubi-run/musubi/sdk/internal/codec"
)

// A plugin never reads a module, so none of this is part of one.

const (
	wasmMagic     = "\x00asm\x01\x00\x00\x00"
	customSection = 0
	// maxManifest bounds what is decoded from a file that anybody may have written.
	maxManifest = 4 << 20
	gzipMagic   = "\x1f\x8b"
)

var (
	// ErrNotWasm is returned for bytes that are not a WebAssembly module of version 1.
	ErrNotWasm = errors.New("not a WebAssembly module")
	// ErrNoManifest is returned for a module that carries no manifest.
	ErrNoManifest = errors.New("the module has no " + ManifestSection + " section: build it with 'musubi plugin build'")
)

// ReadManifest reads the manifest that a plugin carries, without running
// anything. It checks the ABI and the manifest as [Manifest.Validate] does.
func ReadManifest(wasm []byte) (*Manifest, error) {
	text, err := manifestSection(wasm)
	if err != nil {
		return nil, err
	}
	var m Manifest
	if err := codec.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("decoding section %s: %w", ManifestSection, err)
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return &m, nil
}

// AppendManifest returns wasm with manifest, JSON, as its custom section,
// compressed: schemas repeat themselves. A module that has one already is
// refused: which of two counts must never be a question.
func AppendManifest(wasm, manifest []byte) ([]byte, error) {
	_, err := manifestSection(wasm)
	if err == nil {
		return nil, fmt.Errorf("the module has a %s section already", ManifestSection)
	}
	if !errors.Is(err, ErrNoManifest) {
		return nil, err
	}
	if _, err := withinLimit(manifest); err != nil {
		return nil, err
	}
	if manifest, err = compress(manifest); err != nil {
		return nil, err
	}
	name := appendULEB(nil, len(ManifestSection))
	name = append(name, ManifestSection...)
	out := make([]byte, 0, len(wasm)+len(name)+len(manifest)+8)
	out = append(append(out, wasm...), customSection)
	out = appendULEB(out, len(name)+len(manifest))
	return append(append(out, name...), manifest...), nil
}

// manifestSection returns the content of the one manifest section of wasm.
func manifestSection(wasm []byte) ([]byte, error) {
	if len(wasm) < len(wasmMagic) || string(wasm[:len(wasmMagic)]) != wasmMagic {
		return nil, ErrNotWasm
	}
	var found []byte
	for rest := wasm[len(wasmMagic):]; len(rest) > 0; {
		id := rest[0]
		body, next, ok := cutSized(rest[1:])
		if !ok {
			return nil, ErrNotWasm
		}
		rest = next
		if id != customSection {
			continue
		}
		name, content, ok := cutSized(body)
		if !ok {
			return nil, ErrNotWasm
		}
		if string(name) != ManifestSection {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("the module has two %s sections", ManifestSection)
		}
		found = content
	}
	return manifestText(found)
}

// manifestText returns the JSON in a section, which is compressed or plain.
func manifestText(section []byte) ([]byte, error) {
	if section == nil {
		return nil, ErrNoManifest
	}
	if !bytes.HasPrefix(section, []byte(gzipMagic)) {
		return withinLimit(section)
	}
	r, err := gzip.NewReader(bytes.NewReader(section))
	if err != nil {
		return nil, fmt.Errorf("decompressing section %s: %w", ManifestSection, err)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("decompressing section %s: %w", ManifestSection, err)
	}
	return withinLimit(text)
}

func withinLimit(text []byte) ([]byte, error) {
	if len(text) > maxManifest {
		return nil, fmt.Errorf("the manifest is longer than %d bytes", maxManifest)
	}
	return text, nil
}

// compress gives the same bytes for the same text: the header holds no name and no time.
func compress(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(text)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// cutSized cuts a length (u32, LEB128) and that many bytes off the front.
func cutSized(b []byte) (body, rest []byte, ok bool) {
	size, b, ok := cutULEB(b)
	if !ok || size > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:size:size], b[size:], true
}

func cutULEB(b []byte) (value uint64, rest []byte, ok bool) {
	for i := 0; i < len(b) && i < 5; i++ {
		value |= uint64(b[i]&0x7f) << (7 * i)
		if b[i]&0x80 == 0 {
			return value, b[i+1:], value <= 0xffffffff
		}
	}
	return 0, nil, false
}

func appendULEB(b []byte, value int) []byte {
	for value >= 0x80 {
		b = append(b, byte(value&0x7f)|0x80)
		value >>= 7
	}
	return append(b, byte(value))
}
