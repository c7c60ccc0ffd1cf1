package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// caller is a client of a fresh org, logged in.
type caller struct {
	t     *testing.T
	sim   *simkit.Server
	token string
}

func start(t *testing.T) *caller {
	t.Helper()
	sim, err := simkit.Start(program(), "127.0.0.1:0", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	c := &caller{t: t, sim: sim}
	c.login()
	return c
}

func (c *caller) login() {
	c.t.Helper()
	answer := c.form("/services/oauth2/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {defaultClient}, "client_secret": {defaultSecret},
	})
	if answer.status != 200 {
		c.t.Fatalf("logging in: %d %s", answer.status, answer.body)
	}
	c.token = answer.text("access_token")
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

// at walks into the JSON body: object keys and array positions.
func (r reply) at(path ...any) any {
	var value any
	if err := json.Unmarshal([]byte(r.body), &value); err != nil {
		return err.Error() + ": " + r.body
	}
	for _, step := range path {
		value = descend(value, fmt.Sprint(step))
	}
	return value
}

func (r reply) text(path ...any) string { return fmt.Sprint(r.at(path...)) }

// want fails unless the status is right and each path has its value.
func (r reply) want(t *testing.T, status int, values map[string]string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d: %s", r.status, status, r.body)
	}
	for path, want := range values {
		var steps []any
		for _, step := range strings.Split(path, ".") {
			steps = append(steps, step)
		}
		if got := r.text(steps...); got != want {
			t.Errorf("%s is %q, want %q in %s", path, got, want, r.body)
		}
	}
}

