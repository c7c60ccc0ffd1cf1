package abi

// Signing is an HMAC over parts of each request, as marketplaces want it.
// Besides settings and secrets, Payload may hold
//
//	{method}        "GET"
//	{host}          "api.example.com"
//	{path}          "/v1/orders", as it is sent
//	{query}         the query as it is sent, without "?"
//	{sorted_query}  the query with its pairs in order of name, then value
//	{body}          the body's bytes
//	{body_sha256}   their SHA-256, in hexadecimal
//	{timestamp}     the host's clock, as Timestamp says
//	{nonce}         32 random hexadecimal digits
//
// and Headers and Query may hold {timestamp}, {nonce}, {body_sha256} and {signature}.
type Signing struct {
	// Key keys the HMAC, as "{api_secret}" or "{api_secret}&{token_secret}".
	Key string `json:"key"`
	// Payload is what is signed, as "{timestamp}{method}{path}{body}".
	Payload string `json:"payload"`
	// Algorithm is sha256 (default), sha1 or sha512.
	Algorithm string `json:"algorithm,omitempty"`
	// Encoding is base64 (default) or hex.
	Encoding string `json:"encoding,omitempty"`
	// Timestamp is unix (default), unix_ms or rfc3339 (UTC).
	Timestamp string `json:"timestamp,omitempty"`
	// Headers are the fields to set, Query the parameters to add after the
	// signature was made, by name.
	Headers map[string]string `json:"headers,omitempty"`
	Query   map[string]string `json:"query,omitempty"`
}

// Texts returns the texts that may name settings and secrets, none for nil.
func (s *Signing) Texts() []string {
	if s == nil {
		return nil
	}
	texts := []string{s.Key, s.Payload, s.Algorithm, s.Encoding}
	for _, fields := range []map[string]string{s.Headers, s.Query} {
		for _, text := range fields {
			texts = append(texts, text)
		}
	}
	return texts
}

// What a signing may refer to besides settings and secrets.
var (
	signingParts  = []string{"method", "host", "path", "query", "sorted_query", "body", "body_sha256", "timestamp", "nonce"}
	signingFields = []string{"timestamp", "nonce", "body_sha256", "signature"}
)

func (v *validator) signing(at string, s *Signing) {
	if s == nil {
		v.fault("%s: signing is missing", at)
		return
	}
	if s.Key == "" || s.Payload == "" || len(s.Headers)+len(s.Query) == 0 {
		v.fault("%s: signing needs a key, a payload, and headers or query", at)
	}
	v.oneOf(at+": algorithm", s.Algorithm, "", "sha256", "sha1", "sha512")
	v.oneOf(at+": encoding", s.Encoding, "", "base64", "hex")
	v.oneOf(at+": timestamp", s.Timestamp, "", "unix", "unix_ms", "rfc3339")
	v.template(at+": key", s.Key, true)
	v.template(at+": payload", s.Payload, true, signingParts...)
	for _, text := range []string{s.Algorithm, s.Encoding, s.Timestamp} {
		v.template(at, text, false)
	}
	for _, fields := range []map[string]string{s.Headers, s.Query} {
		for name, text := range fields {
			v.template(at+": "+name, text, true, signingFields...)
		}
	}
}
