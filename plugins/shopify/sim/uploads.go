package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

// maxUpload is how large the file of an import may be, in bytes (OFFICIAL, the
// guide to bulk imports).
const maxUpload = 100 << 20

// upload is a place that was made for a file, and the file once it is there.
type upload struct {
	// fields are the form's, without the file, in the order in which they were given.
	fields []object
	file   []byte
	sent   bool
}

func (s *shop) uploadFields() map[string]graphql.Resolver {
	return map[string]graphql.Resolver{"Mutation.stagedUploadsCreate": s.stage}
}

// stage makes places for files. Names and order of the parameters are those of
// the guide's example (OFFICIAL); how a wrong type or method is refused is INFERRED.
func (s *shop) stage(f *graphql.Field) any {
	inputs := objects(f.Args["input"])
	targets := make([]object, 0, len(inputs))
	for i, in := range inputs {
		at := []any{"input", strconv.Itoa(i)}
		switch {
		case in["resource"] != "BULK_MUTATION_VARIABLES":
			return payload("stagedTargets", nil, &refusal{append(at, "resource"), "Only variables of bulk mutations can be uploaded here", ""})
		case in["mimeType"] != "text/jsonl":
			return payload("stagedTargets", nil, &refusal{append(at, "mimeType"), "Mime type is invalid", ""})
		case in["httpMethod"] != http.MethodPost:
			return payload("stagedTargets", nil, &refusal{append(at, "httpMethod"), "Http method is invalid", ""})
		}
		targets = append(targets, s.place(text(in, "filename")))
	}
	return payload("stagedTargets", targets)
}

// place makes a place for one file. Its form is signed as the file store does it.
func (s *shop) place(filename string) object {
	s.last["upload"]++
	key := fmt.Sprintf("tmp/21759409/bulk/2d278b12-d153-4667-a05c-%012d/%s", s.last["upload"], filename)
	now := s.env.Clock.Now().UTC()
	policy := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"conditions":[["content-length-range",1,%d],{"key":%q}]}`, maxUpload, key))
	u := &upload{}
	for _, field := range [][2]string{
		{"key", key},
		{"Content-Type", "text/jsonl"},
		{"success_action_status", "201"},
		{"acl", "private"},
		{"policy", policy},
		{"x-goog-credential", "sim@example.com/" + now.Format("20060102") + "/auto/storage/goog4_request"},
		{"x-goog-algorithm", "GOOG4-RSA-SHA256"},
		{"x-goog-date", now.Format("20060102T150405Z")},
		{"x-goog-signature", fmt.Sprintf("%x", sha256.Sum256([]byte(policy)))},
	} {
		u.fields = append(u.fields, object{"name": field[0], "value": field[1]})
	}
	s.uploads[key] = u
	return object{"url": s.env.URL + "/staged-uploads", "resourceUrl": nil, "parameters": u.fields}
}

// receive takes a file as the file store does: a multipart form with all the
// parameters that were given, and the file last. It lies elsewhere than the
// shop: the form alone admits, and the shop's token has no business there.
func (s *shop) receive(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Shopify-Access-Token") != "" {
		refuseUpload(w, http.StatusBadRequest, "InvalidArgument", "the shop's token was sent to the file store")
		return
	}
	form, err := readForm(r)
	if err != nil {
		refuseUpload(w, http.StatusBadRequest, "MalformedPOSTRequest", err.Error())
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.uploads[form.values["key"]]
	switch {
	case u == nil || !u.admits(form.values):
		refuseUpload(w, http.StatusForbidden, "AccessDenied", "the form is not the one that was signed")
	case len(form.file) == 0:
		refuseUpload(w, http.StatusBadRequest, "EntityTooSmall", "the file is empty")
	case len(form.file) > maxUpload:
		refuseUpload(w, http.StatusBadRequest, "EntityTooLarge", "the file is too large")
	default:
		u.file, u.sent = form.file, true
		answerXML(w, http.StatusCreated, struct {
			XMLName xml.Name `xml:"PostResponse"`
			Key     string
		}{Key: form.values["key"]})
	}
}

// admits says whether a form has every parameter as it was given, and no other.
func (u *upload) admits(values map[string]string) bool {
	for _, field := range u.fields {
		if value, ok := values[text(field, "name")]; !ok || value != field["value"] {
			return false
		}
	}
	return len(values) == len(u.fields)
}

// uploadForm is a form with its file.
type uploadForm struct {
	values map[string]string
	file   []byte
}

// readForm reads a form of the type multipart/form-data whose last part is the file.
func readForm(r *http.Request) (*uploadForm, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, errors.New("the body is not multipart/form-data")
	}
	form := &uploadForm{values: map[string]string{}}
	reader := multipart.NewReader(r.Body, params["boundary"])
	for ended := false; ; {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) && ended {
			return form, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the form has no file at its end: %w", err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(part); err != nil {
			return nil, err
		}
		switch {
		case ended:
			return nil, errors.New("a field comes after the file")
		case part.FormName() == "file":
			form.file, ended = content.Bytes(), true
		default:
			form.values[part.FormName()] = content.String()
		}
	}
}

func refuseUpload(w http.ResponseWriter, status int, code, message string) {
	answerXML(w, status, struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: message})
}

func answerXML(w http.ResponseWriter, status int, body any) {
	encoded, err := xml.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/xml; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), encoded...)) //nolint:errcheck // the client has gone
}
