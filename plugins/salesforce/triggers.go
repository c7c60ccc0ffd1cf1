package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Names of the triggers.
const (
	recordNotified = "record.notified"
	recordUpdated  = "record.updated"
	recordDeleted  = "record.deleted"
)

const pollInterval = 5 * time.Minute

func triggers() []sdk.Trigger {
	return []sdk.Trigger{
		sdk.Announce[notifiedData](recordNotified, abi.Text{EN: "An outbound message told of a record", JA: "アウトバウンドメッセージを受け取ったとき"}),
		sdk.Poll[updatedData](recordUpdated, abi.Text{EN: "A record was created or changed", JA: "レコードが作成・更新されたとき"}, pollInterval, pollUpdated),
		sdk.Poll[deletedData](recordDeleted, abi.Text{EN: "A record was deleted", JA: "レコードが削除されたとき"}, pollInterval, pollDeleted),
	}
}

// notifiedData is the data of record.notified.
type notifiedData struct {
	Object         string            `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	ID             string            `json:"id" doc:"The record's id" ja:"レコードのid"`
	Fields         map[string]string `json:"fields" doc:"Fields as text. An empty field is left out, and so is one that the setup does not send: a missing field says nothing" ja:"項目(すべて文字列)。空の項目と設定で選んでいない項目は含まれない"`
	OrganizationID string            `json:"organization_id" doc:"The org's id" ja:"組織のid"`
	NotificationID string            `json:"notification_id" doc:"Id of the notification" ja:"通知のid"`
	ActionID       string            `json:"action_id" doc:"Id of the outbound message's definition" ja:"アウトバウンドメッセージ定義のid"`
}

// updatedData is the data of record.updated.
type updatedData struct {
	Object    string         `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	ID        string         `json:"id" doc:"The record's id" ja:"レコードのid"`
	Fields    map[string]any `json:"fields" doc:"The fields that the setting poll names" ja:"設定pollで指定した項目"`
	Created   bool           `json:"created" doc:"It did not change since it was created" ja:"作成されてから変更がないか"`
	UpdatedAt time.Time      `json:"updated_at" doc:"SystemModstamp: when it changed, for whatever reason" ja:"更新日時(SystemModstamp)"`
}

// deletedData is the data of record.deleted.
type deletedData struct {
	Object    string    `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	ID        string    `json:"id" doc:"The record's id" ja:"レコードのid"`
	DeletedAt time.Time `json:"deleted_at" doc:"When it was deleted" ja:"削除日時"`
}
