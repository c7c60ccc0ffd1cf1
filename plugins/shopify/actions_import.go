package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// runImport starts an import. The identifier is the app's own name for the
// operation, "which may be used for querying": no query by it is documented
// (reference of 2026-10), so the mutation carries it as well.
const runImport = `mutation RunImport($mutation: String!, $path: String!, $identifier: String) {
  bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path, clientIdentifier: $identifier) { bulkOperation {` + bulkFields + `} userErrors { field message code } }
}`

const (
	// identifierPrefix begins the identifiers of steps. With a step's key they
	// have the 10 to 255 characters that the platform wants.
	identifierPrefix = "musubi-step-"
	// listedBulk is how many operations are looked through for a step's own.
	listedBulk = 100
	// bulkSkew is how far the platform's clock may be behind.
	bulkSkew = 5 * time.Minute
)

type importInput struct {
	Mutation  string `json:"mutation" doc:"GraphQL mutation that is carried out for each line, with its userErrors: mutation($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { field message } } }" ja:"1行ごとに実行するGraphQLのmutation(userErrorsを含めること)"`
	Variables []raw  `json:"variables" doc:"The mutation's variables: an object for each line, up to 4 MB in all. The lines are carried out in any order" ja:"mutationの変数(1行につき1オブジェクト、合計4MBまで。実行順は保証されない)"`
}

// check says what the platform would refuse, or carry out without telling how.
func (in *importInput) check() error {
	if !strings.Contains(in.Mutation, "userErrors") {
		return &abi.Error{Kind: abi.Invalid, Fields: []string{"mutation"}, Message: "the mutation does not ask for userErrors { field message }: nobody would learn which lines were refused (mutationにuserErrors { field message }がありません)"}
	}
	if len(in.Variables) == 0 {
		return &abi.Error{Kind: abi.Invalid, Fields: []string{"variables"}, Message: "there is no line to import (variablesが空です)"}
	}
	for i, line := range in.Variables {
		if !strings.HasPrefix(string(line), "{") {
			return &abi.Error{Kind: abi.Invalid, Fields: []string{fmt.Sprintf("variables.%d", i)}, Message: fmt.Sprintf("line %d of the variables is not an object (variablesの%[1]d番目がオブジェクトではありません)", i)}
		}
	}
	if size := sizeOf(in.Variables); size > maxLines {
		return &abi.Error{Kind: abi.Invalid, Fields: []string{"variables"}, Message: fmt.Sprintf("the lines have %d bytes, and one import takes %d: make several of them (一括インポート1回の上限は%[2]dバイトです。分割してください)", size, maxLines)}
	}
	return nil
}

// identifier names the step at the platform; empty outside of one.
func identifier(call *sdk.Call) string {
	if key := call.IdempotencyKey(); key != "" {
		return identifierPrefix + key
	}
	return ""
}

// marked is the mutation with the identifier in a comment at its end.
func marked(mutation, identifier string) string {
	if identifier == "" {
		return mutation
	}
	return mutation + "\n# " + identifier
}

func startImport(call *sdk.Call, in importInput) (bulk, error) {
	if err := in.check(); err != nil {
		return bulk{}, err
	}
	s := shopOf(call)
	staged, err := s.stage()
	if err != nil {
		return bulk{}, err
	}
	if err := s.upload(staged, in.Variables); err != nil {
		return bulk{}, fmt.Errorf("uploading the lines: %w", err)
	}
	name := identifier(call)
	out, err := write[struct {
		Operation bulkOperation `json:"bulkOperation"`
	}](s, runImport, variables{"mutation": marked(in.Mutation, name), "path": staged.path(), "identifier": orNull(name)})
	if err == nil && out.Operation.ID == "" {
		err = sdk.Errorf(abi.Unknown, "the platform answered without saying whether the import runs")
	}
	return out.Operation.bulk(), err
}

// listedOperation is an operation in a list, with what it carries out.
type listedOperation struct {
	bulkOperation

	Document string    `json:"query"`
	Created  time.Time `json:"createdAt"`
}

const recentBulkQuery = `query RecentBulk($first: Int!) {
  bulkOperations(first: $first) { nodes {` + bulkFields + ` query createdAt} pageInfo { hasNextPage } }
}`

// confirmImport looks for the import that an attempt without an answer may have
// started, among the app's operations since then. The list comes from the
// database and not from the search, so that there is nothing to wait for, and
// the document of an operation is shown as it was given, comments and all (both INFERRED).
// If it is not, nobody can tell: a person must look, for a repetition would
// carry every line out again.
func confirmImport(call *sdk.Call, _ importInput) (bulk, bool, error) {
	since, name := call.Since().Add(-bulkSkew), identifier(call)
	operations, err := shopOf(call).bulkSince(since)
	if err != nil {
		return bulk{}, false, err
	}
	var stranger string
	for i := range operations {
		o := &operations[i]
		switch {
		case !o.imports() || o.Created.Before(since):
		case name != "" && strings.HasSuffix(o.Document, "# "+name):
			return o.bulk(), true, nil
		case !strings.Contains(o.Document, "# "+identifierPrefix):
			stranger = number(o.ID)
		}
	}
	if stranger != "" {
		return bulk{}, false, sdk.Errorf(abi.Conflict, "the bulk import %s began at that time and does not say which step it belongs to: look whether it is this one", stranger)
	}
	return bulk{}, false, nil
}

// bulkSince lists the app's bulk operations that began at since or later, and
// perhaps some before. The newest come first (OFFICIAL); a page in which that
// cannot be seen is not taken for all there is.
func (s shop) bulkSince(since time.Time) ([]listedOperation, error) {
	var data struct {
		Operations struct {
			Nodes []listedOperation `json:"nodes"`
			Page  pageInfo          `json:"pageInfo"`
		} `json:"bulkOperations"`
	}
	withheld, err := s.read(recentBulkQuery, listedBulk, variables{"first": listedBulk}, &data)
	if err == nil {
		err = listed(data.Operations.Nodes != nil, withheld)
	}
	if err != nil {
		return nil, err
	}
	all := data.Operations.Nodes
	if !data.Operations.Page.More {
		return all, nil
	}
	if last := len(all) - 1; last < 0 || !all[last].Created.Before(since) || all[0].Created.Before(all[last].Created) {
		return nil, sdk.Errorf(abi.Conflict, "more than %d bulk operations are listed: look whether the import is among them", listedBulk)
	}
	return all, nil
}
