package abi

// Manifest is all that a plugin can do and reach, as data: what ops see, what
// rules are checked against, and what the host enforces.
type Manifest struct {
	ABI     string `json:"abi"`
	ID      string `json:"id"`
	Version string `json:"version"`
	Title   Text   `json:"title"`

	Settings *Schema  `json:"settings"`
	Secrets  []Secret `json:"secrets,omitempty"`
	// Hosts are the only places the plugin reaches: origins ("https://api.example.com")
	// or settings that hold one ("{base_url}"), or a list of
	// them ("{more_hosts}").
	Hosts []string `json:"hosts"`
	// Auth lists the ways to authenticate; a connection picks one by name, the first is the default.
	Auth   []AuthScheme `json:"auth,omitempty"`
	Limits Limits       `json:"limits,omitzero"`

	Webhook  *Webhook  `json:"webhook,omitempty"`
	Triggers []Trigger `json:"triggers,omitempty"`
	Actions  []Action  `json:"actions,omitempty"`
	Records  *Records  `json:"records,omitempty"`
}

// Text is a sentence for people, in both languages.
type Text struct {
	EN string `json:"en"`
	JA string `json:"ja,omitempty"`
}

// Secret is a value that only the host ever holds.
type Secret struct {
	Name string `json:"name"`
	Doc  Text   `json:"doc"`
	// Optional secrets may be absent; the others are demanded at start unless
	// they belong only to ways of authentication that the connection did not pick.
	Optional bool `json:"optional,omitempty"`
}

// AuthType is how a credential is attached to a request.
type AuthType string

// The ways to authenticate.
const (
	AuthNone   AuthType = "none"
	AuthHeader AuthType = "header"
	AuthQuery  AuthType = "query"
	// AuthPath is for addresses that are the credential themselves, as those of
	// many chats' incoming webhooks: the value is the end of the path.
	AuthPath              AuthType = "path"
	AuthBasic             AuthType = "basic"
	AuthClientCredentials AuthType = "oauth2_client_credentials"
	AuthRefreshToken      AuthType = "oauth2_refresh_token"
	AuthJWTBearer         AuthType = "oauth2_jwt_bearer"
	// AuthJWTClient is the client credentials grant of a client that proves itself
	// by a signed JWT in place of a secret (RFC 7523, 2.2; "private_key_jwt").
	AuthJWTClient AuthType = "oauth2_jwt_client"
	// AuthSignature signs each request; see [Signing].
	AuthSignature AuthType = "signature"
)

// AuthScheme describes one way to authenticate. Strings may hold {name} for a
// setting or a secret of the connection; only the host fills them in.
type AuthScheme struct {
	Name string   `json:"name"`
	Type AuthType `json:"type"`

	// Header and Value belong to AuthHeader and, with {access_token}, to the
	// OAuth2 types (default "Authorization", "Bearer {access_token}") and, with
	// {credentials}, the base64 of username:password, to AuthBasic (default
	// "Authorization", "Basic {credentials}"). AuthQuery uses Header as the parameter's name.
	Header string `json:"header,omitempty"`
	Value  string `json:"value,omitempty"`

	// Username and Password belong to AuthBasic.
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`

	// The rest belongs to the OAuth2 types.
	TokenURL     string `json:"token_url,omitempty"`
	ClientID     string `json:"client_id,omitempty"`
	ClientSecret string `json:"client_secret,omitempty"`
	// BasicClient sends client id and secret as HTTP Basic instead of in the form.
	BasicClient bool `json:"basic_client,omitempty"`
	// Scope is a field of the form, and of a JWT assertion a claim: a platform that
	// takes an assertion and wants it in the form has it in Params.
	Scope        string `json:"scope,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
	// Params are further fields of the form. One whose names have no value is left out.
	Params map[string]string `json:"params,omitempty"`
	// Issuer and Subject are the claims iss and sub of a JWT assertion; Subject may stay empty.
	Issuer  string `json:"issuer,omitempty"`
	Subject string `json:"subject,omitempty"`
	// Audience is the claim aud of a JWT assertion; it may stay empty.
	Audience string `json:"audience,omitempty"`
	// PrivateKey names the RSA key for AuthJWTBearer and AuthJWTClient (RS256):
	// PEM, JWK, or a JSON document that has the PEM as its "private_key".
	PrivateKey string `json:"private_key,omitempty"`
	// KeyID is the header kid of a JWT assertion; it may stay empty.
	KeyID string `json:"key_id,omitempty"`
	// Claims are further claims of a JWT assertion; texts may hold {name}, numbers stay numbers.
	Claims map[string]any `json:"claims,omitempty"`
	// AssertionSeconds is how long a JWT assertion is valid; 0 means 120.
	AssertionSeconds int `json:"assertion_seconds,omitempty"`
	// TokenSeconds is assumed when the token answer has no expires_in; 0 means 3600.
	TokenSeconds int `json:"token_seconds,omitempty"`
	// BusyCodes are the platform's codes for "too many tokens, later", where its
	// token endpoint says so with another status than 429.
	BusyCodes []string `json:"busy_codes,omitempty"`
	// ExpiredStatus is the status that means "get a new token and repeat once"; 0 means 401.
	ExpiredStatus int `json:"expired_status,omitempty"`

	// Signing belongs to AuthSignature.
	Signing *Signing `json:"signing,omitempty"`
}

