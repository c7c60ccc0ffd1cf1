package main

import (
	"bytes"
	"fmt"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

const bulkFields = `id type status errorCode objectCount rootObjectCount fileSize url partialDataUrl`

const runBulk = `mutation RunBulk($q: String!) {
  bulkOperationRunQuery(query: $q, groupObjects: true) { bulkOperation {` + bulkFields + `} userErrors { field message code } }
}`

const bulkQuery = `query Bulk($id: ID!) { bulkOperation(id: $id) {` + bulkFields + `} }`

// bulkOperation is an export or an import as the API has it.
type bulkOperation struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Status  string `json:"status"`
	Error   string `json:"errorCode"`
	Objects scalar `json:"objectCount"`
	Roots   scalar `json:"rootObjectCount"`
	Size    scalar `json:"fileSize"`
	URL     string `json:"url"`
	Partial string `json:"partialDataUrl"`
}

func (b *bulkOperation) size() int64 {
	if n := count(b.Size); n != nil {
		return *n
	}
	return 0
}

// imports says that the operation carries a mutation out for each line of a file.
func (b *bulkOperation) imports() bool { return b.Type == "MUTATION" }

// kind is what the operation is called.
func (b *bulkOperation) kind() (en, ja string) {
	if b.imports() {
		return "import", "インポート"
	}
	return "export", "エクスポート"
}

// wait is what there is to wait for while the file is being made, nil once it is over.
func (b *bulkOperation) wait() *abi.PollWait {
	switch b.Status {
	case "CREATED", "RUNNING", "CANCELING":
		id := number(b.ID)
		en, ja := b.kind()
		return &abi.PollWait{AfterMS: exportPause, For: text(
			fmt.Sprintf("the bulk %s %s is %s, at %s records", en, id, b.Status, b.Objects),
			fmt.Sprintf("一括%s%s: %s、%s件", ja, id, b.Status, b.Objects))}
	}
	return nil
}

// over is nil once the operation has ended, well or not.
func (b *bulkOperation) over() error {
	if wait := b.wait(); wait != nil {
		return &abi.Error{Kind: abi.Unavailable, RetryAfterMS: wait.AfterMS, Message: wait.For.EN}
	}
	return nil
}

// ready is nil if the whole file is there, or there is nothing to put into it.
func (b *bulkOperation) ready() error {
	if err := b.over(); err != nil {
		return err
	}
	switch b.Status {
	case "COMPLETED":
		if b.URL != "" && count(b.Size) == nil {
			return sdk.Errorf(abi.Unavailable, "the platform does not say how long the file of bulk operation %s is", number(b.ID))
		}
		return nil
	case "FAILED":
		if b.Error == codeDenied && !b.imports() {
			return &abi.Error{Kind: abi.Denied, Code: b.Error, Message: "the shop's plan or the app's rights do not allow the bulk export: with bulk_after_days 0 a backfill goes page by page and leaves out what is withheld"}
		}
	}
	kind, _ := b.kind()
	ended := &abi.Error{Kind: abi.Conflict, Code: b.Error, Message: "the bulk " + kind + " " + number(b.ID) + " ended as " + b.Status}
	if b.imports() {
		ended.Message += ": bulk.result reads what there is"
	}
	return ended
}

// startExport starts an export; children follow their record.
func (s shop) startExport(query string) (bulkOperation, error) {
	out, err := write[struct {
		Operation bulkOperation `json:"bulkOperation"`
	}](s, runBulk, variables{"q": query})
	if err == nil && out.Operation.ID == "" {
		err = unshown("bulk operation")
	}
	return out.Operation, err
}

func (s shop) bulkNamed(id string) (*bulkOperation, error) {
	global, err := gid(kindBulk, id)
	if err != nil {
		return nil, err
	}
	var data struct {
		Operation *bulkOperation `json:"bulkOperation"`
	}
	if _, err := s.read(bulkQuery, 1, variables{"id": global}, &data); err != nil {
		return nil, err
	}
	if data.Operation == nil {
		return nil, sdk.Errorf(abi.NotFound, "there is no bulk operation %s", id)
	}
	return data.Operation, nil
}

func bulkActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("bulk.start", text("Start a bulk export", "一括エクスポートを開始する"), startBulk),
		sdk.Read("bulk.get", text("Tell how far a bulk export or import is", "一括エクスポート・一括インポートの進み具合を調べる"), getBulk),
		sdk.Read("bulk.read", text("Read lines of a bulk export's file", "一括エクスポートのファイルを読む"), readBulk),
		sdk.Do("bulk.import", text("Carry a mutation out in bulk, once for each line of variables", "一括インポートを開始する(変数の1行ごとにmutationを実行)"), startImport).Confirm(confirmImport),
		sdk.Read("bulk.result", text("Tell how a bulk import ended, and which lines were refused", "一括インポートの結果とエラーになった行を調べる"), readResult).Pages("refused"),
	}
}

