package sdk

import "github.com/musubi-run/musubi/sdk/abi"

// Records is what makes a platform a record store, which the upsert step and
// links build upon. It becomes the actions record.search, record.create,
// record.update and, where the platform can tell, record.describe.
type Records struct {
	Search func(*Call, abi.RecordQuery) (abi.RecordList, error)
	Create func(*Call, abi.RecordDraft) (abi.RecordRef, error)
	Update func(*Call, abi.RecordChange) (abi.RecordRef, error)
	// Describe tells the fields of a kind of record, so that rules are checked
	// against them; nil if the platform cannot.
	Describe func(*Call, abi.RecordKind) (abi.RecordShape, error)
	// Confirm finds out whether a Create that got no answer was carried out, as
	// [Writing.Confirm] does; nil if the platform gives no way to know.
	Confirm func(*Call, abi.RecordDraft) (ref abi.RecordRef, done bool, err error)
}

// Names of the actions that Records becomes.
const (
	recordSearch   = "record.search"
	recordCreate   = "record.create"
	recordUpdate   = "record.update"
	recordDescribe = "record.describe"
)

func (r *Records) actions() []Action {
	create := Do(recordCreate, abi.Text{EN: "Create a record", JA: "レコードを作成する"}, r.Create)
	if r.Confirm != nil {
		create = create.Confirm(r.Confirm)
	}
	all := []Action{
		Read(recordSearch, abi.Text{EN: "Search records by field values", JA: "項目の値でレコードを検索する"}, r.Search),
		create,
		Do(recordUpdate, abi.Text{EN: "Update a record", JA: "レコードを更新する"}, r.Update).Idempotent(),
	}
	if r.Describe != nil {
		all = append(all, Read(recordDescribe, abi.Text{EN: "Tell the fields of a kind of record", JA: "レコードの項目を調べる"}, r.Describe))
	}
	return all
}
