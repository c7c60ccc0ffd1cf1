package config

import (
	"slices"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (k *checker) secrets(c *Connection, m *abi.Manifest, path string) {
	path = join(path, "secrets")
	names := make([]string, len(m.Secrets))
	for i, s := range m.Secrets {
		names[i] = s.Name
	}
	meant := map[string]bool{}
	for name := range c.Secrets {
		if !slices.Contains(names, name) {
			meant[diag.Closest(name, names)] = true
			k.keyFault("unknown-secret", join(path, name), unknownAmong(name, names, abi.Text{EN: "secret", JA: "秘密の値"}))
		}
	}
	for _, s := range Demanded(m, c.Auth) {
		if _, given := c.Secrets[s.Name]; !given && !meant[s.Name] {
			k.fault("missing-secret", join(path, s.Name), say(
				"%[1]s needs this secret (%[2]s): write %[3]s: env:NAME",
				"%[1]sにはこの秘密の値が必要です(%[4]s)。%[3]s: env:変数名 のように書いてください",
				m.ID, s.Doc.EN, s.Name, diag.Japanese.Pick(s.Doc)))
		}
	}
}

// Demanded returns the secrets that a connection with this way to authenticate
// must have: those of that way, those that belong to no way in particular,
// and those of signatures that are not optional.
func Demanded(m *abi.Manifest, auth string) []abi.Secret {
	var chosen, others []string
	picked := scheme(m, auth)
	for i := range m.Auth {
		if s := &m.Auth[i]; s == picked {
			chosen = append(chosen, mentioned(s)...)
		} else {
			others = append(others, mentioned(s)...)
		}
	}
	return slices.DeleteFunc(slices.Clone(m.Secrets), func(s abi.Secret) bool {
		if demandedBySignature(m, s.Name) {
			return false
		}
		return s.Optional || !slices.Contains(chosen, s.Name) && slices.Contains(others, s.Name)
	})
}

func demandedBySignature(m *abi.Manifest, secret string) bool {
	return m.Webhook != nil && slices.ContainsFunc(m.Webhook.Signatures, func(s abi.Signature) bool {
		return s.Secret == secret && !s.Optional
	})
}

// mentioned returns the names in braces of a scheme's texts.
func mentioned(s *abi.AuthScheme) []string {
	var names []string
	for _, text := range []string{
		s.Value, s.Username, s.Password, s.TokenURL, s.ClientID, s.ClientSecret, s.Scope,
		s.RefreshToken, s.Issuer, s.Subject, s.Audience, s.PrivateKey, s.KeyID,
	} {
		names = append(names, abi.Placeholders(text)...)
	}
	for _, text := range s.Signing.Texts() {
		names = append(names, abi.Placeholders(text)...)
	}
	for _, text := range s.Params {
		names = append(names, abi.Placeholders(text)...)
	}
	for _, claim := range s.Claims {
		if text, ok := claim.(string); ok {
			names = append(names, abi.Placeholders(text)...)
		}
	}
	return names
}
