package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

const (
	// resultChunks is how many chunks of a result one call reads at the most: 4 MB.
	resultChunks = 8
	// maxRefused is how many refused lines one call tells of at the most.
	maxRefused = 1000
	// maxReason is how long the reason of one may be, in bytes.
	maxReason = 1000
)

type resultInput struct {
	ID    string `json:"id" doc:"Id of the import" ja:"一括インポートのID"`
	Limit int64  `json:"limit" default:"200" doc:"How many refused lines a page has at the most, up to 1000" ja:"1ページのエラー行の最大件数(1000まで)"`
	Next  string `json:"next,omitempty" doc:"next of the page before" ja:"前ページのnext"`
}

// importResult is how an import ended. Its counts are those of all pages so far.
type importResult struct {
	ID      string        `json:"id" doc:"Id of the import" ja:"一括インポートのID"`
	State   string        `json:"state" doc:"COMPLETED, FAILED, CANCELED or EXPIRED" ja:"状態"`
	Error   string        `json:"error,omitempty" doc:"Code of what went wrong with the whole" ja:"全体のエラーコード"`
	Partial bool          `json:"partial" doc:"Whether it stopped early: of the lines without an answer nobody knows whether they were carried out" ja:"途中で終了したか(結果の無い行は実行されたか不明)"`
	Lines   int64         `json:"lines" doc:"How many lines have an answer, up to this page" ja:"結果のある行数(このページまでの累計)"`
	Failed  int64         `json:"refused_lines" doc:"How many of them were refused" ja:"うちエラーになった行数"`
	Refused []refusedLine `json:"refused" doc:"The refused lines of this page" ja:"このページのエラー行"`
	Next    string        `json:"next,omitempty" doc:"Where the next page begins; empty behind the last" ja:"次ページの位置(最後は空)"`
}

type refusedLine struct {
	Line   int64    `json:"line" doc:"Number of the line: its place in variables, from 0" ja:"行番号(variables内の位置。0から)"`
	Fields []string `json:"fields,omitempty" doc:"The fields that were refused" ja:"エラーの項目"`
	Code   string   `json:"code,omitempty" doc:"Code of what was wrong" ja:"エラーコード"`
	Reason string   `json:"message" doc:"What was wrong" ja:"エラーの内容"`
}

// resultPlace is how far a result has been read.
type resultPlace struct{ offset, lines, refused int64 }

func placeInResult(next string) (at resultPlace, err error) {
	if next == "" {
		return at, nil
	}
	parts := strings.Split(next, ".")
	figures := []*int64{&at.offset, &at.lines, &at.refused}
	if len(parts) != len(figures) {
		return at, sdk.Errorf(abi.Invalid, "next is not that of a page before")
	}
	for i, figure := range figures {
		if *figure, err = strconv.ParseInt(parts[i], 10, 64); err != nil || *figure < 0 {
			return at, sdk.Errorf(abi.Invalid, "next is not that of a page before")
		}
	}
	return at, nil
}

func readResult(call *sdk.Call, in resultInput) (importResult, error) {
	at, err := placeInResult(in.Next)
	if err != nil {
		return importResult{}, err
	}
	if in.Limit < 1 || in.Limit > maxRefused {
		return importResult{}, sdk.Errorf(abi.Invalid, "limit is out of range: 1 to %d", maxRefused)
	}
	s := shopOf(call)
	operation, err := s.bulkNamed(in.ID)
	if err != nil {
		return importResult{}, err
	}
	if !operation.imports() {
		return importResult{}, sdk.Errorf(abi.Invalid, "the bulk operation %s is an export: bulk.read reads its file", in.ID)
	}
	if err := operation.over(); err != nil {
		return importResult{}, err
	}
	result := importResult{
		ID: number(operation.ID), State: operation.Status, Error: operation.Error, Partial: operation.Status != "COMPLETED",
		Lines: at.lines, Failed: at.refused, Refused: []refusedLine{},
	}
	if address := firstText(operation.URL, operation.Partial); address != "" {
		err = result.read(s, operation, address, at.offset, int(in.Limit))
	}
	return result, err
}

