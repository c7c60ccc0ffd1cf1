package main

import (
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

// cannedHost answers every request with one body.
type cannedHost struct {
	noHost

	body []byte
}

func (h cannedHost) HTTP(*abi.Request) *abi.Response { return &abi.Response{Status: 200, Body: h.body} }

// BenchmarkGetCustomer is what the connector itself costs for the commonest
// action, natively: input in, request out, answer in, output out.
func BenchmarkGetCustomer(b *testing.B) {
	instance := connector.Instance(cannedHost{body: []byte(hanakoDocument)})
	call := abi.Call{
		Op: abi.OpAction, Name: "customer.get", Settings: []byte(`{"base_url":"https://shop.example.com"}`), Now: sdktest.Epoch, Body: []byte(`{"id":"30511"}`),
	}
	b.ReportAllocs()
	for b.Loop() {
		if reply := instance.Handle(&call); reply.Err != nil {
			b.Fatal(reply.Err)
		}
	}
}

const hanakoDocument = `{"data":{"id":"30511","type":"customer","attributes":{
 "id":30511,"number":"7ac01be9f2","state":"member","human_state_name":"会員",
 "email":"hanako@example.com","mobile_email":null,"sex_id":2,"sex":"女性","job_id":null,"job":null,"birth":"1988/04/02",
 "buy_times":3,"buy_total":11940,"first_order_completed_at":"2024/01/10 09:12:44","last_order_completed_at":"2025/02/11 21:03:09",
 "point":120,"point_expired_at":null,"customer_rank_id":1,"customer_rank_name":"レギュラー","customer_type_id":1,"customer_type_name":"一般",
 "optin":true,"mail_delivery_stop":false,"line_id":null,"line_id_linked_at":null,"link_number":"",
 "blacklist":false,"blacklist_reasons":"","labels":"","coupon_codes":"","linked_memo":"","tenant_id":null,"assigned_admin_id":null,
 "is_auto_generated_email":false,"option01":"","option10":"",
 "created_at":"2024/01/10 09:12:40","updated_at":"2025/02/11 21:03:10","deleted_at":null},
 "relationships":{"billing_address":{"data":{"id":"901","type":"address"}}}},
 "included":[{"id":"901","type":"address","attributes":{"id":901,"name01":"山田","name02":"花子","kana01":"ヤマダ","kana02":"ハナコ",
  "company_name":null,"zip01":"150","zip02":"0001","prefecture_id":13,"prefecture_name":"東京都","addr01":"渋谷区神宮前","addr02":"1-2-3","addr03":"",
  "tel01":"090","tel02":"1111","tel03":"2222","full_name":"山田 花子","full_kana":"ヤマダ ハナコ","full_tel":"09011112222","full_zip":"1500001"}}]}`
