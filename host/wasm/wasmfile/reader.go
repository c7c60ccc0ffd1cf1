// Package wasmfile reads and writes the binary form of WebAssembly modules, as
// far as checking and metering them needs. Its input is hostile: no length is
// believed and nothing is allocated on a file's word alone.
package wasmfile

import (
	"errors"
	"fmt"
)

// ErrTruncated is returned where a module ends in the middle of something.
var ErrTruncated = errors.New("the module is truncated")

// ErrNumber is returned for an integer that is longer than its type allows.
var ErrNumber = errors.New("the module has an overlong integer")

// ErrSurplus is returned for a section that is longer than its content.
var ErrSurplus = errors.New("a section is longer than its content")

// Reader takes things off the front of a byte slice. After the first error
// every method returns zero values; Err tells.
type Reader struct {
	rest []byte
	err  error
}

// NewReader returns a reader of b.
func NewReader(b []byte) *Reader { return &Reader{rest: b} }

// Err returns the first error.
func (r *Reader) Err() error { return r.err }

// Finish returns the first error, or [ErrSurplus] if something is left.
func (r *Reader) Finish() error {
	if r.err == nil && len(r.rest) > 0 {
		return ErrSurplus
	}
	return r.err
}

// Len returns how many bytes are left.
func (r *Reader) Len() int { return len(r.rest) }

// Remaining returns what is left without taking it.
func (r *Reader) Remaining() []byte { return r.rest }

// Rest takes all that is left.
func (r *Reader) Rest() []byte { return r.Bytes(len(r.rest)) }

// Fail makes err the reader's error, unless it has one.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err, r.rest = err, nil
	}
}

// Byte takes one byte.
func (r *Reader) Byte() byte {
	if len(r.rest) == 0 {
		r.Fail(ErrTruncated)
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// Bytes takes n bytes, which alias the module.
func (r *Reader) Bytes(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.Fail(ErrTruncated)
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// U32 takes an unsigned LEB128 integer of at most 32 bits.
func (r *Reader) U32() uint32 {
	var v uint64
	for i := range 5 {
		b := r.Byte()
		v |= uint64(b&0x7f) << (7 * i)
		if b&0x80 == 0 {
			if v > 0xffffffff {
				break
			}
			return uint32(v)
		}
	}
	r.Fail(ErrNumber)
	return 0
}

// SkipLEB takes a LEB128 integer of at most size bytes, signed or not, and drops it.
func (r *Reader) SkipLEB(size int) {
	for range size {
		if r.Byte()&0x80 == 0 {
			return
		}
	}
	r.Fail(ErrNumber)
}

// S32 reads the signed LEB128 integer of 32 bits at the front of b as an
// address; it must have been checked to be one.
func S32(b []byte) uint32 { return uint32(S64(b[:min(len(b), 5)])) } //nolint:gosec // an address

// S64 reads the signed LEB128 integer at the front of b; it must have been
// checked to be one.
func S64(b []byte) int64 {
	var v uint64
	for i := range min(len(b), 10) {
		v |= uint64(b[i]&0x7f) << (7 * i)
		if b[i]&0x80 == 0 {
			if b[i]&0x40 != 0 {
				v |= ^uint64(0) << (7 * (i + 1))
			}
			break
		}
	}
	return int64(v) //nolint:gosec // two's complement
}

// Sized takes a length and that many bytes.
func (r *Reader) Sized() []byte { return r.Bytes(int(r.U32())) }

// Name takes a string with its length before it.
func (r *Reader) Name() string { return string(r.Sized()) }

// AppendU32 appends v as unsigned LEB128.
func AppendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// AppendS64 appends v as signed LEB128.
func AppendS64(b []byte, v int64) []byte {
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if (v == 0 && low&0x40 == 0) || (v == -1 && low&0x40 != 0) {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

// Section is one section of a module.
type Section struct {
	ID   byte
	Body []byte // aliases the module
}

// The ids of the sections.
const (
	SectionCustom    byte = 0
	SectionType      byte = 1
	SectionImport    byte = 2
	SectionFunction  byte = 3
	SectionTable     byte = 4
	SectionMemory    byte = 5
	SectionGlobal    byte = 6
	SectionExport    byte = 7
	SectionStart     byte = 8
	SectionElement   byte = 9
	SectionCode      byte = 10
	SectionData      byte = 11
	SectionDataCount byte = 12
	SectionTag       byte = 13
)

// Header is what a module of version 1 begins with.
const Header = "\x00asm\x01\x00\x00\x00"

// Sections splits a module.
func Sections(wasm []byte) ([]Section, error) {
	if len(wasm) < len(Header) || string(wasm[:len(Header)]) != Header {
		return nil, errors.New("not a WebAssembly module of version 1")
	}
	var sections []Section
	for r := NewReader(wasm[len(Header):]); r.Len() > 0; {
		s := Section{ID: r.Byte(), Body: r.Sized()}
		if r.Err() != nil {
			return nil, fmt.Errorf("reading section %d: %w", s.ID, r.Err())
		}
		sections = append(sections, s)
	}
	return sections, nil
}
