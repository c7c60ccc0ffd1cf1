package main

import (
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

// maxLines is how large the file of an import may be here, in bytes. The
// platform takes 100 MB (OFFICIAL); what bounds it is the memory of a plugin,
// which holds the lines several times, and the size of a request.
const maxLines = 4 << 20

const stageMutation = `mutation Stage($in: [StagedUploadInput!]!) {
  stagedUploadsCreate(input: $in) { stagedTargets { url parameters { name value } } userErrors { field message } }
}`

// stagedUpload is where the file store takes one file. The parameters are the
// credential: they go into the form, in their order, and nowhere else.
type stagedUpload struct {
	URL        string            `json:"url"`
	Parameters []uploadParameter `json:"parameters"`
}

type uploadParameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// path is what the platform calls the file by: the parameter key (OFFICIAL, the
// guide to bulk imports).
func (u *stagedUpload) path() string {
	for _, p := range u.Parameters {
		if p.Name == "key" {
			return p.Value
		}
	}
	return ""
}

// stage asks for a place to upload the file of an import to. Resource, type and
// method are the ones that imports must have (OFFICIAL).
func (s shop) stage() (*stagedUpload, error) {
	out, err := write[struct {
		Targets []stagedUpload `json:"stagedTargets"`
	}](s, stageMutation, variables{"in": []map[string]any{
		{"resource": "BULK_MUTATION_VARIABLES", "filename": "variables.jsonl", "mimeType": "text/jsonl", "httpMethod": "POST"},
	}})
	if err != nil {
		return nil, err
	}
	if len(out.Targets) != 1 || out.Targets[0].URL == "" || out.Targets[0].path() == "" {
		return nil, sdk.Errorf(abi.Internal, "the platform named no place to upload the lines to")
	}
	return &out.Targets[0], nil
}

// upload puts the lines there. Each attempt of a step has a place of its own, so
// that sending twice does no harm.
func (s shop) upload(to *stagedUpload, lines []raw) error {
	form, err := to.form(lines)
	if err != nil {
		return err
	}
	response, err := s.Request("POST", to.URL).Anonymous().Safe().Body("multipart/form-data; boundary="+formBoundary, form).Raw()
	if err != nil || response.OK() {
		return err
	}
	return refusedByStore(response, "to the upload of the lines")
}

// refusedByStore is the error for an answer of the file store other than 2xx.
func refusedByStore(response *rest.Response, what string) error {
	refused := rest.StatusError(response)
	if refused.Kind == abi.Auth { // the file's address or form, not the connection
		refused.Kind = abi.Denied
	}
	refused.Message = "the file store answered " + strconv.Itoa(response.Status) + " " + what
	return refused
}

// formBoundary is what parts of a form begin with. It stands behind a carriage
// return there, which neither a line nor a parameter holds.
const formBoundary = "musubi-lines-of-an-import"

// form writes multipart/form-data: the parameters, and the file as the last part
// (OFFICIAL). The lines are copied once, into what is sent.
func (u *stagedUpload) form(lines []raw) ([]byte, error) {
	size := sizeOf(lines) + 1024
	for _, p := range u.Parameters {
		if strings.ContainsAny(p.Name, "\r\n\"") || strings.ContainsAny(p.Value, "\r\n") {
			return nil, sdk.Errorf(abi.Internal, "a parameter of the upload cannot be sent in a form")
		}
		size += len(p.Name) + len(p.Value) + 128
	}
	form := make([]byte, 0, size)
	for _, p := range u.Parameters {
		form = append(form, "--"+formBoundary+"\r\nContent-Disposition: form-data; name=\""+p.Name+"\"\r\n\r\n"+p.Value+"\r\n"...)
	}
	form = append(form, "--"+formBoundary+"\r\nContent-Disposition: form-data; name=\"file\"; filename=\"variables.jsonl\"\r\nContent-Type: text/jsonl\r\n\r\n"...)
	for _, line := range lines {
		form = append(append(form, line.oneLine()...), '\n')
	}
	return append(form, "\r\n--"+formBoundary+"--\r\n"...), nil
}

// sizeOf is how many bytes the file of the lines has.
func sizeOf(lines []raw) int {
	size := 0
	for _, line := range lines {
		size += len(line) + 1
	}
	return size
}

// oneLine returns the object without line breaks, which JSON has between its
// parts only: within a text they are escaped.
func (r raw) oneLine() string {
	if !strings.ContainsAny(string(r), "\r\n") {
		return string(r)
	}
	return strings.ReplaceAll(strings.ReplaceAll(string(r), "\r", " "), "\n", " ")
}
