package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	stageDocument = `mutation S($in: [StagedUploadInput!]!) { r: stagedUploadsCreate(input: $in) { stagedTargets { url resourceUrl parameters { name value } } userErrors { field message } } }`
	stageVars     = `{"in":[{"resource":"BULK_MUTATION_VARIABLES","filename":"vars","mimeType":"text/jsonl","httpMethod":"POST"}]}`
	runDocument   = `mutation R($m: String!, $p: String!, $c: String) { r: bulkOperationRunMutation(mutation: $m, stagedUploadPath: $p, clientIdentifier: $c) { bulkOperation { id type status query } userErrors { field message code } } }`
	tagDocument   = `mutation T($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { node { id } userErrors { field message } } }`
)

// stagedForm is a form as it was given, name and value in turn.
func (s *shopUnderTest) stagedForm(t *testing.T) (fields [][2]string) {
	t.Helper()
	target := at(s.ask(t, stageDocument, stageVars), "data", "r", "stagedTargets", 0)
	expect(t, "url", at(target, "url"), any(s.URL+"/staged-uploads"))
	expect(t, "resourceUrl", at(target, "resourceUrl"), nil)
	parameters, _ := at(target, "parameters").([]any)
	for _, p := range parameters {
		fields = append(fields, [2]string{fmt.Sprint(at(p, "name")), fmt.Sprint(at(p, "value"))})
	}
	return fields
}

