package main

import (
	"fmt"
	"strings"
	"testing"
)

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