// Webhook says how deliveries are checked before anything is decoded. A
// delivery must satisfy every signature whose secret the connection has; one
// that is not Optional must be configured.
type Webhook struct {
	Signatures []Signature `json:"signatures,omitempty"`
	// MaxBody is the largest body in bytes; 0 means 1 MiB.
	MaxBody int `json:"max_body,omitempty"`
	// Pings are what the platform asks with whether somebody is there.
	Pings []Ping `json:"pings,omitempty"`
}

// Ping is a POST that a platform sends unsigned, and before or besides its
// deliveries, to see whether the address answers. The host answers it 200 and
// hands it to nobody: whoever forges one has brought about nothing.
type Ping struct {
	// Form are the fields of the form that is its body: these, once each, and no others.
	Form []string `json:"form"`
}

// SignatureType is a scheme to check a delivery by.
type SignatureType string

// The signature schemes.
const (
	// SignatureHMAC compares Header with an HMAC of Payload.
	SignatureHMAC SignatureType = "hmac"
	// SignatureHeader compares Header with the secret itself.
	SignatureHeader SignatureType = "header"
)

// Signature is one check. Header, Algorithm, Encoding and Prefix may hold
// {name} for a setting.
type Signature struct {
	Type   SignatureType `json:"type"`
	Header string        `json:"header"`
	// Secret is the name of the secret that keys the check.
	Secret string `json:"secret"`
	// Algorithm is sha256 (default), sha1 or sha512.
	Algorithm string `json:"algorithm,omitempty"`
	// Encoding is base64 (default) or hex.
	Encoding string `json:"encoding,omitempty"`
	// Prefix stands before the encoded signature, as in "v0=".
	Prefix string `json:"prefix,omitempty"`
	// Payload is what is signed: "{body}" (default), or with "{timestamp}", the value of TimestampHeader.
	Payload string `json:"payload,omitempty"`
	// TimestampHeader holds Unix seconds; a delivery further than ToleranceSeconds from now is refused.
	TimestampHeader  string `json:"timestamp_header,omitempty"`
	ToleranceSeconds int    `json:"tolerance_seconds,omitempty"`
	// Optional: no check while the connection has no such secret.
	Optional bool `json:"optional,omitempty"`
}

// Trigger is something the connector can announce.
type Trigger struct {
	Name  string  `json:"name"`
	Title Text    `json:"title"`
	Data  *Schema `json:"data"`
	// Model says which type of the shared model Data is, or extends.
	Model Model `json:"model,omitempty"`
	// Webhook and Poll say how it comes; both may be true.
	Webhook bool `json:"webhook,omitempty"`
	Poll    bool `json:"poll,omitempty"`
	// IntervalSeconds is the default poll interval.
	IntervalSeconds int `json:"interval_seconds,omitempty"`
	// Deprecated carries the platform's own advice, if it has any.
	Deprecated string `json:"deprecated,omitempty"`
}

// Action is something the connector can do.
type Action struct {
	Name   string  `json:"name"`
	Title  Text    `json:"title"`
	Input  *Schema `json:"input"`
	Output *Schema `json:"output"`
	// Reads says that the action changes nothing, so it may always be repeated.
	Reads bool `json:"reads,omitempty"`
	// Idempotent says that a repetition with the same idempotency key or input changes nothing more.
	Idempotent bool `json:"idempotent,omitempty"`
	// IdempotentFor is for how many seconds from the first attempt on that holds; 0 for ever.
	IdempotentFor int `json:"idempotent_for,omitempty"`
	// Confirms says that OpConfirm can find out whether an unanswered attempt was carried out.
	Confirms bool `json:"confirms,omitempty"`
	// Pages is the field of Output that holds one page of a list, for an action
	// that reads a list page by page. Such an action takes, and returns, where
	// to go on in the text field "next": left out for the first page, empty behind the last.
	Pages string `json:"pages,omitempty"`
}

