package badger

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/musubi-run/musubi/host/store"
)

// A backup is archiveMagic, the format of its rows, the rows, an end mark with
// their number, and the SHA-256 of all that. Numbers are unsigned varints. A row
// is rowMark, the length and bytes of its key and of its value, and its expiry.
const (
	archiveMagic = "musubi store backup\n"
	endMark      = 0
	rowMark      = 1
)

// ErrDamaged is returned by Verify and Restore for a backup that is cut off or changed.
var ErrDamaged = errors.New("the backup is damaged or incomplete")

// Summary is what a backup holds.
type Summary struct {
	// Rows is their number, Bytes the sum of their keys and values.
	Rows, Bytes int64
}

func (sum *Summary) add(key, value int) {
	sum.Rows++
	sum.Bytes += int64(key + value)
}

// archiveWriter writes a backup. The first error sticks to out.
type archiveWriter struct {
	out *bufio.Writer
	sum hash.Hash
	buf []byte
	Summary
}

func newArchiveWriter(w io.Writer) (*archiveWriter, error) {
	sum := sha256.New()
	a := &archiveWriter{out: bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10), sum: sum}
	_, err := a.out.Write(binary.AppendUvarint([]byte(archiveMagic), uint64(format))) //nolint:gosec // it is positive
	return a, err
}

func (a *archiveWriter) row(key, value []byte, expires uint64) error {
	a.add(len(key), len(value))
	a.buf = append(a.buf[:0], rowMark)
	a.buf = append(binary.AppendUvarint(a.buf, uint64(len(key))), key...)
	a.buf = append(binary.AppendUvarint(a.buf, uint64(len(value))), value...)
	a.buf = binary.AppendUvarint(a.buf, expires)
	_, err := a.out.Write(a.buf)
	return err
}

// finish writes the end to w, which is what the archive was made with.
func (a *archiveWriter) finish(w io.Writer) error {
	end := binary.AppendUvarint([]byte{endMark}, uint64(a.Rows)) //nolint:gosec // it is positive
	if _, err := a.out.Write(end); err != nil {
		return err
	}
	if err := a.out.Flush(); err != nil {
		return err
	}
	_, err := w.Write(a.sum.Sum(nil))
	return err
}

// archiveRow is one row of a backup. Its bytes are valid until the next one.
type archiveRow struct {
	key, value []byte
	expires    uint64
}

// readArchive calls row for every row and checks the backup as a whole: only if
// it returns nil is what row was given what was written.
func readArchive(r io.Reader, row func(archiveRow) error) (Summary, error) {
	a := &archiveReader{in: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}
	if err := a.header(); err != nil {
		return Summary{}, err
	}
	for {
		next, more, err := a.next()
		if err != nil {
			return a.Summary, damaged(err)
		}
		if !more {
			return a.Summary, a.checkSum()
		}
		if err := row(next); err != nil {
			return a.Summary, err
		}
	}
}

// damaged tells a backup that ends early from a reader that fails.
func damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends early", ErrDamaged)
	}
	return err
}

type archiveReader struct {
	in  *bufio.Reader
	sum hash.Hash
	row archiveRow
	Summary
}

// ReadByte is for binary.ReadUvarint.
func (a *archiveReader) ReadByte() (byte, error) {
	b, err := a.in.ReadByte()
	if err == nil {
		a.sum.Write([]byte{b})
	}
	return b, err
}

// bytes reads n bytes into dst, which it may grow.
func (a *archiveReader) bytes(dst []byte, limit int) ([]byte, error) {
	n, err := binary.ReadUvarint(a)
	if err != nil {
		return nil, err
	}
	if n > uint64(limit) { //nolint:gosec // it is positive
		return nil, fmt.Errorf("%w: a field of %d bytes", ErrDamaged, n)
	}
	if uint64(cap(dst)) < n {
		dst = make([]byte, n)
	}
	dst = dst[:n]
	if _, err := io.ReadFull(a.in, dst); err != nil {
		return nil, err
	}
	a.sum.Write(dst)
	return dst, nil
}

func (a *archiveReader) header() error {
	magic := make([]byte, len(archiveMagic))
	if _, err := io.ReadFull(a.in, magic); err != nil {
		return damaged(err)
	}
	if string(magic) != archiveMagic {
		return fmt.Errorf("%w: it does not begin like one", ErrDamaged)
	}
	a.sum.Write(magic)
	found, err := binary.ReadUvarint(a)
	if err != nil {
		return damaged(err)
	}
	if found > uint64(format) { //nolint:gosec // it is positive
		return newerFormat(int(found), format) //nolint:gosec // only shown
	}
	return nil
}

// next returns the next row, or false after the last.
func (a *archiveReader) next() (row archiveRow, more bool, err error) {
	mark, err := a.ReadByte()
	if err != nil {
		return row, false, err
	}
	switch mark {
	case rowMark:
		err = a.readRow()
		return a.row, true, err
	case endMark:
		return row, false, a.checkCount()
	default:
		return row, false, fmt.Errorf("%w: after %d rows", ErrDamaged, a.Rows)
	}
}

func (a *archiveReader) readRow() (err error) {
	if a.row.key, err = a.bytes(a.row.key, store.MaxKey+1); err != nil {
		return err
	}
	if a.row.value, err = a.bytes(a.row.value, store.MaxValue); err != nil {
		return err
	}
	a.add(len(a.row.key), len(a.row.value))
	a.row.expires, err = binary.ReadUvarint(a)
	return err
}

func (a *archiveReader) checkCount() error {
	rows, err := binary.ReadUvarint(a)
	if err != nil {
		return err
	}
	if rows != uint64(a.Rows) { //nolint:gosec // it is positive
		return fmt.Errorf("%w: %d rows of %d", ErrDamaged, a.Rows, rows)
	}
	return nil
}

func (a *archiveReader) checkSum() error {
	want := make([]byte, sha256.Size)
	if _, err := io.ReadFull(a.in, want); err != nil {
		return damaged(err)
	}
	if !bytes.Equal(want, a.sum.Sum(nil)) {
		return fmt.Errorf("%w: its checksum is another", ErrDamaged)
	}
	switch _, err := a.in.ReadByte(); {
	case err == nil:
		return fmt.Errorf("%w: it goes on behind its end", ErrDamaged)
	case !errors.Is(err, io.EOF):
		return err
	}
	return nil
}