type startBulkInput struct {
	Query string `json:"query" doc:"GraphQL query with at least one connection, without variables: { products { edges { node { id } } } }" ja:"変数を含まないGraphQLクエリ(connectionを1つ以上含む)"`
}

// bulk is an export or an import as rules see it.
type bulk struct {
	ID      string `json:"id" doc:"Id of the operation" ja:"一括処理のID"`
	Kind    string `json:"kind" enum:"export,import" doc:"What it is" ja:"種類(export=エクスポート、import=インポート)"`
	State   string `json:"state" doc:"CREATED, RUNNING, COMPLETED, FAILED, CANCELING, CANCELED or EXPIRED" ja:"状態"`
	Error   string `json:"error,omitempty" doc:"Code of what went wrong" ja:"エラーコード"`
	Objects *int64 `json:"object_count,omitempty" doc:"How many objects it has so far, of an import how many lines" ja:"取得済みオブジェクト数(インポートでは処理済みの行数)"`
	Size    int64  `json:"size,omitempty" doc:"Size of its file, in bytes" ja:"ファイルサイズ(バイト)"`
}

func (b *bulkOperation) bulk() bulk {
	kind, _ := b.kind()
	return bulk{ID: number(b.ID), Kind: kind, State: b.Status, Error: b.Error, Objects: count(b.Objects), Size: b.size()}
}

func startBulk(call *sdk.Call, in startBulkInput) (bulk, error) {
	operation, err := shopOf(call).startExport(in.Query)
	return operation.bulk(), err
}

type bulkRef struct {
	ID string `json:"id" doc:"Id of the export or import" ja:"一括エクスポート・一括インポートのID"`
}

func getBulk(call *sdk.Call, in bulkRef) (bulk, error) {
	operation, err := shopOf(call).bulkNamed(in.ID)
	if err != nil {
		return bulk{}, err
	}
	return operation.bulk(), nil
}

type readBulkInput struct {
	ID     string `json:"id" doc:"Id of the export" ja:"一括エクスポートのID"`
	Offset int64  `json:"offset,omitempty" doc:"Where to read on, in bytes: next_offset of the part before" ja:"読み始める位置(前回のnext_offset)"`
	Bytes  int64  `json:"bytes,omitempty" default:"262144" doc:"How much to read at the most, up to 1048576" ja:"最大読込バイト数(1048576まで)"`
}

type bulkPart struct {
	Rows []raw `json:"rows" doc:"The lines; a child names its record in __parentId" ja:"行(子の行は__parentIdで親を示す)"`
	Next int64 `json:"next_offset" doc:"Where the next part begins" ja:"次の読込位置"`
	Done bool  `json:"done" doc:"Whether the file ends here" ja:"末尾まで読んだか"`
}

// maxPart is how much one call reads at the most.
const maxPart = 1 << 20

func readBulk(call *sdk.Call, in readBulkInput) (bulkPart, error) {
	s := shopOf(call)
	operation, err := s.bulkNamed(in.ID)
	if err != nil {
		return bulkPart{}, err
	}
	if err := operation.ready(); err != nil {
		return bulkPart{}, err
	}
	part := bulkPart{Rows: []raw{}, Next: in.Offset, Done: true}
	if operation.URL == "" || in.Offset >= operation.size() {
		return part, nil
	}
	if in.Offset < 0 || in.Bytes < 1 || in.Bytes > maxPart {
		return bulkPart{}, sdk.Errorf(abi.Invalid, "offset or bytes are out of range: 0 and up, and 1 to %d", maxPart)
	}
	file, err := s.fileRange(operation, in.Offset, in.Bytes)
	if err != nil {
		return bulkPart{}, err
	}
	part.take(file, in.Offset+int64(len(file)) >= operation.size())
	if !part.Done && len(part.Rows) == 0 {
		return bulkPart{}, sdk.Errorf(abi.Invalid, "a line of the file is longer than %d bytes: read more at once", in.Bytes)
	}
	return part, nil
}

// take splits off the whole lines.
func (p *bulkPart) take(file []byte, last bool) {
	for len(file) > 0 {
		end := bytes.IndexByte(file, '\n')
		if end < 0 && !last {
			p.Done = false
			return
		}
		if end < 0 {
			end = len(file) - 1
		}
		if line := bytes.TrimSpace(file[:end+1]); len(line) > 0 {
			p.Rows = append(p.Rows, raw(line))
		}
		p.Next += int64(end + 1)
		file = file[end+1:]
	}
	p.Done = last
}
