// Package registry fetches plugins from an OCI registry, and puts them there.
// What it fetches it has checked: every byte against its digest and, where
// keys are given, the digest against a signature in the form that cosign
// writes, so that either tool signs for the other.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
	"oras.land/oras-go/v2/registry/remote/retry"

	"github.com/musubi-run/musubi/sdk/abi"
)

// The media types of a plugin in a registry.
const (
	artifactType = "application/vnd.musubi.plugin.v1"
	wasmType     = "application/wasm"
	manifestType = "application/vnd.musubi.plugin.manifest.v1+json"
)

// maxPlugin bounds what is fetched, in bytes.
const maxPlugin = 64 << 20

// Errors that a caller can tell apart.
var (
	ErrNotFound = errors.New("the registry has no such plugin")
	ErrNoPlugin = errors.New("what lies there is no Musubi plugin")
	ErrUnsigned = errors.New("the plugin has no signature")
	ErrWrongKey = errors.New("no pinned key has made any of the plugin's signatures")
)

// Options say how the registry is reached.
type Options struct {
	// PlainHTTP is for registries on this machine or in a closed network.
	PlainHTTP bool
	// Client sends the requests; nil means one that repeats what failed in passing.
	Client *http.Client
	// Anonymous ignores the credentials that "docker login" and its like have stored.
	Anonymous bool
}

// Repository is where the versions of one plugin lie.
type Repository struct {
	remote *remote.Repository
	tag    string
}

// Open returns the place that a reference such as
// "registry.example.com/musubi/ecforce:1.0.0" names; a digest may stand for the tag.
func Open(reference string, o Options) (*Repository, error) {
	repository, err := remote.NewRepository(strings.TrimPrefix(reference, "oci://"))
	if err != nil {
		return nil, fmt.Errorf("%q is no address of a plugin such as registry.example.com/musubi/ecforce:1.0.0: %w", reference, err)
	}
	if repository.Reference.Reference == "" {
		return nil, fmt.Errorf("%s names no version: add one, such as :1.0.0", reference)
	}
	client := &auth.Client{Client: o.Client, Cache: auth.NewCache()}
	if client.Client == nil {
		client.Client = retry.DefaultClient
	}
	if !o.Anonymous {
		store, err := credentials.NewStoreFromDocker(credentials.StoreOptions{})
		if err != nil {
			return nil, fmt.Errorf("reading the stored logins of registries: %w", err)
		}
		client.Credential = credentials.Credential(store)
	}
	repository.Client, repository.PlainHTTP = client, o.PlainHTTP
	return &Repository{remote: repository, tag: repository.Reference.Reference}, nil
}

// Pulled is a plugin as a registry had it.
type Pulled struct {
	Wasm     []byte
	Manifest *abi.Manifest
	// Source is the reference with the digest, which always names these bytes.
	Source string
	// Signed says that one of the keys has signed it.
	Signed bool
}

// Pull fetches the plugin. With keys it must be signed by one of them.
func (r *Repository) Pull(ctx context.Context, keys []PublicKey) (*Pulled, error) {
	described, manifest, err := r.describe(ctx)
	if err != nil {
		return nil, err
	}
	if len(keys) > 0 {
		if err := r.verify(ctx, described, keys); err != nil {
			return nil, err
		}
	}
	layer, err := wasmLayer(manifest)
	if err != nil {
		return nil, err
	}
	wasm, err := content.FetchAll(ctx, r.remote, layer)
	if err != nil {
		return nil, fmt.Errorf("fetching the plugin: %w", err)
	}
	p := &Pulled{Wasm: wasm, Source: r.name() + "@" + described.Digest.String(), Signed: len(keys) > 0}
	if p.Manifest, err = abi.ReadManifest(wasm); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPlugin, err)
	}
	return p, nil
}

// name is the repository without tag or digest.
func (r *Repository) name() string {
	return r.remote.Reference.Registry + "/" + r.remote.Reference.Repository
}

// describe fetches the manifest that the tag names.
func (r *Repository) describe(ctx context.Context) (ocispec.Descriptor, *ocispec.Manifest, error) {
	described, err := r.remote.Resolve(ctx, r.tag)
	if errors.Is(err, errdef.ErrNotFound) {
		return described, nil, fmt.Errorf("%w: %s:%s", ErrNotFound, r.name(), r.tag)
	}
	if err != nil {
		return described, nil, fmt.Errorf("asking the registry for %s: %w", r.tag, err)
	}
	manifest, err := r.manifest(ctx, described)
	return described, manifest, err
}

// wasmLayer finds the one layer that is a plugin.
func wasmLayer(m *ocispec.Manifest) (ocispec.Descriptor, error) {
	if len(m.Layers) != 1 || m.Layers[0].MediaType != wasmType {
		return ocispec.Descriptor{}, fmt.Errorf("%w: it has %d layers, not one of type %s", ErrNoPlugin, len(m.Layers), wasmType)
	}
	if m.Layers[0].Size > maxPlugin {
		return ocispec.Descriptor{}, fmt.Errorf("%w: %d bytes are too many, %d are allowed", ErrNoPlugin, m.Layers[0].Size, maxPlugin)
	}
	return m.Layers[0], nil
}

// Push puts a plugin under the reference and, with a key, signs it. It returns
// the reference with the digest.
func (r *Repository) Push(ctx context.Context, wasm []byte, key Signer) (source string, err error) {
	manifest, err := manifestText(wasm)
	if err != nil {
		return "", err
	}
	layer, err := oras.PushBytes(ctx, r.remote, wasmType, wasm)
	if err != nil {
		return "", fmt.Errorf("sending the plugin: %w", err)
	}
	config, err := oras.PushBytes(ctx, r.remote, manifestType, manifest)
	if err != nil {
		return "", fmt.Errorf("sending the plugin's manifest: %w", err)
	}
	described, err := oras.PackManifest(ctx, r.remote, oras.PackManifestVersion1_1, artifactType, oras.PackManifestOptions{
		Layers: []ocispec.Descriptor{layer}, ConfigDescriptor: &config,
		ManifestAnnotations: map[string]string{ocispec.AnnotationCreated: epoch},
	})
	if err != nil {
		return "", fmt.Errorf("describing the plugin: %w", err)
	}
	if key != nil {
		if err := r.sign(ctx, described, key); err != nil {
			return "", err
		}
	}
	if err := r.remote.Tag(ctx, described, r.tag); err != nil {
		return "", fmt.Errorf("naming the plugin %s: %w", r.tag, err)
	}
	return r.name() + "@" + described.Digest.String(), nil
}

// epoch stands for the time of every push, so that the same plugin has the same digest.
const epoch = "1970-01-01T00:00:00Z"

func manifestText(wasm []byte) ([]byte, error) {
	m, err := abi.ReadManifest(wasm)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPlugin, err)
	}
	return encode(m)
}

// manifest fetches and reads an OCI manifest.
func (r *Repository) manifest(ctx context.Context, described ocispec.Descriptor) (*ocispec.Manifest, error) {
	if described.Size > maxText {
		return nil, fmt.Errorf("%w: its description has %d bytes", ErrNoPlugin, described.Size)
	}
	text, err := content.FetchAll(ctx, r.remote, described)
	if err != nil {
		return nil, fmt.Errorf("fetching the description of the plugin: %w", err)
	}
	var m ocispec.Manifest
	if err := decode(text, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPlugin, err)
	}
	return &m, nil
}