func (c *caller) form(path string, values url.Values) reply {
	c.t.Helper()
	return c.send("POST", path, values.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// do calls the REST API; headers are names and values in turn.
func (c *caller) do(method, path, body string, headers ...string) reply {
	c.t.Helper()
	return c.send(method, "/services/data/v68.0"+path, body, headers...)
}

func (c *caller) send(method, path, body string, headers ...string) reply {
	c.t.Helper()
	request, err := http.NewRequest(method, c.sim.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return reply{status: response.StatusCode, header: response.Header, body: string(text)}
}

func (c *caller) query(soql string, headers ...string) reply {
	c.t.Helper()
	return c.do("GET", "/query?q="+url.QueryEscape(soql), "", headers...)
}

// create creates a record and returns its id.
func (c *caller) create(object, fields string) string {
	c.t.Helper()
	answer := c.do("POST", "/sobjects/"+object, fields)
	if answer.status != 201 {
		c.t.Fatalf("creating %s: %d %s", object, answer.status, answer.body)
	}
	return answer.text("id")
}

func (c *caller) control(method, path, body string) reply {
	c.t.Helper()
	answer := c.send(method, "/_sim/"+path, body)
	if answer.status != 200 {
		c.t.Fatalf("%s %s: %d %s", method, path, answer.status, answer.body)
	}
	return answer
}

func TestCreateReadUpdateDelete(t *testing.T) {
	c := start(t)
	answer := c.do("POST", "/sobjects/Contact", `{"LastName":"山田","FirstName":"花子","Email":"hanako@example.com"}`)
	answer.want(t, 201, map[string]string{"success": "true", "errors": "[]"})
	id := answer.text("id")
	if len(id) != 18 || id[:3] != "003" {
		t.Fatalf("id %q", id)
	}
	c.do("GET", "/sobjects/Contact/"+id+"?fields=Id,LastName,Email", "").want(t, 200, map[string]string{
		"attributes.type": "Contact", "LastName": "山田", "Email": "hanako@example.com", "FirstName": "<nil>",
	})
	if got := c.do("PATCH", "/sobjects/Contact/"+id, `{"FirstName":null}`); got.status != 204 || got.body != "" {
		t.Errorf("update: %d %q", got.status, got.body)
	}
	c.do("GET", "/sobjects/Contact/"+id, "").want(t, 200, map[string]string{"FirstName": "<nil>", "Name": "山田"})
	c.do("DELETE", "/sobjects/Contact/"+id, "").want(t, 204, nil)
	c.do("GET", "/sobjects/Contact/"+id, "").want(t, 404, map[string]string{"0.errorCode": "NOT_FOUND"})
}

func TestErrorsAreArrays(t *testing.T) {
	c := start(t)
	c.do("POST", "/sobjects/Contact", `{"FirstName":"花子"}`).want(t, 400, map[string]string{
		"0.errorCode": "REQUIRED_FIELD_MISSING", "0.message": "Required fields are missing: [LastName]", "0.fields.0": "LastName",
	})
	c.do("POST", "/sobjects/Contact", `{"LastName"`).want(t, 400, map[string]string{"0.errorCode": "JSON_PARSER_ERROR", "0.fields": "<nil>"})
	c.do("GET", "/sobjects/Nobject/001xx0000000001AAA", "").want(t, 404, map[string]string{"0.errorCode": "NOT_FOUND"})
	c.do("PUT", "/sobjects/Contact", `{}`).want(t, 405, map[string]string{"0.errorCode": "METHOD_NOT_ALLOWED"})
	c.do("POST", "/sobjects/Contact", `<a/>`, "Content-Type", "text/xml").want(t, 415, nil)
	c.send("GET", "/services/data/v99.0/limits", "").want(t, 404, nil)
	c.send("GET", "/services/data/v20.0/limits", "").want(t, 410, nil)
}

func TestUpsertAnswers(t *testing.T) {
	c := start(t)
	path := "/sobjects/Contact/Ext_Customer__c/" + url.PathEscape("C 100/あ.1")
	body := `{"LastName":"山田"}`
	c.do("PATCH", path+"?updateOnly=true", body).want(t, 404, nil)
	c.do("PATCH", path, body).want(t, 201, map[string]string{"created": "true", "success": "true"})
	c.do("PATCH", path, body).want(t, 200, map[string]string{"created": "false"})
	c.do("GET", path+"?fields=Ext_Customer__c", "").want(t, 200, map[string]string{"Ext_Customer__c": "C 100/あ.1"})
	if old := c.send("PATCH", "/services/data/v45.0"+path, body); old.status != 204 || old.body != "" {
		t.Errorf("version 45: %d %q", old.status, old.body)
	}
	c.do("PATCH", path, `{"LastName":"x","Ext_Customer__c":"y"}`).want(t, 400, map[string]string{"0.errorCode": "INVALID_FIELD"})
	c.do("PATCH", "/sobjects/Contact/Email/x", body).want(t, 404, map[string]string{
		"0.errorCode": "NOT_FOUND", "0.message": "Provided external ID field does not exist or is not accessible: Email",
	})
}

func TestUpsertOfTwinsIs300(t *testing.T) {
	c := start(t)
	c.control("PUT", "records/_objects/Contact", `{"fields":[{"name":"Loose__c","type":"string","length":80,"external_id":true}]}`)
	c.create("Contact", `{"LastName":"a","Loose__c":"1"}`)
	second := c.create("Contact", `{"LastName":"b","Loose__c":"1"}`)
	answer := c.do("PATCH", "/sobjects/Contact/Loose__c/1", `{"LastName":"c"}`)
	answer.want(t, 300, map[string]string{"1": "/services/data/v68.0/sobjects/Contact/" + second})
}

func TestRelationshipByExternalID(t *testing.T) {
	c := start(t)
	c.create("Account", `{"Name":"山田 花子","Ext_Customer__c":"C-100"}`)
	c.create("Contact", `{"LastName":"山田","Account":{"Ext_Customer__c":"C-100"}}`)
	c.query("SELECT Account.Name FROM Contact").want(t, 200, map[string]string{"records.0.Account.Name": "山田 花子"})
	c.do("POST", "/sobjects/Contact", `{"LastName":"x","Account":{"Ext_Customer__c":"nobody"}}`).want(t, 400, map[string]string{"0.errorCode": "INVALID_FIELD"})
}

func TestQueryPages(t *testing.T) {
	c := start(t)
	var records []string
	for i := range 450 {
		records = append(records, fmt.Sprintf(`{"attributes":{"type":"Product2"},"Name":"茶 %d"}`, i))
	}
	for len(records) > 0 {
		n := min(200, len(records))
		c.do("POST", "/composite/sobjects", `{"records":[`+strings.Join(records[:n], ",")+`]}`).want(t, 200, nil)
		records = records[n:]
	}
	first := c.query("SELECT Id FROM Product2", "Sforce-Query-Options", "batchSize=100")
	first.want(t, 200, map[string]string{"totalSize": "450", "done": "false"})
	seen, page := map[string]bool{}, first
	for {
		list, _ := page.at("records").([]any)
		if len(list) > 200 {
			t.Fatalf("a page of %d rows", len(list))
		}
		for i := range list {
			seen[page.text("records", i, "Id")] = true
		}
		next := page.text("nextRecordsUrl")
		if page.text("done") == "true" {
			if next != "<nil>" {
				t.Errorf("the last page has a next one: %s", next)
			}
			break
		}
		page = c.send("GET", next, "", "Sforce-Query-Options", "batchSize=200")
	}
	if len(seen) != 450 {
		t.Errorf("%d of 450 records", len(seen))
	}
	c.control("POST", "clock/advance", `{"by":"49h"}`)
	c.login()
	c.send("GET", first.text("nextRecordsUrl"), "").want(t, 400, map[string]string{"0.errorCode": "INVALID_QUERY_LOCATOR"})
}

func TestQueryAllHasDeletedRecords(t *testing.T) {
	c := start(t)
	id := c.create("Account", `{"Name":"a"}`)
	c.do("DELETE", "/sobjects/Account/"+id, "")
	c.query("SELECT COUNT() FROM Account").want(t, 200, map[string]string{"totalSize": "0", "records": "[]"})
	c.do("GET", "/queryAll?q="+url.QueryEscape("SELECT Id, IsDeleted FROM Account"), "").want(t, 200, map[string]string{"records.0.IsDeleted": "true"})
}

func TestDuplicateRuleAnswer(t *testing.T) {
	c := start(t)
	first := c.create("Contact", `{"LastName":"山田","Email":"hanako@example.com"}`)
	c.control("PUT", "records/_duplicates/Standard_Contact_Duplicate_Rule", `{"object":"Contact","fields":["Email"],"allow_save":true}`)
	body := `{"LastName":"山田","Email":"hanako@example.com"}`
	c.do("POST", "/sobjects/Contact", body).want(t, 400, map[string]string{
		"0.errorCode": "DUPLICATES_DETECTED", "0.fields": "[]",
		"0.duplicateResut.allowSave": "true", "0.duplicateResut.matchResults.0.matchRecords.0.record.Id": first,
	})
	c.do("POST", "/sobjects/Contact", body, "Sforce-Duplicate-Rule-Header", "allowSave=true; includeRecordDetails=true").want(t, 201, nil)
}

const compositeOrder = `{"allOrNone":%t,"compositeRequest":[
 {"method":"PATCH","url":"/services/data/v68.0/sobjects/Account/Ext_Customer__c/C-100","referenceId":"refAccount","body":{"Name":"山田 花子"}},
 {"method":"POST","url":"/services/data/v68.0/sobjects/Order","referenceId":"refOrder","body":{"AccountId":"@{refAccount.id}","EffectiveDate":"2026-11-02","Status":"%s"}},
 {"method":"GET","url":"/services/data/v68.0/sobjects/Order/@{refOrder.id}?fields=AccountId","referenceId":"refRead"}]}`

func TestCompositeReferences(t *testing.T) {
	c := start(t)
	answer := c.do("POST", "/composite", fmt.Sprintf(compositeOrder, true, "Draft"))
	answer.want(t, 200, map[string]string{
		"compositeResponse.0.httpStatusCode": "201", "compositeResponse.1.httpStatusCode": "201",
		"compositeResponse.2.body.AccountId": answer.text("compositeResponse", 0, "body", "id"),
	})
}

func TestCompositeAllOrNone(t *testing.T) {
	c := start(t)
	c.do("POST", "/composite", fmt.Sprintf(compositeOrder, true, "Nonsense")).want(t, 200, map[string]string{
		"compositeResponse.0.httpStatusCode": "400", "compositeResponse.0.body.0.errorCode": "PROCESSING_HALTED",
		"compositeResponse.1.body.0.errorCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
		"compositeResponse.2.body.0.errorCode": "PROCESSING_HALTED",
	})
	c.query("SELECT COUNT() FROM Account").want(t, 200, map[string]string{"totalSize": "0"})
	c.do("POST", "/composite", fmt.Sprintf(compositeOrder, false, "Nonsense")).want(t, 200, map[string]string{
		"compositeResponse.0.httpStatusCode": "201", "compositeResponse.2.body.0.errorCode": "PROCESSING_HALTED",
	})
	c.query("SELECT COUNT() FROM Account").want(t, 200, map[string]string{"totalSize": "1"})
}

func TestCollections(t *testing.T) {
	c := start(t)
	body := `{"allOrNone":%t,"records":[{"attributes":{"type":"Contact"},"LastName":"山田"},{"attributes":{"type":"Contact"}}]}`
	answer := c.do("POST", "/composite/sobjects", fmt.Sprintf(body, false))
	answer.want(t, 200, map[string]string{"0.success": "true", "1.success": "false", "1.errors.0.statusCode": "REQUIRED_FIELD_MISSING", "1.errors.0.errorCode": "<nil>"})
	c.do("POST", "/composite/sobjects", fmt.Sprintf(body, true)).want(t, 200, map[string]string{"0.success": "false", "1.success": "false"})
	c.query("SELECT COUNT() FROM Contact").want(t, 200, map[string]string{"totalSize": "1"})
	id := answer.text(0, "id")
	c.do("PATCH", "/composite/sobjects", `{"records":[{"attributes":{"type":"Contact"},"id":"`+id+`","FirstName":"花子"}]}`).want(t, 200, map[string]string{"0.id": id})
	c.do("PATCH", "/composite/sobjects/Contact/Ext_Customer__c", `{"records":[{"attributes":{"type":"Contact"},"LastName":"佐藤","Ext_Customer__c":"C-1"}]}`).want(t, 200, map[string]string{"0.created": "true"})
	c.do("POST", "/composite/sobjects/Contact", `{"ids":["`+id+`","003xx0000009999AAA"],"fields":["FirstName"]}`).want(t, 200, map[string]string{"0.FirstName": "花子", "1": "<nil>"})
	c.do("DELETE", "/composite/sobjects?ids="+id+"&allOrNone=false", "").want(t, 200, map[string]string{"0.success": "true"})
	c.do("POST", "/composite/sobjects", `{"records":[`+strings.Repeat(`{"attributes":{"type":"Contact"}},`, 200)+`{}]}`).want(t, 400, map[string]string{"0.errorCode": "EXCEEDED_ID_LIMIT"})
}

func TestUpdatedAndDeleted(t *testing.T) {
	c := start(t)
	c.control("PUT", "clock", `{"now":"2026-11-02T01:30:00Z"}`)
	c.login()
	kept, gone := c.create("Contact", `{"LastName":"a"}`), c.create("Contact", `{"LastName":"b"}`)
	c.do("DELETE", "/sobjects/Contact/"+gone, "")
	span := "/?start=2026-11-02T01%3A00%3A00Z&end=2026-11-02T02%3A00%3A00Z"
	c.do("GET", "/sobjects/Contact/updated"+span, "").want(t, 200, map[string]string{"ids": "[" + kept + "]", "latestDateCovered": "2026-11-02T02:00:00.000+0000"})
	c.do("GET", "/sobjects/Contact/deleted"+span, "").want(t, 200, map[string]string{"deletedRecords.0.id": gone, "deletedRecords.0.deletedDate": "2026-11-02T01:30:00.000+0000"})
}

func TestLimits(t *testing.T) {
	c := start(t)
	c.control("PUT", "limits", `{"daily":3}`)
	if got := c.do("GET", "/limits", "").header.Get("Sforce-Limit-Info"); got != "api-usage=1/3" {
		t.Errorf("usage header %q", got)
	}
	c.do("GET", "/limits", "").want(t, 200, map[string]string{"DailyApiRequests.Max": "3", "DailyApiRequests.Remaining": "1"})
	c.do("GET", "/limits", "")
	answer := c.do("GET", "/limits", "")
	answer.want(t, 403, map[string]string{"0.errorCode": "REQUEST_LIMIT_EXCEEDED", "0.message": "TotalRequests Limit exceeded."})
	if answer.header.Get("Retry-After") != "" {
		t.Error("there is no Retry-After")
	}
}

func TestLockedRows(t *testing.T) {
	c := start(t)
	c.control("PUT", "limits", `{"lock_rows":1}`)
	c.do("POST", "/sobjects/Account", `{"Name":"a"}`).want(t, 400, map[string]string{"0.errorCode": "UNABLE_TO_LOCK_ROW"})
	c.do("POST", "/sobjects/Account", `{"Name":"a"}`).want(t, 201, nil)
}

func TestDescribe(t *testing.T) {
	c := start(t)
	answer := c.do("GET", "/sobjects/Contact/describe", "")
	answer.want(t, 200, map[string]string{"name": "Contact", "keyPrefix": "003"})
	fields, _ := answer.at("fields").([]any)
	required := []string{}
	for i := range fields {
		f := func(name string) bool { return answer.text("fields", i, name) == "true" }
		if f("createable") && !f("nillable") && !f("defaultedOnCreate") {
			required = append(required, answer.text("fields", i, "name"))
		}
	}
	if fmt.Sprint(required) != "[LastName]" {
		t.Errorf("required on create: %v", required)
	}
	c.do("GET", "/sobjects", "").want(t, 200, map[string]string{"sobjects.0.name": "Account"})
}

func TestFiles(t *testing.T) {
	c := start(t)
	product := c.create("Product2", `{"Name":"茶"}`)
	version := c.create("ContentVersion", `{"Title":"tea","PathOnClient":"tea.jpg","VersionData":"aGVsbG8=","FirstPublishLocationId":"`+product+`"}`)
	answer := c.do("GET", "/sobjects/ContentVersion/"+version+"/VersionData", "")
	if answer.body != "hello" || answer.header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("%q as %s", answer.body, answer.header.Get("Content-Type"))
	}
	c.query("SELECT ContentDocument.LatestPublishedVersionId FROM ContentDocumentLink WHERE LinkedEntityId = '"+product+"'").
		want(t, 200, map[string]string{"records.0.ContentDocument.LatestPublishedVersionId": version})
	form := "--x\r\nContent-Disposition: form-data; name=\"entity_content\"\r\nContent-Type: application/json\r\n\r\n{\"PathOnClient\":\"b.png\"}\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"VersionData\"; filename=\"b.png\"\r\n\r\nbytes\r\n--x--\r\n"
	c.do("POST", "/sobjects/ContentVersion", form, "Content-Type", "multipart/form-data; boundary=x").want(t, 201, nil)
}

func TestBulkIngest(t *testing.T) {
	c := start(t)
	job := c.do("POST", "/jobs/ingest", `{"object":"Contact","operation":"upsert","externalIdFieldName":"Ext_Customer__c","contentType":"CSV","lineEnding":"LF","columnDelimiter":"COMMA"}`)
	job.want(t, 200, map[string]string{"state": "Open"})
	path := "/jobs/ingest/" + job.text("id")
	csv := "Ext_Customer__c,LastName,FirstName\nC-1,\"山田, \"\"花\"\"\",#N/A\nC-2,,\n"
	c.send("PUT", "/"+job.text("contentUrl"), csv, "Content-Type", "text/csv").want(t, 201, nil)
	c.do("PATCH", path, `{"state":"UploadComplete"}`).want(t, 200, map[string]string{"state": "UploadComplete"})
	c.do("GET", path, "").want(t, 200, map[string]string{"state": "InProgress"})
	c.do("GET", path, "").want(t, 200, map[string]string{"state": "JobComplete", "numberRecordsProcessed": "2", "numberRecordsFailed": "1"})
	failed := c.do("GET", path+"/failedResults", "").body
	if !strings.Contains(failed, `REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --`) || !strings.HasPrefix(failed, "sf__Id,sf__Error,Ext_Customer__c") {
		t.Errorf("failed results: %s", failed)
	}
	if ok := c.do("GET", path+"/successfulResults", "").body; !strings.Contains(ok, `true,C-1,"山田, ""花"""`) {
		t.Errorf("successful results: %s", ok)
	}
}

func TestBulkQuery(t *testing.T) {
	c := start(t)
	for _, name := range []string{"a", "b", "c"} {
		c.create("Account", `{"Name":"`+name+`"}`)
	}
	job := c.do("POST", "/jobs/query", `{"operation":"query","query":"SELECT Name, Owner.Name FROM Account"}`)
	path := "/jobs/query/" + job.text("id")
	c.do("GET", path, "")
	c.do("GET", path, "").want(t, 200, map[string]string{"state": "JobComplete"})
	first := c.do("GET", path+"/results?maxRecords=2", "")
	if first.body != "Name,Owner.Name\na,Musubi\nb,Musubi\n" || first.header.Get("Sforce-Numberofrecords") != "2" {
		t.Errorf("%q %v", first.body, first.header)
	}
	last := c.do("GET", path+"/results?maxRecords=2&locator="+first.header.Get("Sforce-Locator"), "")
	if last.body != "Name,Owner.Name\nc,Musubi\n" || last.header.Get("Sforce-Locator") != "null" {
		t.Errorf("%q %v", last.body, last.header)
	}
}

// receiver takes outbound messages and acknowledges them from the given attempt on.
type receiver struct {
	from   int
	bodies chan string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	r.bodies <- q.Header.Get("Content-Type") + "\n" + string(body)
	if r.from--; r.from <= 0 {
		_, _ = io.WriteString(w, `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></e:Body></e:Envelope>`)
	}
}

func TestOutboundMessagesAreRepeatedUntilAcknowledged(t *testing.T) {
	c := start(t)
	r := &receiver{from: 2, bodies: make(chan string, 10)}
	server := httptest.NewServer(r)
	defer server.Close()
	c.control("PUT", "limits", `{"outbound_retry_ms":0}`)
	c.control("PUT", "hooks", `{"url":"`+server.URL+`","events":["Account"],"template":"Name,Mail__c"}`)
	id := c.create("Account", `{"Name":"山田 <花子> & \"co\"","Phone":"03-1234-5678"}`)
	c.create("Contact", `{"LastName":"not wanted"}`)
	sent, _ := c.control("GET", "hooks/sent", "").at("sent").([]any)
	if len(sent) != 2 {
		t.Fatalf("%d messages were sent, want 2", len(sent))
	}
	first, second := <-r.bodies, <-r.bodies
	if first != second {
		t.Errorf("the repetition differs:\n%s\n%s", first, second)
	}
	for _, want := range []string{
		"text/xml; charset=utf-8", "<OrganizationId>00Dxx0000000001EAA</OrganizationId>", `<SessionId xsi:nil="true"/>`,
		`xsi:type="sf:Account"`, "<sf:Id>" + id + "</sf:Id>", "<sf:Name>山田 &lt;花子&gt; &amp; &#34;co&#34;</sf:Name>",
	} {
		if !strings.Contains(first, want) {
			t.Errorf("no %s in %s", want, first)
		}
	}
	if strings.Contains(first, "Phone") || strings.Contains(first, "Mail__c") {
		t.Errorf("fields that are empty or not ticked: %s", first)
	}
}

func TestJournalTellsEffects(t *testing.T) {
	c := start(t)
	id := c.create("Account", `{"Name":"a"}`)
	if journal := c.control("GET", "journal", ""); !strings.Contains(journal.body, `"effect":"create Account `+id+`"`) {
		t.Errorf("journal: %s", journal.body)
	}
}

func TestStaffWritesRecords(t *testing.T) {
	c := start(t)
	c.control("PUT", "records/Lead/00Qxx0000000501", `{"LastName":"山田","Company":"個人","IsConverted":true}`)
	c.query("SELECT Id, IsConverted, LastModifiedById FROM Lead").want(t, 200, map[string]string{"records.0.Id": "00Qxx0000000501EAA", "records.0.IsConverted": "true", "records.0.LastModifiedById": "005xx0000000002AAA"})
	c.do("PATCH", "/sobjects/Lead/00Qxx0000000501EAA", `{"FirstName":"x"}`).want(t, 400, nil)
	list := c.control("GET", "records/Lead", "")
	if list.text("records", 0, "LastName") != "山田" {
		t.Error(list.body)
	}
}

func BenchmarkCreate(b *testing.B) {
	sim, err := simkit.Start(program(), "127.0.0.1:0", 1)
	if err != nil {
		b.Fatal(err)
	}
	defer sim.Close()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {defaultClient}, "client_secret": {defaultSecret}}
	answer, err := http.PostForm(sim.URL+"/services/oauth2/token", form)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	var login struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&login); err != nil {
		b.Fatal(err)
	}
	body := []byte(`{"Name":"山田 花子","Mail__c":"hanako@example.com"}`)
	for b.Loop() {
		request, _ := http.NewRequest(http.MethodPost, sim.URL+"/services/data/v67.0/sobjects/Account", bytes.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+login.Token)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil || response.StatusCode != http.StatusCreated {
			b.Fatal(err, response)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}
