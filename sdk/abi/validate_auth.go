package abi

import "fmt"

func (v *validator) auth() {
	seen := map[string]bool{}
	for i := range v.manifest.Auth {
		scheme := &v.manifest.Auth[i]
		at := fmt.Sprintf("auth %q", scheme.Name)
		if !isName(scheme.Name, "_") {
			v.fault("%s: the name must be lower-case letters, digits and underscores", at)
		}
		if seen[scheme.Name] {
			v.fault("%s is declared twice", at)
		}
		seen[scheme.Name] = true
		v.authType(at, scheme)
		v.authTemplates(at, scheme)
	}
}

// authType checks that a scheme has what its type needs.
func (v *validator) authType(at string, s *AuthScheme) {
	need := map[string]string{}
	switch s.Type {
	case AuthNone:
	case AuthHeader, AuthQuery:
		need = map[string]string{"header": s.Header, "value": s.Value}
	case AuthPath:
		need = map[string]string{"value": s.Value}
	case AuthBasic:
		need = map[string]string{"username": s.Username, "password": s.Password}
	case AuthClientCredentials:
		need = map[string]string{"token_url": s.TokenURL, "client_id": s.ClientID, "client_secret": s.ClientSecret}
	case AuthRefreshToken:
		need = map[string]string{"token_url": s.TokenURL, "client_id": s.ClientID, "refresh_token": s.RefreshToken}
	case AuthJWTBearer, AuthJWTClient:
		need = map[string]string{"token_url": s.TokenURL, "issuer": s.Issuer, "private_key": s.PrivateKey}
	case AuthSignature:
		v.signing(at, s.Signing)
	default:
		v.fault("%s: unknown type %q", at, s.Type)
	}
	for _, field := range []string{
		"header", "value", "username", "password", "token_url", "client_id", "client_secret",
		"refresh_token", "issuer", "private_key",
	} {
		if value, needed := need[field]; needed && value == "" {
			v.fault("%s: %s is missing", at, field)
		}
	}
}

func (v *validator) authTemplates(at string, s *AuthScheme) {
	v.template(at+": header", s.Header, false)
	v.template(at+": value", s.Value, true, "access_token", "credentials")
	v.template(at+": token_url", s.TokenURL, false)
	for _, text := range []string{
		s.Username, s.Password, s.ClientID, s.ClientSecret, s.Scope, s.RefreshToken,
		s.Issuer, s.Subject, s.Audience, s.PrivateKey, s.KeyID,
	} {
		v.template(at, text, true)
	}
	for name, text := range s.Params {
		v.template(at+": params."+name, text, true)
	}
	for name, claim := range s.Claims {
		if text, ok := claim.(string); ok {
			v.template(at+": claims."+name, text, true)
		}
	}
}
