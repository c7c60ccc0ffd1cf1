package egress

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
)

// jwk is an RSA private key as RFC 7518 writes it, base64url without padding.
type jwk struct {
	Type string `json:"kty"`
	N    string `json:"n"`
	E    string `json:"e"`
	D    string `json:"d"`
	P    string `json:"p"`
	Q    string `json:"q"`
}

// parseJWK reads an RSA private key in JWK. No error quotes it.
func parseJWK(text string) (*rsa.PrivateKey, error) {
	var k jwk
	if json.Unmarshal([]byte(text), &k) != nil || k.Type != "RSA" {
		return nil, errors.New("the private key, JSON, is no JWK of an RSA key and has no \"private_key\" in PEM")
	}
	numbers := map[string]*big.Int{}
	for name, value := range map[string]string{"n": k.N, "e": k.E, "d": k.D, "p": k.P, "q": k.Q} {
		bytes, err := base64.RawURLEncoding.DecodeString(value)
		if err != nil || len(bytes) == 0 {
			return nil, fmt.Errorf("the private key, a JWK, has no proper %q", name)
		}
		numbers[name] = new(big.Int).SetBytes(bytes)
	}
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: numbers["n"], E: int(numbers["e"].Int64())},
		D:         numbers["d"], Primes: []*big.Int{numbers["p"], numbers["q"]},
	}
	key.Precompute()
	if err := key.Validate(); err != nil {
		return nil, errors.New("the private key, a JWK, is no valid RSA key")
	}
	return key, nil
}