// read goes through the file from offset on, chunk by chunk, until there are
// limit refused lines or one call has read enough. A line that does not fit into
// a chunk gets a larger one.
func (r *importResult) read(s shop, operation *bulkOperation, address string, offset int64, limit int) error {
	size := int64(chunk)
	for range resultChunks {
		part, total, err := s.fileAt(address, offset, size)
		if err != nil {
			return err
		}
		if total < 0 {
			return sdk.Errorf(abi.Internal, "the file store does not say how long the result is")
		}
		if address == operation.URL { // of a part of it the platform tells no size
			err = operation.isWhole(total)
		}
		if err != nil {
			return err
		}
		used, err := r.take(part, offset+int64(len(part)) >= total, limit)
		if err != nil {
			return err
		}
		offset += int64(used)
		switch {
		case offset >= total:
			return nil
		case used == 0 && size >= maxChunk:
			return sdk.Errorf(abi.Limit, "a line of the result is larger than %d bytes", maxChunk)
		case used == 0:
			size *= 2
		case len(r.Refused) >= limit:
			r.Next = fmt.Sprintf("%d.%d.%d", offset, r.Lines, r.Failed)
			return nil
		}
	}
	r.Next = fmt.Sprintf("%d.%d.%d", offset, r.Lines, r.Failed)
	return nil
}

// take reads whole lines until limit of them were refused; used is how many
// bytes they have. The last line of a file may have no end.
func (r *importResult) take(part []byte, last bool, limit int) (used int, err error) {
	for used < len(part) && len(r.Refused) < limit {
		end := bytes.IndexByte(part[used:], '\n')
		if end < 0 && !last {
			return used, nil
		}
		if end < 0 {
			end = len(part) - used - 1
		}
		if line := bytes.TrimSpace(part[used : used+end+1]); len(line) > 0 {
			if err := r.add(line); err != nil {
				return used, err
			}
		}
		used += end + 1
	}
	return used, nil
}

// resultLine is what one line was answered (OFFICIAL, the guide to bulk imports).
// A child is a row of a connection that the mutation asked for, and no answer.
type resultLine struct {
	Data   map[string]json.RawMessage `json:"data"`
	Errors json.RawMessage            `json:"errors"`
	Number *int64                     `json:"__lineNumber"`
	Parent string                     `json:"__parentId"`
}

// add counts a line. One without a number is the next one: the guide's examples
// of refused lines have none.
func (r *importResult) add(text []byte) error {
	var line resultLine
	if err := sdk.Decode(text, &line); err != nil {
		return sdk.Errorf(abi.Internal, "reading a line of the result: %w", err)
	}
	if line.Parent != "" {
		return nil
	}
	n := r.Lines
	if line.Number != nil {
		n = *line.Number
	}
	r.Lines++
	refused, err := line.refusal()
	if refused == nil || err != nil {
		return err
	}
	r.Failed++
	r.Refused = append(r.Refused, refusedLine{Line: n, Fields: refused.Fields, Code: refused.Code, Reason: cut(refused.Message, maxReason)})
	return nil
}

// refusal is why the line was not carried out, nil if it was. A field of the
// answer that the plan withholds is no reason.
func (l *resultLine) refusal() (*abi.Error, error) {
	faults, err := (&answer{Errors: l.Errors}).faults()
	if err != nil {
		return nil, err
	}
	if _, faults = partial(faults, aboveWritten); len(faults) > 0 {
		return &abi.Error{Code: faults[0].Extensions.Code, Message: messagesOf(faults)}, nil
	}
	for _, field := range l.Data {
		var refused struct {
			UserErrors []userError `json:"userErrors"`
			// Media are the ones of mutations about a product's pictures.
			Media []userError `json:"mediaUserErrors"`
		}
		if err := sdk.Decode(field, &refused); err != nil {
			return nil, sdk.Errorf(abi.Internal, "reading a line of the result: %w", err)
		}
		if all := slices.Concat(refused.UserErrors, refused.Media); len(all) > 0 {
			return abi.AsError(refusedInput(all)), nil
		}
		if string(field) != "null" {
			return nil, nil //nolint:nilnil // carried out
		}
	}
	return &abi.Error{Message: "the platform answered without saying what it did"}, nil
}

// cut shortens a text to that many bytes at the most, at the end of a character.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
