package main

import (
	"strings"
	"testing"
)

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

func TestBulkFieldsHaveAnEnd(t *testing.T) {
	c := start(t)
	for size, want := range map[int]string{maxCell: "JobComplete", maxCell + 1: "Failed"} {
		job := c.do("POST", "/jobs/ingest", `{"object":"Account","operation":"insert","contentType":"CSV","lineEnding":"LF","columnDelimiter":"COMMA"}`)
		path := "/jobs/ingest/" + job.text("id")
		c.send("PUT", "/"+job.text("contentUrl"), "Name,Description\na,"+strings.Repeat("あ", size)+"\n", "Content-Type", "text/csv").want(t, 201, nil)
		c.do("PATCH", path, `{"state":"UploadComplete"}`)
		c.do("GET", path, "")
		c.do("GET", path, "").want(t, 200, map[string]string{"state": want})
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
