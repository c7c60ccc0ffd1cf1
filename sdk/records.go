package sdk

import "github.com/musubi-run/musubi/sdk/abi"

// Records is what makes a platform a record store, which the upsert step and
// links build upon. It becomes the actions record.search, record.create and
// record.update.
type Records struct {
	Search func(*Call, abi.RecordQuery) (abi.RecordList, error)
	Create func(*Call, abi.RecordDraft) (abi.RecordRef, error)
	Update func(*Call, abi.RecordChange) (abi.RecordRef, error)
	// Confirm finds out whether a Create that got no answer was carried out, as
	// [Writing.Confirm] does; nil if the platform gives no way to know.
	Confirm func(*Call, abi.RecordDraft) (ref abi.RecordRef, done bool, err error)
}

// Names of the actions that Records becomes.
const (
	recordSearch = "record.search"
	recordCreate = "record.create"
	recordUpdate = "record.update"
)

func (r *Records) actions() []Action {
	create := Do(recordCreate, abi.Text{EN: "Create a record", JA: "レコードを作成する"}, r.Create)
	if r.Confirm != nil {
		create = create.Confirm(r.Confirm)
	}
	return []Action{
		Read(recordSearch, abi.Text{EN: "Search records by field values", JA: "項目の値でレコードを検索する"}, r.Search),
		create,
		Do(recordUpdate, abi.Text{EN: "Update a record", JA: "レコードを更新する"}, r.Update).Idempotent(),
	}
}
