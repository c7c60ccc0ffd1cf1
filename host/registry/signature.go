package registry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
)

// Signatures lie where cosign puts them: under the tag sha256-<digest>.sig, each
// a layer that holds what was signed, with the signature in an annotation.
const (
	payloadType         = "application/vnd.dev.cosign.simplesigning.v1+json"
	signatureAnnotation = "dev.cosignproject.cosign/signature"
	payloadKind         = "cosign container image signature"
)

// maxText bounds manifests and payloads, maxSignatures how many are looked at.
const (
	maxText       = 1 << 20
	maxSignatures = 64
)

// payload is what is signed: that this digest is of this repository.
type payload struct {
	Critical struct {
		Identity struct {
			Reference string `json:"docker-reference"`
		} `json:"identity"`
		Image struct {
			Digest digest.Digest `json:"docker-manifest-digest"`
		} `json:"image"`
		Type string `json:"type"`
	} `json:"critical"`
	Optional map[string]any `json:"optional"`
}

func signatureTag(d digest.Digest) string { return strings.Replace(d.String(), ":", "-", 1) + ".sig" }

// sign adds a signature to those that the plugin has.
func (r *Repository) sign(ctx context.Context, described ocispec.Descriptor, key Signer) error {
	var p payload
	p.Critical.Identity.Reference, p.Critical.Image.Digest, p.Critical.Type = r.name(), described.Digest, payloadKind
	text, err := encode(p)
	if err != nil {
		return err
	}
	signature, err := key.sign(text)
	if err != nil {
		return err
	}
	layer, err := oras.PushBytes(ctx, r.remote, payloadType, text)
	if err != nil {
		return fmt.Errorf("sending what was signed: %w", err)
	}
	layer.Annotations = map[string]string{signatureAnnotation: base64.StdEncoding.EncodeToString(signature)}
	layers, err := r.signatures(ctx, described.Digest)
	if err != nil && !errors.Is(err, ErrUnsigned) {
		return err
	}
	signed, err := oras.PackManifest(ctx, r.remote, oras.PackManifestVersion1_0, ocispec.MediaTypeImageConfig, oras.PackManifestOptions{
		Layers: append(layers, layer), ManifestAnnotations: map[string]string{ocispec.AnnotationCreated: epoch},
	})
	if err != nil {
		return fmt.Errorf("sending the signature: %w", err)
	}
	if err := r.remote.Tag(ctx, signed, signatureTag(described.Digest)); err != nil {
		return fmt.Errorf("naming the signature: %w", err)
	}
	return nil
}

// signatures lists the signatures of a digest.
func (r *Repository) signatures(ctx context.Context, of digest.Digest) ([]ocispec.Descriptor, error) {
	described, err := r.remote.Resolve(ctx, signatureTag(of))
	if errors.Is(err, errdef.ErrNotFound) {
		return nil, ErrUnsigned
	}
	if err != nil {
		return nil, fmt.Errorf("asking for the plugin's signature: %w", err)
	}
	m, err := r.manifest(ctx, described)
	if err != nil {
		return nil, err
	}
	return m.Layers[:min(len(m.Layers), maxSignatures)], nil
}

// verify looks for a signature by one of the keys.
func (r *Repository) verify(ctx context.Context, described ocispec.Descriptor, keys []PublicKey) error {
	layers, err := r.signatures(ctx, described.Digest)
	if err != nil {
		return err
	}
	for _, layer := range layers {
		if layer.MediaType != payloadType || layer.Size > maxText {
			continue
		}
		signature, err := base64.StdEncoding.DecodeString(layer.Annotations[signatureAnnotation])
		if err != nil {
			continue // not one that any key has made
		}
		text, err := content.FetchAll(ctx, r.remote, layer)
		if err != nil {
			return fmt.Errorf("fetching what was signed: %w", err)
		}
		if signedBy(keys, text, signature) && r.means(text, described.Digest) {
			return nil
		}
	}
	return ErrWrongKey
}

// means says whether what was signed is about this digest.
func (r *Repository) means(text []byte, d digest.Digest) bool {
	var p payload
	return decode(text, &p) == nil && p.Critical.Image.Digest == d && p.Critical.Type == payloadKind
}

func encode(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing JSON for the registry: %w", err)
	}
	return text, nil
}

func decode(text []byte, v any) error {
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("reading the registry's JSON: %w", err)
	}
	return nil
}
