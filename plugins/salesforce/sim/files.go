package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// multipart reads an upload: a JSON part with the fields, and one part with the
// bytes, named after the field that holds them.
func (rq *request) multipart() (map[string]any, error) {
	_, params, err := mime.ParseMediaType(rq.header.Get("Content-Type"))
	if err != nil {
		return nil, badJSON(err)
	}
	reader := multipart.NewReader(bytes.NewReader(rq.body), params["boundary"])
	fields := map[string]any{}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, nil
		}
		if err != nil {
			return nil, badJSON(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, badJSON(err)
		}
		if part.FileName() != "" {
			fields[part.FormName()] = base64.StdEncoding.EncodeToString(content)
			continue
		}
		if strings.HasPrefix(part.FormName(), "entity_") {
			if err := json.Unmarshal(content, &fields); err != nil {
				return nil, badJSON(err)
			}
		}
	}
}
