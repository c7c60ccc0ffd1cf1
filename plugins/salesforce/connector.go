package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// settings are what ops write for a connection.
type settings struct {
	BaseURL           string       `json:"base_url" format:"uri" doc:"The org's My Domain address, such as https://example.my.salesforce.com" ja:"組織の「私のドメイン」のURL(例: https://example.my.salesforce.com)"`
	APIVersion        string       `json:"api_version" default:"67.0" doc:"Version of the REST API" ja:"REST APIのバージョン"`
	Username          string       `json:"username,omitempty" doc:"For jwt_bearer: the user that the app acts as" ja:"jwt_bearer用: アプリが代理するユーザー名"`
	Audience          string       `json:"audience" default:"https://login.salesforce.com" doc:"For jwt_bearer: https://login.salesforce.com, for sandboxes https://test.salesforce.com" ja:"jwt_bearer用: 本番はhttps://login.salesforce.com、Sandboxはhttps://test.salesforce.com"`
	OrganizationID    string       `json:"organization_id,omitempty" doc:"Outbound messages of other orgs are refused; 15 or 18 characters" ja:"この組織以外からのアウトバウンドメッセージを拒否する(15桁または18桁の組織ID)"`
	IntegrationUserID string       `json:"integration_user_id,omitempty" doc:"Id of the user that this connection writes as: polls leave its changes out" ja:"この接続が書き込みに使うユーザーのID(ポーリングでその変更を除く)"`
	OnDuplicate       string       `json:"on_duplicate" enum:"fail,use_match,allow" default:"fail" doc:"When a duplicate rule stops a create: fail, update the one record that matches, or save if the rule only alerts" ja:"重複ルールに止められたとき: fail=失敗にする、use_match=一致した1件を更新する、allow=警告だけのルールなら保存する"`
	AutoAssign        bool         `json:"auto_assign" default:"true" doc:"Run the org's assignment rules for leads and cases" ja:"リードとケースの割り当てルールを実行する"`
	UsagePercent      int          `json:"usage_percent" default:"90" doc:"From this share of the daily API calls on, polls pause so that actions can go on; 0 never" ja:"1日のAPI回数のこの割合を超えたらポーリングを休む(アクションは続ける)。0は休まない"`
	MaxFileBytes      int64        `json:"max_file_bytes" default:"3000000" doc:"Largest file that file.download returns, in bytes" ja:"file.downloadで取得する最大バイト数"`
	Poll              []pollObject `json:"poll,omitempty" doc:"Objects that record.updated and record.deleted look at" ja:"record.updatedとrecord.deletedで監視するオブジェクト"`
}

// pollObject is an object that polls look at.
type pollObject struct {
	Object string   `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	Fields []string `json:"fields,omitempty" doc:"Fields that the event carries besides the id" ja:"イベントに含める項目(id以外)"`
	Where  string   `json:"where,omitempty" doc:"Further SOQL condition, such as: IsPersonAccount = TRUE" ja:"SOQLの追加条件(例: IsPersonAccount = TRUE)"`
}

// concurrency is how many requests go out at once: the org has 25 slots for
// slow ones, and parallel writes to children of one account lock each other out.
const concurrency = 10

// tokenURL serves all three grants on the My Domain host; client credentials work on no other.
const tokenURL = "{base_url}/services/oauth2/token"

func connector() *sdk.Connector {
	return &sdk.Connector{
		ID: "salesforce", Version: "1.0.0",
		Title:    abi.Text{EN: "Salesforce", JA: "Salesforce"},
		Settings: sdk.Settings[settings](),
		Secrets:  secrets(),
		Hosts:    []string{"{base_url}"},
		Auth:     authentication(),
		Limits:   abi.Limits{Concurrency: concurrency},
		Webhook:  sdk.Webhook{MaxBody: maxMessage, Receive: receiveMessage},
		Triggers: triggers(),
		Actions:  actions(),
		Records: &sdk.Records{
			Search: searchRecords, Create: createRecord, Update: updateRecord, Describe: describeRecord, Confirm: confirmCreate,
		},
		ReadError: readError,
	}
}

func secrets() []abi.Secret {
	return []abi.Secret{
		{Name: "client_id", Doc: abi.Text{EN: "Consumer key of the External Client App", JA: "外部クライアントアプリケーションのコンシューマー鍵"}},
		{Name: "client_secret", Doc: abi.Text{EN: "Consumer secret of the app", JA: "アプリのコンシューマーの秘密"}},
		{Name: "private_key", Doc: abi.Text{EN: "For jwt_bearer: PEM private key whose certificate the app has", JA: "jwt_bearer用: アプリに登録した証明書の秘密鍵(PEM)"}},
		{Name: "refresh_token", Doc: abi.Text{EN: "For refresh_token: the token of an authorization code flow", JA: "refresh_token用: 認可コードフローで得たリフレッシュトークン"}},
	}
}

// authentication lists the three ways. Token answers carry no expiry: the
// org's session time-out decides, so an hour is assumed and 401 fetches anew.
func authentication() []abi.AuthScheme {
	return []abi.AuthScheme{
		{
			Name: "client_credentials", Type: abi.AuthClientCredentials, TokenURL: tokenURL,
			ClientID: "{client_id}", ClientSecret: "{client_secret}",
		},
		{
			Name: "jwt_bearer", Type: abi.AuthJWTBearer, TokenURL: tokenURL,
			Issuer: "{client_id}", Subject: "{username}", Audience: "{audience}", PrivateKey: "{private_key}",
		},
		{
			Name: "refresh_token", Type: abi.AuthRefreshToken, TokenURL: tokenURL,
			ClientID: "{client_id}", ClientSecret: "{client_secret}", RefreshToken: "{refresh_token}",
		},
	}
}

func actions() []sdk.Action {
	var all []sdk.Action
	for _, family := range [][]sdk.Action{
		recordActions(), objectActions(), queryActions(), compositeActions(), collectionActions(), fileActions(), bulkActions(),
	} {
		all = append(all, family...)
	}
	return all
}
