package sdk

import "github.com/musubi-run/musubi/sdk/abi"

// HeaderAuth is a credential in a header field; value holds secrets in braces, as `Bearer {token}`.
func HeaderAuth(header, value string) abi.AuthScheme {
	return abi.AuthScheme{Name: "header", Type: abi.AuthHeader, Header: header, Value: value}
}

// BasicAuth is HTTP Basic; both parts may hold settings and secrets in braces.
func BasicAuth(username, password string) abi.AuthScheme {
	return abi.AuthScheme{Name: "basic", Type: abi.AuthBasic, Username: username, Password: password}
}

// SignatureAuth signs each request with an HMAC; see [abi.Signing].
func SignatureAuth(signing abi.Signing) abi.AuthScheme {
	return abi.AuthScheme{Name: "signature", Type: abi.AuthSignature, Signing: &signing}
}

// QueryAuth is a credential in a query parameter; value holds secrets in braces.
func QueryAuth(param, value string) abi.AuthScheme {
	return abi.AuthScheme{Name: "query", Type: abi.AuthQuery, Header: param, Value: value}
}

// PathAuth is a credential at the end of the path; value holds secrets in braces, as `{token}`.
func PathAuth(value string) abi.AuthScheme {
	return abi.AuthScheme{Name: "path", Type: abi.AuthPath, Value: value}
}
