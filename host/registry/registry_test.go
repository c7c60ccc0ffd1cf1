package registry

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	server "github.com/google/go-containerregistry/pkg/registry"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"

	"github.com/musubi-run/musubi/sdk/abi"
)

// plugin is the smallest module that has a manifest.
func plugin(t *testing.T, version string) []byte {
	t.Helper()
	manifest := `{"abi":"musubi/1","id":"shop","version":"` + version + `","title":{"en":"Shop"},"settings":{"type":"object"},"hosts":[]}`
	wasm, err := abi.AppendManifest([]byte("\x00asm\x01\x00\x00\x00"), []byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// place starts a registry and opens a place in it. meddle, unless nil, sees every request first.
func place(t *testing.T, tag string, meddle func(http.Handler) http.Handler) *Repository {
	t.Helper()
	handler := server.New(server.Logger(log.New(io.Discard, "", 0)))
	if meddle != nil {
		handler = meddle(handler)
	}
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return open(t, strings.TrimPrefix(s.URL, "http://")+"/musubi/shop:"+tag)
}

func open(t *testing.T, reference string) *Repository {
	t.Helper()
	r, err := Open(reference, Options{PlainHTTP: true, Anonymous: true, Client: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

type pair struct {
	signer Signer
	public PublicKey
}

func newPair(t *testing.T, private, public []byte) pair {
	t.Helper()
	signer, err := ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParsePublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return pair{signer, key}
}

func ed25519Pair(t *testing.T) pair {
	t.Helper()
	private, public, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return newPair(t, private, public)
}

func ecdsaPair(t *testing.T) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return newPair(t, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
}

func TestSignedPluginsArePulled(t *testing.T) {
	for name, keys := range map[string]pair{"Ed25519": ed25519Pair(t), "ECDSA": ecdsaPair(t)} {
		t.Run(name, func(t *testing.T) {
			r, wasm := place(t, "1.0.0", nil), plugin(t, "1.0.0")
			source, err := r.Push(t.Context(), wasm, keys.signer)
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Pull(t.Context(), []PublicKey{ed25519Pair(t).public, keys.public})
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Wasm) != string(wasm) || got.Source != source || !got.Signed || got.Manifest.ID != "shop" {
				t.Errorf("got %+v", got)
			}
			again, err := open(t, source).Pull(t.Context(), []PublicKey{keys.public})
			if err != nil || string(again.Wasm) != string(wasm) {
				t.Errorf("by digest: %+v, %v", again, err)
			}
		})
	}
}

func TestWhatNobodyTrustedSignedIsRefused(t *testing.T) {
	r, stranger, trusted := place(t, "1.0.0", nil), ed25519Pair(t), ed25519Pair(t)
	pull := func() error {
		_, err := r.Pull(t.Context(), []PublicKey{trusted.public})
		return err
	}
	if err := pull(); !errors.Is(err, ErrNotFound) {
		t.Errorf("before the push: %v", err)
	}
	push(t, r, plugin(t, "1.0.0"), nil)
	if err := pull(); !errors.Is(err, ErrUnsigned) {
		t.Errorf("without a signature: %v", err)
	}
	push(t, r, plugin(t, "1.0.0"), stranger.signer)
	if err := pull(); !errors.Is(err, ErrWrongKey) {
		t.Errorf("signed by a stranger: %v", err)
	}
	push(t, r, plugin(t, "1.0.0"), trusted.signer)
	if err := pull(); err != nil {
		t.Errorf("signed by both: %v", err)
	}
}

func push(t *testing.T, r *Repository, wasm []byte, key Signer) string {
	t.Helper()
	source, err := r.Push(t.Context(), wasm, key)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// TestSignatureOfAnotherPluginIsRefused: the signature is right, but not of this plugin.
func TestSignatureOfAnotherPluginIsRefused(t *testing.T) {
	ctx, r, keys := t.Context(), place(t, "1.0.0", nil), ed25519Pair(t)
	push(t, r, plugin(t, "1.0.0"), keys.signer)
	signed, err := r.remote.Resolve(ctx, "1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	push(t, r, plugin(t, "6.6.6"), nil)
	forged, err := r.remote.Resolve(ctx, "1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := oras.Tag(ctx, r.remote, signatureTag(signed.Digest), signatureTag(forged.Digest)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Pull(ctx, []PublicKey{keys.public}); !errors.Is(err, ErrWrongKey) {
		t.Errorf("got %v", err)
	}
}

// TestBytesThatAreNotTheDigestsAreRefused: the registry lies about the layer.
func TestBytesThatAreNotTheDigestsAreRefused(t *testing.T) {
	lying := false
	r := place(t, "1.0.0", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if lying && strings.Contains(q.URL.Path, "/blobs/") && q.Method == http.MethodGet {
				recorded := httptest.NewRecorder()
				next.ServeHTTP(recorded, q)
				body := recorded.Body.Bytes()
				body[len(body)-1] ^= 1
				_, _ = w.Write(body)
				return
			}
			next.ServeHTTP(w, q)
		})
	})
	push(t, r, plugin(t, "1.0.0"), nil)
	lying = true
	if got, err := r.Pull(t.Context(), nil); err == nil {
		t.Errorf("got %+v", got)
	}
}

func TestOnlyPluginsArePulled(t *testing.T) {
	ctx, r := t.Context(), place(t, "1.0.0", nil)
	pushImage(ctx, t, r, ocispec.MediaTypeImageLayer, "layer")
	if _, err := r.Pull(ctx, nil); !errors.Is(err, ErrNoPlugin) {
		t.Errorf("an image: %v", err)
	}
	pushImage(ctx, t, r, wasmType, "\x00asm\x01\x00\x00\x00")
	if _, err := r.Pull(ctx, nil); !errors.Is(err, ErrNoPlugin) {
		t.Errorf("wasm without a manifest: %v", err)
	}
	if _, err := r.Push(ctx, []byte("no wasm"), nil); !errors.Is(err, ErrNoPlugin) {
		t.Errorf("pushing what is no plugin: %v", err)
	}
}

func pushImage(ctx context.Context, t *testing.T, r *Repository, mediaType, bytes string) {
	t.Helper()
	layer, err := oras.PushBytes(ctx, r.remote, mediaType, []byte(bytes))
	if err != nil {
		t.Fatal(err)
	}
	image, err := oras.PackManifest(ctx, r.remote, oras.PackManifestVersion1_1, "application/vnd.example", oras.PackManifestOptions{Layers: []ocispec.Descriptor{layer}})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.remote.Tag(ctx, image, r.tag); err != nil {
		t.Fatal(err)
	}
}

func TestReferencesWithoutVersionAreRefused(t *testing.T) {
	for _, reference := range []string{"registry.example.com/musubi/shop", "shop:1", "", "registry.example.com/UPPER:1"} {
		if _, err := Open(reference, Options{Anonymous: true}); err == nil {
			t.Errorf("%q is accepted", reference)
		}
	}
}

func TestKeysThatAreNone(t *testing.T) {
	private, public, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"nothing": nil, "text": []byte("key"), "broken": []byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), "private": private} {
		if _, err := ParsePublicKey(text); err == nil {
			t.Errorf("%s is a public key", name)
		}
	}
	if _, err := ParsePrivateKey(public); err == nil {
		t.Error("a public key signs")
	}
}
