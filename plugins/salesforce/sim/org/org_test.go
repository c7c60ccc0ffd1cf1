package org

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var morning = time.Date(2026, 11, 2, 1, 2, 3, 456e6, time.UTC)

func newOrg(t *testing.T) *Org {
	t.Helper()
	o, err := New(func() time.Time { return morning }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// insert creates a record and returns its id, or the refusal's code.
func insert(t *testing.T, o *Org, object string, fields map[string]any) (id, code string) {
	t.Helper()
	err := o.Write(IntegrationUser, func(tx *Tx) error {
		kind, err := tx.Object(object)
		if err != nil {
			return err
		}
		r, err := tx.Insert(kind, fields, Options{})
		if err == nil {
			id = r.ID()
		}
		return err
	})
	return id, codeOf(err)
}

func codeOf(err error) string {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

func mustInsert(t *testing.T, o *Org, object string, fields map[string]any) string {
	t.Helper()
	id, code := insert(t, o, object, fields)
	if code != "" {
		t.Fatalf("creating %s: %s", object, code)
	}
	return id
}

func update(o *Org, object, id string, fields map[string]any) string {
	return codeOf(o.Write(IntegrationUser, func(tx *Tx) error {
		kind, err := tx.Object(object)
		if err != nil {
			return err
		}
		_, err = tx.Update(kind, id, fields, Options{})
		return err
	}))
}

// query returns the JSON of the records, joined by a blank.
func query(t *testing.T, o *Org, text string) string {
	t.Helper()
	var found []string
	err := o.Read(func(tx *Tx) error {
		res, err := tx.Query(text, false)
		if err != nil {
			return err
		}
		for i := range res.Records {
			found = append(found, string(res.AppendRecord(nil, tx, i, "")))
		}
		return nil
	})
	if err != nil {
		return codeOf(err)
	}
	return strings.Join(found, " ")
}

func TestLongID(t *testing.T) {
	for short, long := range map[string]string{
		"00Dxx0000000001": "00Dxx0000000001EAA", "001xx0000000001": "001xx0000000001AAA", "006xx00000ABCDE": "006xx00000ABCDEAA5",
	} {
		if got := LongID(short); got != long {
			t.Errorf("LongID(%s) = %s, want %s", short, got, long)
		}
	}
}

func TestInsertRefusals(t *testing.T) {
	o := newOrg(t)
	mustInsert(t, o, "Account", map[string]any{"Name": "山田 花子", "Ext_Customer__c": "C-100"})
	for code, c := range map[string]struct {
		object string
		fields map[string]any
	}{
		CodeRequiredMissing: {"Contact", map[string]any{"FirstName": "花子"}},
		CodeTooLong:         {"Contact", map[string]any{"LastName": strings.Repeat("山", 81)}},
		CodeEmail:           {"Contact", map[string]any{"LastName": "山田", "Email": "hanako..y@example.com"}},
		CodePicklist:        {"Lead", map[string]any{"LastName": "山田", "Company": "個人", "Rating": "Lukewarm"}},
		CodeRange:           {"Account", map[string]any{"Name": "x", "AnnualRevenue": 1e19}},
		CodeCrossReference:  {"Contact", map[string]any{"LastName": "山田", "AccountId": "001xx0000000999"}},
		CodeMalformedID:     {"Contact", map[string]any{"LastName": "山田", "AccountId": "12"}},
		CodeInvalidField:    {"Account", map[string]any{"Name": "x", "Nmae": "y"}},
		CodeReadOnly:        {"Account", map[string]any{"Name": "x", "CreatedDate": "2026-11-02T00:00:00Z"}},
		CodeJSON:            {"Account", map[string]any{"Name": 12.0}},
		CodeDuplicateValue:  {"Account", map[string]any{"Name": "x", "ext_customer__C": "c-100"}},
		CodeNotFound:        {"Acount", nil},
		CodeStandardPrice: {"PricebookEntry", map[string]any{
			"Pricebook2Id": mustInsert(t, o, "Pricebook2", map[string]any{"Name": "EC"}),
			"Product2Id":   mustInsert(t, o, "Product2", map[string]any{"Name": "茶"}), "UnitPrice": 2000.0,
		}},
	} {
		if _, got := insert(t, o, c.object, c.fields); got != code {
			t.Errorf("inserting %s %v: %q, want %s", c.object, c.fields, got, code)
		}
	}
}

func TestARefusedWriteLeavesNothing(t *testing.T) {
	o := newOrg(t)
	id := mustInsert(t, o, "Account", map[string]any{"Name": "a", "Ext_Customer__c": "1"})
	err := o.Write(IntegrationUser, func(tx *Tx) error {
		kind, _ := tx.Object("Account")
		if _, err := tx.Insert(kind, map[string]any{"Name": "b", "Ext_Customer__c": "2"}, Options{}); err != nil {
			return err
		}
		if _, err := tx.Update(kind, id, map[string]any{"Ext_Customer__c": "3"}, Options{}); err != nil {
			return err
		}
		return errors.New("changed my mind")
	})
	if err == nil {
		t.Fatal("want the error back")
	}
	for key, want := range map[string]int{"1": 1, "2": 0, "3": 0} {
		got := query(t, o, "SELECT Name FROM Account WHERE Ext_Customer__c = '"+key+"'")
		if strings.Count(got, `"Name"`) != want {
			t.Errorf("after the rollback %s is %q", key, got)
		}
	}
}

func TestQueryFiltersByType(t *testing.T) {
	o := newOrg(t)
	account := mustInsert(t, o, "Account", map[string]any{"Name": "山田 花子", "Mail__c": "Hanako@Example.com", "AnnualRevenue": 4100.0})
	mustInsert(t, o, "Contact", map[string]any{"LastName": "山田", "FirstName": "花子", "AccountId": account, "Birthdate": "1990-03-04"})
	for where, want := range map[string]bool{
		"Account WHERE Mail__c = 'hanako@EXAMPLE.com'":                  true,
		"Account WHERE Mail__c != 'hanako@example.com'":                 false,
		"Account WHERE Website != 'x'":                                  true,
		"Account WHERE Website = NULL":                                  true,
		"Account WHERE AnnualRevenue > 4099.5":                          true,
		"Account WHERE Fax < 'x'":                                       false,
		"Account WHERE SystemModstamp >= 2026-11-02T10:02:03+09:00":     true,
		"Account WHERE SystemModstamp > 2026-11-02T01:02:03Z":           false,
		"Account WHERE NOT (Mail__c = 'x' OR Name LIKE '%次郎')":          true,
		"Account WHERE Id IN ('" + account[:15] + "')":                  true,
		"Contact WHERE Account.Mail__c = 'hanako@example.com'":          true,
		"Contact WHERE Account.Owner.Username = 'nobody@example.com'":   false,
		"Contact WHERE Birthdate = 1990-03-04 AND Name = '山田 花子'":       true,
		"Contact WHERE AccountId NOT IN ('" + account + "')":            false,
		"Contact WHERE HasOptedOutOfEmail = FALSE AND Email = NULL":     true,
		"Contact WHERE CreatedById != '" + IntegrationUser + "'":        false,
		"Contact WHERE Account.Name LIKE '山田_花子' AND DoNotCall != TRUE": true,
	} {
		if got := query(t, o, "SELECT Id FROM "+where); strings.Contains(got, `"Id"`) != want {
			t.Errorf("%s: %q", where, got)
		}
	}
}

func TestQueryRefusals(t *testing.T) {
	o := newOrg(t)
	for text, want := range map[string]string{
		"SELECT Nmae FROM Account":                                                  CodeInvalidField,
		"SELECT Id FROM Acount":                                                     CodeInvalidType,
		"SELECT Id FROM Account WHERE Name = 12":                                    CodeInvalidField,
		"SELECT Id FROM Account WHERE AnnualRevenue = '12'":                         CodeInvalidField,
		"SELECT Id FROM Account WHERE CreatedDate > '2026-11-02T00:00:00Z'":         CodeInvalidField,
		"SELECT Id FROM Account WHERE Description = 'x'":                            CodeInvalidField,
		"SELECT Id FROM Account WHERE Id = 'x'":                                     CodeMalformedID,
		"SELECT Id FROM Account WHERE Name = 'O'Neil'":                              CodeMalformedQuery,
		"SELECT FIELDS(ALL) FROM Account":                                           CodeMalformedQuery,
		"SELECT Id FROM ContentDocumentLink":                                        CodeMalformedQuery,
		"SELECT Foo.Name FROM Account":                                              CodeInvalidField,
		"SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId='001xx0000000001'": "",
	} {
		if got := query(t, o, text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestQueryOrdersAndCuts(t *testing.T) {
	o := newOrg(t)
	for _, name := range []string{"b", "C", "a", "d"} {
		mustInsert(t, o, "Product2", map[string]any{"Name": name, "ProductCode": map[string]any{"d": nil}[name]})
	}
	got := query(t, o, "SELECT Name FROM Product2 ORDER BY Name DESC LIMIT 2 OFFSET 1")
	if !strings.Contains(got, `"Name":"C"`) || !strings.Contains(got, `"Name":"b"`) || strings.Index(got, `"C"`) > strings.Index(got, `"b"`) {
		t.Error(got)
	}
}

func TestRenderedRecord(t *testing.T) {
	o := newOrg(t)
	account := mustInsert(t, o, "Account", map[string]any{"Name": "引用\"符", "AnnualRevenue": 4100.0, "NumberOfEmployees": 3.0, "BillingCity": "東京"})
	got := query(t, o, "SELECT Id, Name, AnnualRevenue, NumberOfEmployees, Phone, SystemModstamp, BillingAddress, ShippingAddress, Parent.Name, Owner.Name FROM Account")
	want := `{"attributes":{"type":"Account","url":"/sobjects/Account/` + account + `"},"Id":"` + account + `","Name":"引用\"符","AnnualRevenue":4100.0,` +
		`"NumberOfEmployees":3,"Phone":null,"SystemModstamp":"2026-11-02T01:02:03.000+0000",` +
		`"BillingAddress":{"street":null,"city":"東京","state":null,"postalCode":null,"country":null},"ShippingAddress":null,"Parent":null,` +
		`"Owner":{"attributes":{"type":"User","url":"/sobjects/User/` + IntegrationUser + `"},"Name":"Musubi"}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestOrderLifecycle(t *testing.T) {
	o := newOrg(t)
	product := mustInsert(t, o, "Product2", map[string]any{"Name": "茶", "ProductCode": "TEA-01"})
	entry := mustInsert(t, o, "PricebookEntry", map[string]any{"Pricebook2Id": StandardBook, "Product2Id": product, "UnitPrice": 2000.0, "IsActive": true})
	account := mustInsert(t, o, "Account", map[string]any{"Name": "山田 花子"})
	order := mustInsert(t, o, "Order", map[string]any{"AccountId": account, "EffectiveDate": "2026-11-02", "Status": "Draft", "Pricebook2Id": StandardBook})
	if code := update(o, "Order", order, map[string]any{"Status": "Activated"}); code != CodeIntegrity {
		t.Errorf("activating an empty order: %q", code)
	}
	line := map[string]any{"OrderId": order, "PricebookEntryId": entry, "Quantity": 2.0, "UnitPrice": 1900.0}
	mustInsert(t, o, "OrderItem", line)
	if code := update(o, "Order", order, map[string]any{"Status": "Activated"}); code != "" {
		t.Fatalf("activating: %s", code)
	}
	if _, code := insert(t, o, "OrderItem", line); code != CodeIntegrity {
		t.Errorf("adding to an active order: %q", code)
	}
	got := query(t, o, "SELECT TotalAmount, StatusCode FROM Order WHERE Id = '"+order+"'")
	if !strings.Contains(got, `"TotalAmount":3800.0,"StatusCode":"Activated"`) {
		t.Error(got)
	}
	if got := query(t, o, "SELECT Id FROM PricebookEntry WHERE Pricebook2Id = '"+StandardBook+"' AND IsActive = TRUE AND Product2.ProductCode IN ('TEA-01','TEA-02')"); !strings.Contains(got, entry) {
		t.Error(got)
	}
}

func TestAnItemBelongsToItsOrdersBook(t *testing.T) {
	o := newOrg(t)
	product := mustInsert(t, o, "Product2", map[string]any{"Name": "茶"})
	entry := mustInsert(t, o, "PricebookEntry", map[string]any{"Pricebook2Id": StandardBook, "Product2Id": product, "UnitPrice": 2000.0})
	account := mustInsert(t, o, "Account", map[string]any{"Name": "山田 花子"})
	order := mustInsert(t, o, "Order", map[string]any{"AccountId": account, "EffectiveDate": "2026-11-02", "Status": "Draft"})
	if _, code := insert(t, o, "OrderItem", map[string]any{"OrderId": order, "PricebookEntryId": entry, "Quantity": 1.0, "UnitPrice": 1.0}); code != CodeIntegrity {
		t.Errorf("an item without the order's book: %q", code)
	}
}

func TestDuplicateRules(t *testing.T) {
	o := newOrg(t)
	first := mustInsert(t, o, "Contact", map[string]any{"LastName": "山田", "Email": "hanako@example.com"})
	o.SetDuplicateRules([]DuplicateRule{{Name: "Standard_Contact_Duplicate_Rule", Object: "Contact", Fields: []string{"Email"}, AllowSave: true}})
	twin := map[string]any{"LastName": "山田", "Email": "HANAKO@example.com"}
	err := o.Write(IntegrationUser, func(tx *Tx) error {
		kind, _ := tx.Object("Contact")
		_, err := tx.Insert(kind, twin, Options{})
		return err
	})
	var refused *Error
	if !errors.As(err, &refused) || refused.Code != CodeDuplicates || refused.Duplicate.Records[0].ID() != first {
		t.Fatalf("got %v", err)
	}
	err = o.Write(IntegrationUser, func(tx *Tx) error {
		kind, _ := tx.Object("Contact")
		_, err := tx.Insert(kind, twin, Options{AllowDuplicates: true})
		return err
	})
	if err != nil {
		t.Errorf("overriding an alert: %v", err)
	}
}

func TestFilesGetADocumentAndALink(t *testing.T) {
	o := newOrg(t)
	product := mustInsert(t, o, "Product2", map[string]any{"Name": "茶"})
	version := mustInsert(t, o, "ContentVersion", map[string]any{"PathOnClient": "tea.jpg", "VersionData": "aGVsbG8=", "FirstPublishLocationId": product})
	got := query(t, o, "SELECT ContentDocument.Title, ContentDocument.FileExtension, ContentDocument.ContentSize, ContentDocument.LatestPublishedVersionId FROM ContentDocumentLink WHERE LinkedEntityId = '"+product+"'")
	for _, want := range []string{`"Title":"tea"`, `"FileExtension":"jpg"`, `"ContentSize":5`, version} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

func TestDeletedRecords(t *testing.T) {
	o := newOrg(t)
	id := mustInsert(t, o, "Account", map[string]any{"Name": "a", "Ext_Customer__c": "1"})
	remove := func() string {
		return codeOf(o.Write(IntegrationUser, func(tx *Tx) error {
			kind, _ := tx.Object("Account")
			return tx.Delete(kind, id)
		}))
	}
	if code := remove(); code != "" {
		t.Fatal(code)
	}
	if code := remove(); code != CodeDeleted {
		t.Errorf("deleting again: %q", code)
	}
	if got := query(t, o, "SELECT Id FROM Account"); got != "" {
		t.Errorf("still found: %s", got)
	}
	if _, code := insert(t, o, "Account", map[string]any{"Name": "b", "Ext_Customer__c": "1"}); code != "" {
		t.Errorf("the key of a deleted record is not free: %s", code)
	}
}

func BenchmarkSearchAmong100000(b *testing.B) {
	o, err := New(func() time.Time { return morning }, nil)
	if err != nil {
		b.Fatal(err)
	}
	err = o.Write(IntegrationUser, func(tx *Tx) error {
		kind, _ := tx.Object("Account")
		for i := range 100_000 {
			if _, err := tx.Insert(kind, map[string]any{"Name": fmt.Sprint("顧客", i), "Mail__c": fmt.Sprintf("c%d@example.com", i)}, Options{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		_ = o.Read(func(tx *Tx) error {
			res, err := tx.Query(fmt.Sprintf("SELECT Id, Name FROM Account WHERE Mail__c = 'c%d@example.com' LIMIT 2", i%100_000), false)
			if err != nil || len(res.Records) != 1 {
				b.Fatal(err, len(res.Records))
			}
			return nil
		})
	}
}
