package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/musubi-run/musubi/host"
)

// streamBuffer is how much of a stream is written at once.
const streamBuffer = 64 << 10

// stream answers with what produce writes, however much that is. When produce
// fails the connection breaks off, so that nobody takes a part for the whole.
func (s *Server) stream(c *fiber.Ctx, contentType string, produce func(ctx context.Context, w io.Writer) error) error {
	reader, writer := io.Pipe()
	ctx, path, conn := s.as(c), string(c.Request().URI().Path()), c.Context().Conn()
	s.streams.Go(func() {
		unblock := context.AfterFunc(ctx, func() { writer.CloseWithError(ctx.Err()) })
		defer unblock()
		buffered := bufio.NewWriterSize(patientWriter{writer, conn}, streamBuffer)
		err := produce(ctx, buffered)
		if err == nil {
			err = buffered.Flush()
		}
		if err != nil && !errors.Is(err, io.ErrClosedPipe) { // who asked may go away
			s.options.Logger.Error("answer broken off", slog.String("path", path), slog.Any("error", err))
		}
		writer.CloseWithError(err)
	})
	c.Set(fiber.HeaderContentType, contentType)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Context().SetBodyStream(reader, -1)
	return nil
}

// patientWriter gives every piece of an answer the time that else the whole answer has.
type patientWriter struct {
	io.Writer

	conn net.Conn
}

func (w patientWriter) Write(p []byte) (int, error) {
	deadline := time.Now().Add(writeTimeout) //nolint:forbidigo // the kernel's clock, not the host's
	if err := w.conn.SetWriteDeadline(deadline); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}

func (s *Server) backup(c *fiber.Ctx) error {
	return s.stream(c, fiber.MIMEOctetStream, s.options.Operator.Backup)
}

const mimeLines = "application/jsonl"

func (s *Server) exportRuns(c *fiber.Ctx) error {
	return s.stream(c, mimeLines, func(ctx context.Context, w io.Writer) error {
		lines := json.NewEncoder(w)
		return s.options.Operator.EachRun(ctx, func(r host.Run) error { return lines.Encode(r) })
	})
}

func (s *Server) exportLinks(c *fiber.Ctx) error {
	return s.stream(c, mimeLines, func(ctx context.Context, w io.Writer) error {
		lines := json.NewEncoder(w)
		return s.options.Operator.EachLink(ctx, func(l host.Link) error { return lines.Encode(l) })
	})
}
