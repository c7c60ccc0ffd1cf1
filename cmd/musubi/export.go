package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/cmd/musubi/internal/spreadsheet"
	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// sheet is how rows of one kind become lines: as JSON they are whole.
type sheet[T any] struct {
	head []string
	row  func(T, clock) []string
}

// formulaNote says what is done to cells of CSV that somebody outside wrote.
var formulaNote = abi.Text{
	EN: "In CSV, a text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a new line, and is\nno number) has an apostrophe before it. members import takes it away again; JSON has the text as it is.\nCSV is UTF-8 with a byte order mark, as Excel wants it.",
	JA: "CSVでは、表計算ソフトが数式とみなす文字(= + - @、タブ、改行で始まり、数値ではないもの)の前にアポストロフィ(')を\n付けます。members import で読み込むときは取り除きます。JSONではそのままです。\nCSVは、Excelで文字化けしないBOM付きのUTF-8です。",
}

func (p *program) export() *cobra.Command {
	return p.group(about{
		use:     "export",
		short:   abi.Text{EN: "Write all links or runs as CSV or JSON lines", JA: "対応や実行をすべてCSVまたはJSON Linesで書き出す"},
		long:    formulaNote,
		example: "  musubi export links --format csv > links.csv\n  musubi export runs --format jsonl > runs.jsonl",
	},
		exportOf(p, "links", abi.Text{EN: "Write all links", JA: "対応をすべて書き出す"}, linkSheet(), reader.EachLink),
		exportOf(p, "runs", abi.Text{EN: "Write all runs, oldest first", JA: "実行をすべて古い順に書き出す"}, runSheet(), reader.EachRun),
	)
}

func exportOf[T any](p *program, name string, short abi.Text, s sheet[T], each func(reader, context.Context, func(T) error) error) *cobra.Command {
	format := "jsonl"
	cmd := p.command(about{use: name, short: short, long: formulaNote, example: "  musubi export " + name + " --format csv > " + name + ".csv"}, func(cmd *cobra.Command, _ []string) error {
		if _, err := oneOf("--format", format, []string{"csv", "jsonl"}); err != nil {
			return err
		}
		return p.read(cmd.Context(), func(from reader) error {
			out := bufio.NewWriter(p.out)
			put, flush := s.lines(out, format == "csv", p.clock())
			return errors.Join(each(from, cmd.Context(), put), flush(), out.Flush())
		})
	})
	cmd.Flags().StringVar(&format, "format", format, p.say("`format` of the lines: csv or jsonl", "行の形式(`format`): csv または jsonl"))
	completeWith(cmd, "format", "csv", "jsonl")
	return cmd
}

// lines returns what writes a row, and what must be called after the last one.
func (s sheet[T]) lines(out io.Writer, asCSV bool, clock clock) (put func(T) error, flush func() error) {
	if !asCSV {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		return func(row T) error { return encoder.Encode(row) }, func() error { return nil }
	}
	table := spreadsheet.NewWriter(out)
	headed := table.Write(s.head)
	put = func(row T) error { return table.Write(s.row(row, clock)) }
	return put, func() error {
		if err := errors.Join(headed, table.Flush()); err != nil {
			return fmt.Errorf("writing CSV: %w", err)
		}
		return nil
	}
}

func linkSheet() sheet[host.Link] {
	return sheet[host.Link]{
		[]string{"kind", "from_connection", "from_object", "from_id", "to_connection", "to_object", "to_id", "created", "written", "run"},
		func(l host.Link, c clock) []string {
			return []string{
				l.Kind, l.From.Connection, l.From.Object, l.From.ID, l.To.Connection, l.To.Object, l.To.ID,
				c.exact(l.Created), c.exact(l.Written), l.Run,
			}
		},
	}
}

func runSheet() sheet[host.Run] {
	return sheet[host.Run]{
		[]string{
			"id", "flow", "version", "event", "connection", "type", "subject", "state", "attempt",
			"created", "started", "ended", "outcome", "failed_step", "error_kind", "error",
		},
		func(r host.Run, c clock) []string {
			kind, message := "", ""
			if r.Error != nil {
				kind, message = r.Error.Kind.String(), r.Error.Error()
			}
			return []string{
				r.ID, r.Flow, r.Version, r.Event, r.Connection, r.Type, r.Subject, string(r.State), strconv.Itoa(r.Attempt),
				c.exact(r.Created), c.exact(r.Started), c.exact(r.Ended), r.Outcome, r.FailedStep, kind, message,
			}
		},
	}
}

// exact writes a time for programs, in the host's zone; empty if it is zero.
func (c clock) exact(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(c.zone).Format(time.RFC3339)
}