// post sends a form; the field "file" is the file.
func (s *shopUnderTest) post(t *testing.T, fields [][2]string, header map[string]string) (int, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range fields {
		write := form.CreateFormField
		if field[0] == "file" {
			write = func(name string) (io.Writer, error) { return form.CreateFormFile(name, "vars") }
		}
		part, err := write(field[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(field[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"Content-Type": form.FormDataContentType()}
	for name, value := range header {
		all[name] = value
	}
	resp, answer := s.send(t, "POST", "/staged-uploads", body.String(), all)
	return resp.StatusCode, string(answer)
}

// upload stages and uploads a file and returns its path.
func (s *shopUnderTest) upload(t *testing.T, file string) string {
	t.Helper()
	fields := s.stagedForm(t)
	if status, answer := s.post(t, append(fields, [2]string{"file", file}), nil); status != http.StatusCreated {
		t.Fatalf("%d %s", status, answer)
	}
	return fields[0][1]
}

// run asks for an import and returns the answer to it.
func (s *shopUnderTest) run(t *testing.T, mutation, path string, identifier any) any {
	t.Helper()
	vars, err := json.Marshal(map[string]any{"m": mutation, "p": path, "c": identifier})
	if err != nil {
		t.Fatal(err)
	}
	return at(s.ask(t, runDocument, string(vars)), "data", "r")
}

func TestUploadsAreAdmittedByTheirForm(t *testing.T) {
	s := startShop(t)
	file := [2]string{"file", "{}\n"}
	fields := s.stagedForm(t)
	if len(fields) != 9 || fields[0][0] != "key" || !strings.HasSuffix(fields[0][1], "/vars") {
		t.Fatalf("the parameters are %v", fields)
	}
	changed := append([][2]string{}, fields...)
	changed[3] = [2]string{"acl", "public"}
	for name, c := range map[string]struct {
		fields [][2]string
		header map[string]string
		status int
	}{
		"as given":              {append(fields[:9:9], file), nil, http.StatusCreated},
		"again":                 {append(fields[:9:9], file), nil, http.StatusCreated},
		"in another order":      {append([][2]string{fields[8], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7], fields[0]}, file), nil, http.StatusCreated},
		"without a file":        {fields, nil, http.StatusBadRequest},
		"the file first":        {append([][2]string{file}, fields...), nil, http.StatusBadRequest},
		"an empty file":         {append(fields[:9:9], [2]string{"file", ""}), nil, http.StatusBadRequest},
		"a parameter missing":   {append(fields[:8:8], file), nil, http.StatusForbidden},
		"a parameter changed":   {append(changed, file), nil, http.StatusForbidden},
		"one more parameter":    {append(fields[:9:9], [2]string{"x", "y"}, file), nil, http.StatusForbidden},
		"another key":           {append([][2]string{{"key", "tmp/x"}}, append(fields[1:9:9], file)...), nil, http.StatusForbidden},
		"with the shop's token": {append(fields[:9:9], file), map[string]string{"X-Shopify-Access-Token": s.token}, http.StatusBadRequest},
	} {
		if status, answer := s.post(t, c.fields, c.header); status != c.status || !strings.Contains(answer, "<") {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	if resp, _ := s.send(t, "POST", "/staged-uploads", "{}", map[string]string{"Content-Type": "application/json"}); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("JSON: %d", resp.StatusCode)
	}
}

func TestOnlyFilesOfImportsAreStaged(t *testing.T) {
	s := startShop(t)
	for change, field := range map[string]string{`"BULK_MUTATION_VARIABLES"=>"IMAGE"`: "resource", `"text/jsonl"=>"text/csv"`: "mimeType", `"POST"=>"PUT"`: "httpMethod"} {
		from, to, _ := strings.Cut(change, "=>")
		answer := s.ask(t, stageDocument, strings.Replace(stageVars, from, to, 1))
		expect(t, change, at(answer, "data", "r", "userErrors", 0, "field", 2), any(field))
		expect(t, change, at(answer, "data", "r", "stagedTargets"), nil)
	}
}

// TestImportsAnswerEachLine shows a line of every kind.
func TestImportsAnswerEachLine(t *testing.T) {
	s := startShop(t)
	b := listen(t, s, "bulk_operations/finish", "customer.tags_added")
	path := s.upload(t, `{"id":"gid://shopify/Customer/7770001","tags":["輸入"]}
{"id":"gid://shopify/Customer/1","tags":["輸入"]}
{"id":"gid://shopify/Customer/7770002"}
no JSON
`)
	started := s.run(t, tagDocument, path, "0197-my-import")
	expect(t, "type", at(started, "bulkOperation", "type"), "MUTATION")
	expect(t, "status", at(started, "bulkOperation", "status"), "CREATED")
	expect(t, "query", at(started, "bulkOperation", "query"), tagDocument)
	var got []any
	for line := range strings.Lines(s.exported(t, at(started, "bulkOperation", "id").(string))) {
		var answer map[string]any
		if err := json.Unmarshal([]byte(line), &answer); err != nil {
			t.Fatal(err)
		}
		got = append(got, []any{
			answer["__lineNumber"], at(answer, "data", "tagsAdd", "node", "id"), at(answer, "data", "tagsAdd", "userErrors", 0, "message"),
			at(answer, "errors", 0, "extensions", "code"), answer["errors"] != nil,
		})
	}
	want := []any{
		[]any{0.0, "gid://shopify/Customer/7770001", nil, nil, false},
		[]any{1.0, nil, "Customer does not exist", nil, false},
		[]any{2.0, nil, nil, "INVALID_VARIABLE", true},
		[]any{3.0, nil, nil, nil, true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if topics := s.sentTopics(t, b); topics != "customer.tags_added bulk_operations/finish" || !strings.Contains(b.bodies[1], `"type":"mutation"`) {
		t.Errorf("%s: %s", topics, b.bodies)
	}
}

func TestImportsThatCannotBeginAreRefused(t *testing.T) {
	s := startShop(t)
	path := s.upload(t, `{"id":"gid://shopify/Customer/7770001","tags":["x"]}`)
	for name, c := range map[string]struct {
		mutation, path string
		identifier     any
		code           any
		field          string
	}{
		"a query":              {`{ shop { id } }`, path, nil, "INVALID_MUTATION", "mutation"},
		"no document":          {`mutation {`, path, nil, "INVALID_MUTATION", "mutation"},
		"two fields":           {`mutation T($id: ID!) { a: tagsAdd(id: $id, tags: []) { node { id } } b: tagsAdd(id: $id, tags: []) { node { id } } }`, path, nil, "INVALID_MUTATION", "mutation"},
		"a bulk operation":     {`mutation T($q: String!) { bulkOperationRunQuery(query: $q) { userErrors { message } } }`, path, nil, "INVALID_MUTATION", "mutation"},
		"two connections":      {`mutation T($in: CustomerInput!) { customerUpdate(input: $in) { customer { a: addressesV2(first: 1) { nodes { id } } b: addressesV2(first: 1) { nodes { id } } } } }`, path, nil, "INVALID_MUTATION", "mutation"},
		"no such file":         {tagDocument, path + "x", nil, "NO_SUCH_FILE", "stagedUploadPath"},
		"nothing uploaded":     {tagDocument, s.stagedForm(t)[0][1], nil, "NO_SUCH_FILE", "stagedUploadPath"},
		"no lines":             {tagDocument, s.upload(t, "\n"), nil, "INVALID_STAGED_UPLOAD_FILE", "stagedUploadPath"},
		"a short identifier":   {tagDocument, path, "short", nil, "clientIdentifier"},
		"an identifier of 256": {tagDocument, path, strings.Repeat("x", 256), nil, "clientIdentifier"},
	} {
		answer := s.run(t, c.mutation, c.path, c.identifier)
		expect(t, name, at(answer, "bulkOperation"), nil)
		expect(t, name, at(answer, "userErrors", 0, "code"), c.code)
		expect(t, name, at(answer, "userErrors", 0, "field", 0), any(c.field))
	}
}

func TestOperationsOfATypeWaitForOneAnother(t *testing.T) {
	for most, code := range map[int]string{1: "OPERATION_IN_PROGRESS", 3: "LIMIT_REACHED"} {
		s := startShop(t)
		s.limit(t, map[string]any{"concurrent_bulk": most})
		path := s.upload(t, `{"id":"gid://shopify/Customer/7770001","tags":["x"]}`)
		for i := range most {
			expect(t, "refused", at(s.run(t, tagDocument, path, nil), "userErrors", 0), nil)
			answer := s.ask(t, fmt.Sprintf(`mutation { r: bulkOperationRunQuery(query: "{ orders { edges { node { id } } } }") { userErrors { message code } } } # %d`, i), "null")
			expect(t, "an export beside it", at(answer, "data", "r", "userErrors", 0), nil)
		}
		expect(t, fmt.Sprintf("one more than %d", most), at(s.run(t, tagDocument, path, nil), "userErrors", 0, "code"), any(code))
		s.exported(t, gid(kindBulk, "1"))
		expect(t, "once one is over", at(s.run(t, tagDocument, path, nil), "userErrors", 0), nil)
	}
}

func TestAnImportThatFailsLeavesWhatItCameTo(t *testing.T) {
	s := startShop(t)
	s.limit(t, map[string]any{"bulk_fails": true, "bulk_polls": 0})
	line := `{"id":"gid://shopify/Customer/7770001","tags":["x"]}` + "\n"
	id := at(s.run(t, tagDocument, s.upload(t, strings.Repeat(line, 4)), nil), "bulkOperation", "id")
	operation := at(s.ask(t, `query Q($id: ID!) { bulkOperation(id: $id) { status errorCode url partialDataUrl objectCount fileSize } }`, fmt.Sprintf(`{"id":%q}`, id)), "data", "bulkOperation")
	partial, _ := at(operation, "partialDataUrl").(string)
	_, file := s.send(t, "GET", strings.TrimPrefix(partial, s.URL), "", nil)
	if at(operation, "status") != "FAILED" || at(operation, "errorCode") != "INTERNAL_SERVER_ERROR" || at(operation, "url") != nil || bytes.Count(file, []byte("\n")) != 2 {
		t.Errorf("%v\n%s", operation, file)
	}
}

// TestBulkOperationsAreListed asks for all, for some, and the other way around.
func TestBulkOperationsAreListed(t *testing.T) {
	s := startShop(t)
	path := s.upload(t, `{"id":"gid://shopify/Customer/7770001","tags":["x"]}`)
	for range 2 {
		s.run(t, tagDocument, path, nil)
		s.ask(t, `mutation { bulkOperationRunQuery(query: "{ orders { edges { node { id } } } }") { userErrors { message } } }`, "null")
	}
	for arguments, want := range map[string]string{
		`first: 10`: "4 3 2 1", `first: 10, reverse: true`: "1 2 3 4", `first: 10, query: "operation_type:mutation"`: "3 1",
		`first: 10, query: "status:completed"`: "", `first: 1`: "4", `first: 10, query: "created_at:>2099-01-01"`: "",
	} {
		var ids []string
		nodes, _ := at(s.ask(t, `{ bulkOperations(`+arguments+`) { nodes { id } } }`, "null"), "data", "bulkOperations", "nodes").([]any)
		for _, n := range nodes {
			ids = append(ids, number(fmt.Sprint(at(n, "id"))))
		}
		expect(t, arguments, any(strings.Join(ids, " ")), any(want))
	}
}

// TestLinesNeedTheirRights: what the app may not do is an error of each line.
func TestLinesNeedTheirRights(t *testing.T) {
	s := startShop(t)
	s.limit(t, map[string]any{"scopes": []string{"read_customers"}})
	const document = `mutation U($in: CustomerInput!) { customerUpdate(input: $in) { userErrors { message } } }`
	id := at(s.run(t, document, s.upload(t, `{"in":{"id":"gid://shopify/Customer/7770001","note":"x"}}`), nil), "bulkOperation", "id")
	if file := s.exported(t, id.(string)); !strings.Contains(file, `"code":"ACCESS_DENIED"`) || !strings.Contains(file, `"customerUpdate":null`) {
		t.Error(file)
	}
}
