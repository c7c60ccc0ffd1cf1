package abi

import (
	"encoding/binary"
	"errors"
)

const sectionHead = 5 // tag u8, length u32

var errFrame = errors.New("abi: broken frame")

// appendSection appends one section to frame.
func appendSection[B ~string | ~[]byte](frame []byte, tag byte, body B) []byte {
	frame = append(frame, tag)
	frame = binary.LittleEndian.AppendUint32(frame, uint32(len(body))) //nolint:gosec // bodies are capped far below 4 GiB
	return append(frame, body...)
}

func appendInt(frame []byte, tag byte, value int64) []byte {
	var body [8]byte
	binary.LittleEndian.PutUint64(body[:], uint64(value)) //nolint:gosec // two's complement on both sides
	return appendSection(frame, tag, body[:])
}

func sectionInt(body []byte) (int64, error) {
	if len(body) != 8 {
		return 0, errFrame
	}
	return int64(binary.LittleEndian.Uint64(body)), nil //nolint:gosec // two's complement on both sides
}

// eachSection calls visit for every section of frame, in order. Bodies alias frame.
func eachSection(frame []byte, visit func(tag byte, body []byte) error) error {
	for len(frame) > 0 {
		if len(frame) < sectionHead {
			return errFrame
		}
		tag, size := frame[0], binary.LittleEndian.Uint32(frame[1:])
		frame = frame[sectionHead:]
		if uint64(size) > uint64(len(frame)) {
			return errFrame
		}
		if err := visit(tag, frame[:size:size]); err != nil {
			return err
		}
		frame = frame[size:]
	}
	return nil
}

// Header is one HTTP header field. Order and repetition are kept.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

const headerSeparator = ": "

func appendHeaders(frame []byte, tag byte, headers []Header) []byte {
	for _, h := range headers {
		frame = appendSection(frame, tag, h.Name+headerSeparator+h.Value)
	}
	return frame
}

func parseHeader(body []byte) (Header, error) {
	for i := 0; i+1 < len(body); i++ {
		if body[i] == headerSeparator[0] && body[i+1] == headerSeparator[1] {
			return Header{Name: string(body[:i]), Value: string(body[i+2:])}, nil
		}
	}
	return Header{}, errFrame
}

// HeaderValue returns the first value of the named field, compared without case.
func HeaderValue(headers []Header, name string) string {
	for _, h := range headers {
		if equalFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
