package web

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // platforms that sign with SHA-1 leave no choice; HMAC-SHA1 is not broken
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// signature is one declared check of a delivery, with everything filled in.
type signature struct {
	header string
	// keys are all good: while a secret is being changed, the old and the new one.
	keys [][]byte
	// exact compares the header with the key itself; the rest is for HMACs.
	exact           bool
	hash            func() hash.Hash
	decode          func(string) ([]byte, error)
	prefix          string
	payload         []string
	timestampHeader string
	tolerance       time.Duration
}

// Pieces of a payload template.
const (
	payloadBody      = "{body}"
	payloadTimestamp = "{timestamp}"
)

var errNoSecret = errors.New("its secret is not configured")

// newSignature fills in what the manifest declares. It returns nil without an
// error for an optional check whose secret the connection does not have. A
// blank one is a mistake, and switches nothing off.
func newSignature(declared abi.Signature, setting, secret func(name string) string) (*signature, error) {
	given := secret(declared.Secret)
	keys := keysOf(given)
	if len(keys) == 0 {
		if declared.Optional && given == "" {
			return nil, nil //nolint:nilnil // there is nothing to check and nothing wrong
		}
		return nil, fmt.Errorf("checking %s by %s: %w", declared.Header, declared.Secret, errNoSecret)
	}
	s := &signature{
		header: fill(declared.Header, setting), keys: keys,
		exact: declared.Type == abi.SignatureHeader, prefix: fill(declared.Prefix, setting),
		payload:         splitPayload(declared.Payload),
		timestampHeader: declared.TimestampHeader,
		tolerance:       time.Duration(declared.ToleranceSeconds) * time.Second,
	}
	if s.header == "" {
		return nil, fmt.Errorf("the secret %s is configured, but the setting for its header %s is empty", declared.Secret, declared.Header)
	}
	var err error
	if s.hash, err = hashOf(fill(declared.Algorithm, setting)); err != nil {
		return nil, err
	}
	s.decode, err = decoderOf(fill(declared.Encoding, setting))
	return s, err
}

// keysOf splits a secret into its keys, one a line.
func keysOf(secret string) [][]byte {
	var keys [][]byte
	for line := range strings.Lines(secret) {
		if key := strings.TrimSpace(line); key != "" {
			keys = append(keys, []byte(key))
		}
	}
	return keys
}

func hashOf(algorithm string) (func() hash.Hash, error) {
	switch algorithm {
	case "", "sha256":
		return sha256.New, nil
	case "sha1":
		return sha1.New, nil
	case "sha512":
		return sha512.New, nil
	default:
		return nil, fmt.Errorf("unknown signature algorithm %q: use sha256, sha1 or sha512", algorithm)
	}
}

func decoderOf(encoding string) (func(string) ([]byte, error), error) {
	switch encoding {
	case "", "base64":
		return base64.StdEncoding.DecodeString, nil
	case "hex":
		return hex.DecodeString, nil
	default:
		return nil, fmt.Errorf("unknown signature encoding %q: use base64 or hex", encoding)
	}
}

// splitPayload cuts a payload template into text and placeholders.
func splitPayload(template string) []string {
	if template == "" {
		return []string{payloadBody}
	}
	var parts []string
	for template != "" {
		place, at := firstPlaceholder(template)
		if place == "" {
			return append(parts, template)
		}
		if at > 0 {
			parts = append(parts, template[:at])
		}
		parts, template = append(parts, place), template[at+len(place):]
	}
	return parts
}

func firstPlaceholder(template string) (place string, at int) {
	body, timestamp := strings.Index(template, payloadBody), strings.Index(template, payloadTimestamp)
	if body >= 0 && (timestamp < 0 || body < timestamp) {
		return payloadBody, body
	}
	if timestamp >= 0 {
		return payloadTimestamp, timestamp
	}
	return "", 0
}

// holds says whether a delivery carries this signature. It takes the same time
// for every wrong value.
func (s *signature) holds(header func(name string) string, body []byte, now time.Time) bool {
	given := header(s.header)
	if s.exact {
		return slices.ContainsFunc(s.keys, func(key []byte) bool { return same(given, key) })
	}
	encoded, found := strings.CutPrefix(given, s.prefix)
	if !found || !s.fresh(header, now) {
		return false
	}
	sum, err := s.decode(encoded)
	return err == nil && slices.ContainsFunc(s.keys, func(key []byte) bool {
		return hmac.Equal(sum, s.sum(key, header, body))
	})
}

// fault says what is wrong with a signature that does not hold.
func (s *signature) fault(header func(name string) string, now time.Time) string {
	switch {
	case header(s.header) == "":
		return "no signature: it has no header " + s.header
	case !s.fresh(header, now):
		return fmt.Sprintf("the time in %s is not within %s of this host's clock", s.timestampHeader, s.tolerance)
	default:
		return "wrong signature"
	}
}

func (s *signature) sum(key []byte, header func(name string) string, body []byte) []byte {
	mac := hmac.New(s.hash, key)
	for _, part := range s.payload {
		switch part {
		case payloadBody:
			mac.Write(body)
		case payloadTimestamp:
			mac.Write([]byte(header(s.timestampHeader)))
		default:
			mac.Write([]byte(part))
		}
	}
	return mac.Sum(nil)
}

// fresh says whether the delivery's time stamp, if one is declared, is near now.
func (s *signature) fresh(header func(name string) string, now time.Time) bool {
	if s.timestampHeader == "" || s.tolerance == 0 {
		return true
	}
	seconds, err := strconv.ParseInt(header(s.timestampHeader), 10, 64)
	return err == nil && now.Sub(time.Unix(seconds, 0)).Abs() <= s.tolerance
}

// same compares without telling by its time where, or in how many bytes, the two differ.
func same(given string, want []byte) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256(want)
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// fill replaces every {name} in template by the setting of that name.
func fill(template string, setting func(name string) string) string {
	for _, name := range abi.Placeholders(template) {
		template = strings.ReplaceAll(template, "{"+name+"}", setting(name))
	}
	return template
}
