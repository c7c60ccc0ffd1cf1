package egress

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what some platforms sign with
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/musubi-run/musubi/sdk/abi"
)

// signing signs each request of a connection; see [abi.Signing].
type signing struct {
	spec   *abi.Signing
	names  names
	key    []byte
	hash   func() hash.Hash
	encode func([]byte) string
	clock  func() time.Time
	random io.Reader
}

func newSigning(s *abi.Signing, n names, o *Options) (*signing, error) {
	if s == nil {
		return nil, errors.New("it does not say how requests are signed")
	}
	key, keyErr := n.fill(s.Key)
	algorithm, algorithmErr := n.fill(s.Algorithm)
	encoding, encodingErr := n.fill(s.Encoding)
	signer := &signing{spec: s, names: n, key: []byte(key), clock: o.Clock, random: o.Random}
	faults := []error{keyErr, algorithmErr, encodingErr, n.complete(s.Payload)}
	for _, fields := range []map[string]string{s.Headers, s.Query} {
		for _, text := range fields {
			faults = append(faults, n.complete(text))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	var known bool
	if signer.hash, known = hashes[algorithm]; !known {
		return nil, fmt.Errorf("this host does not know the algorithm %q", algorithm)
	}
	if signer.encode, known = encodings[encoding]; !known {
		return nil, fmt.Errorf("this host does not know the encoding %q", encoding)
	}
	return signer, nil
}

// requestParts are what a request brings into the texts of a signing.
var requestParts = map[string]bool{
	"method": true, "host": true, "path": true, "query": true, "sorted_query": true,
	"body": true, "body_sha256": true, "timestamp": true, "nonce": true, "signature": true,
}

var hashes = map[string]func() hash.Hash{
	"": sha256.New, "sha256": sha256.New, "sha1": sha1.New, "sha512": sha512.New,
}

var encodings = map[string]func([]byte) string{
	"": base64.StdEncoding.EncodeToString, "base64": base64.StdEncoding.EncodeToString, "hex": hex.EncodeToString,
}

// complete says which names of text have no value: the request's parts will.
func (n names) complete(text string) error {
	var faults []error
	for _, name := range abi.Placeholders(text) {
		if n[name] == "" && !requestParts[name] {
			faults = append(faults, fmt.Errorf("%s is missing: the credential or the address needs it", name))
		}
	}
	return errors.Join(faults...)
}

// expand replaces every {name} of text by the request's part, or else by the
// setting or secret of that name. A part may be empty.
func (s *signing) expand(text string, parts map[string]string) string {
	var out strings.Builder
	for text != "" {
		before, name, after := cutPlaceholder(text)
		out.WriteString(before)
		text = after
		if part, ok := parts[name]; ok {
			out.WriteString(part)
		} else {
			out.WriteString(s.names[name])
		}
	}
	return out.String()
}

// sign adds the signature to h, which is the caller's own.
func (s *signing) sign(h *hop) error {
	parts, err := s.parts(h)
	if err != nil {
		return err
	}
	mac := hmac.New(s.hash, s.key)
	mac.Write([]byte(s.expand(s.spec.Payload, parts)))
	parts["signature"] = s.encode(mac.Sum(nil))
	for name, text := range s.spec.Headers {
		value := s.expand(text, parts)
		if !httpguts.ValidHeaderFieldValue(value) {
			return &abi.Error{Kind: abi.Config, Message: "a secret holds a line break or another control character"}
		}
		h.header[http.CanonicalHeaderKey(name)] = []string{value}
	}
	for _, name := range slices.Sorted(maps.Keys(s.spec.Query)) {
		h.url = withQuery(h.url, name, s.expand(s.spec.Query[name], parts))
	}
	return nil
}

func (s *signing) parts(h *hop) (map[string]string, error) {
	var nonce [16]byte
	if _, err := io.ReadFull(s.random, nonce[:]); err != nil {
		return nil, &abi.Error{Kind: abi.Unavailable, Message: "signing the request: no randomness"}
	}
	path := h.url.EscapedPath()
	if path == "" {
		path = "/"
	}
	body := sha256.Sum256(h.body)
	return map[string]string{
		"method": h.method, "host": h.url.Host, "path": path,
		"query": h.url.RawQuery, "sorted_query": sortedQuery(h.url.RawQuery),
		"body": string(h.body), "body_sha256": hex.EncodeToString(body[:]),
		"timestamp": s.timestamp(), "nonce": hex.EncodeToString(nonce[:]),
	}, nil
}

func (s *signing) timestamp() string {
	now := s.clock()
	switch s.spec.Timestamp {
	case "unix_ms":
		return strconv.FormatInt(now.UnixMilli(), 10)
	case "rfc3339":
		return now.UTC().Format(time.RFC3339)
	default:
		return strconv.FormatInt(now.Unix(), 10)
	}
}

// sortedQuery puts the pairs of a query in order of name, then value, as they
// are sent.
func sortedQuery(query string) string {
	pairs := strings.FieldsFunc(query, func(c rune) bool { return c == '&' })
	slices.SortFunc(pairs, func(a, b string) int {
		nameA, valueA, _ := strings.Cut(a, "=")
		nameB, valueB, _ := strings.Cut(b, "=")
		if order := strings.Compare(nameA, nameB); order != 0 {
			return order
		}
		return strings.Compare(valueA, valueB)
	})
	return strings.Join(pairs, "&")
}
