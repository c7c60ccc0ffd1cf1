package registry

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// PublicKey checks signatures: Ed25519, or ECDSA with SHA-256.
type PublicKey struct{ key crypto.PublicKey }

// ParsePublicKey reads a PEM file as cosign and OpenSSL write it.
func ParsePublicKey(text []byte) (PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return PublicKey{}, errors.New("this is no public key in PEM (-----BEGIN PUBLIC KEY-----)")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return PublicKey{}, fmt.Errorf("reading the public key: %w", err)
	}
	switch key.(type) {
	case ed25519.PublicKey, *ecdsa.PublicKey:
		return PublicKey{key}, nil
	default:
		return PublicKey{}, fmt.Errorf("a key of type %T cannot be used: use Ed25519 or ECDSA", key)
	}
}

func (k PublicKey) verify(text, signature []byte) bool {
	switch key := k.key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, text, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(text)
		return ecdsa.VerifyASN1(key, sum[:], signature)
	default:
		return false
	}
}

func signedBy(keys []PublicKey, text, signature []byte) bool {
	for _, k := range keys {
		if k.verify(text, signature) {
			return true
		}
	}
	return false
}

// Signer makes signatures.
type Signer interface {
	sign(text []byte) ([]byte, error)
}

type privateKey struct{ key crypto.Signer }

// ParsePrivateKey reads an Ed25519 or ECDSA key, PKCS #8 in PEM without a passphrase.
func ParsePrivateKey(text []byte) (Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("this is no private key in PEM without a passphrase (-----BEGIN PRIVATE KEY-----)")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the private key: %w", err)
	}
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return privateKey{key}, nil
	case *ecdsa.PrivateKey:
		return privateKey{key}, nil
	default:
		return nil, fmt.Errorf("a key of type %T cannot sign here: use Ed25519 or ECDSA", key)
	}
}

func (k privateKey) sign(text []byte) ([]byte, error) {
	hash := crypto.Hash(0) // Ed25519 signs the text itself
	if _, ok := k.key.(*ecdsa.PrivateKey); ok {
		sum := sha256.Sum256(text)
		hash, text = crypto.SHA256, sum[:]
	}
	signature, err := k.key.Sign(rand.Reader, text, hash)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return signature, nil
}

// NewKey makes an Ed25519 key pair, both halves in PEM.
func NewKey() (private, public []byte, err error) {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		return nil, nil, fmt.Errorf("writing the private key: %w", err)
	}
	open, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, nil, fmt.Errorf("writing the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: open}), nil
}