// PageNext is the field of an input and an output that says where the next page begins.
const PageNext = "next"

// Records names the actions that make a connector a record store, which the
// upsert step and links need. Their shapes are fixed: see the Record types.
type Records struct {
	Search string `json:"search"`
	Create string `json:"create"`
	Update string `json:"update"`
	// Describe tells the fields of a kind of record; empty if the platform cannot.
	Describe string `json:"describe,omitempty"`
}

// RecordQuery is the input of Records.Search: the records of Object whose
// fields equal Match.
type RecordQuery struct {
	Object string         `json:"object" doc:"Kind of record, as the platform names it" ja:"レコードの種類(プラットフォームでの名前)"`
	Match  map[string]any `json:"match" doc:"Fields that must have these values" ja:"一致させる項目と値"`
	Fields []string       `json:"fields,omitempty" doc:"Fields to return besides the id" ja:"id以外に返す項目"`
	Limit  int64          `json:"limit,omitempty" doc:"How many records at the most; 0 means 200" ja:"最大件数(0は200件)"`
}

// RecordList is the output of Records.Search.
type RecordList struct {
	TotalSize int64    `json:"total_size" doc:"How many records match" ja:"一致した件数"`
	Records   []Record `json:"records" doc:"The records" ja:"レコード"`
}

// Record is one record of a record store.
type Record struct {
	ID     string         `json:"id" doc:"The record's id" ja:"レコードのid"`
	Fields map[string]any `json:"fields,omitempty" doc:"Its fields" ja:"項目"`
}

// RecordDraft is the input of Records.Create.
type RecordDraft struct {
	Object string         `json:"object" doc:"Kind of record, as the platform names it" ja:"レコードの種類(プラットフォームでの名前)"`
	Fields map[string]any `json:"fields" doc:"Fields to set" ja:"設定する項目"`
}

// RecordChange is the input of Records.Update. Fields that are not named stay as they are.
type RecordChange struct {
	Object string         `json:"object" doc:"Kind of record, as the platform names it" ja:"レコードの種類(プラットフォームでの名前)"`
	ID     string         `json:"id" doc:"The record's id" ja:"レコードのid"`
	Fields map[string]any `json:"fields" doc:"Fields to set" ja:"設定する項目"`
}

// RecordRef is the output of Records.Create and Records.Update.
type RecordRef struct {
	ID string `json:"id" doc:"The record's id" ja:"レコードのid"`
}

// RecordKind is the input of Records.Describe.
type RecordKind struct {
	Object string `json:"object" doc:"Kind of record, as the platform names it" ja:"レコードの種類(プラットフォームでの名前)"`
}

// RecordShape is the output of Records.Describe.
type RecordShape struct {
	Object string        `json:"object" doc:"Kind of record, as the platform names it" ja:"レコードの種類(プラットフォームでの名前)"`
	Title  string        `json:"title,omitempty" doc:"Name for people" ja:"表示名"`
	Fields []RecordField `json:"fields" doc:"Its fields" ja:"項目"`
}

// RecordField is one field of a kind of record. Type and Format are those of a
// [Schema]; a field of any other sort has no type.
type RecordField struct {
	Name     string   `json:"name" doc:"Name, as the platform has it" ja:"プラットフォームでの項目名"`
	Title    string   `json:"title,omitempty" doc:"Name for people" ja:"表示名"`
	Type     string   `json:"type,omitempty" doc:"string, integer, number, boolean, or nothing for any other" ja:"string、integer、number、boolean。それ以外は空"`
	Format   string   `json:"format,omitempty" doc:"date or date-time, for a string" ja:"stringの形式(date、date-time)"`
	Values   []string `json:"values,omitempty" doc:"The only values that it takes" ja:"この中の値だけを受け付ける"`
	Required bool     `json:"required,omitempty" doc:"Needed to create a record" ja:"作成時に必須か"`
	ReadOnly bool     `json:"read_only,omitempty" doc:"The platform alone writes it, as the time of change or what it calculates" ja:"プラットフォームだけが書く項目か(更新日時や数式など)"`
}

// Fit returns the schema that records of this kind fit. What is not required
// may be null.
func (s *RecordShape) Fit() *Schema {
	object := &Schema{Type: TypeObject, Properties: make(map[string]*Schema, len(s.Fields)), Doc: s.Title}
	for _, f := range s.Fields {
		object.Properties[f.Name] = &Schema{
			Type: SchemaType(f.Type), Format: f.Format, Enum: f.Values, Nullable: !f.Required, ReadOnly: f.ReadOnly, Doc: f.Title,
		}
		if f.Required {
			object.Required = append(object.Required, f.Name)
		}
	}
	return object
}
