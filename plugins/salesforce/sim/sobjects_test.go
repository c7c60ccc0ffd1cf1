package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

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
