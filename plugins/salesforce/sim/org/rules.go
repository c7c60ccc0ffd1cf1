package org

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// derive fills the fields that the org computes and applies the rules of the
// standard objects that look at one record and its parents.
func (d *draft) derive() error {
	switch d.object.Name {
	case "Account":
		d.derivePerson()
	case "Contact":
		d.deriveName()
	case "Lead":
		d.deriveName()
		return d.deriveLead()
	case "Opportunity":
		d.deriveStage()
	case "OpportunityLineItem":
		return d.deriveLine("OpportunityId")
	case "Order":
		return d.deriveOrder()
	case "OrderItem":
		return d.deriveItem()
	case "PricebookEntry":
		return d.deriveEntry()
	case "ContentVersion":
		d.deriveVersion()
	}
	return nil
}

func (d *draft) deriveName() {
	d.set("Name", strings.TrimSpace(d.text("LastName")+" "+d.text("FirstName")))
}

// derivePerson makes a person account of an Account that has a last name, in
// an org where the admin has added the fields of persons.
func (d *draft) derivePerson() {
	if d.object.Field("IsPersonAccount") != nil && d.get("LastName") != nil {
		d.deriveName()
		d.set("IsPersonAccount", true)
	}
}

func (d *draft) deriveLead() error {
	if d.old != nil && at(d.old, d.object.Field("IsConverted")) == true && !d.tx.staff {
		return refuse(CodeEntity, "cannot reference converted lead")
	}
	return nil
}

func (d *draft) deriveStage() {
	stage := d.text("StageName")
	d.set("IsWon", stage == "Closed Won")
	d.set("IsClosed", strings.HasPrefix(stage, "Closed"))
}

const (
	statusDraft     = "Draft"
	statusActivated = "Activated"
)

func (d *draft) deriveOrder() error {
	if d.old == nil {
		if d.text("Status") == statusActivated {
			return refuse(CodeIntegrity, "Choose a valid order status: an order is created as a draft").on("Status")
		}
		d.set("OrderNumber", fmt.Sprintf("%08d", d.tx.org.sequence[d.object.Prefix]+1))
		d.set("TotalAmount", 0.0)
	}
	if d.old != nil && d.changed("Status") && d.text("Status") == statusActivated {
		if len(d.tx.children("OrderItem", "OrderId", d.id)) == 0 {
			return refuse(CodeIntegrity, "An order must have at least one product to be activated").on("Status")
		}
		d.set("ActivatedDate", d.tx.now)
	}
	if d.old != nil && d.changed("Pricebook2Id") && len(d.tx.children("OrderItem", "OrderId", d.id)) > 0 {
		return refuse(CodeIntegrity, "The price book of an order with products cannot be changed").on("Pricebook2Id")
	}
	d.set("StatusCode", d.text("Status"))
	return nil
}

// deriveItem keeps an order's lines in its price book, and locks them once it is active.
func (d *draft) deriveItem() error {
	order := d.parent("OrderId")
	if order == nil {
		return nil // check says what is wrong with the reference
	}
	if order.Text("StatusCode") == statusActivated {
		return refuse(CodeIntegrity, "The products of an activated order cannot be changed").on("OrderId")
	}
	entry := d.parent("PricebookEntryId")
	if entry == nil {
		return nil
	}
	if entry.Text("Pricebook2Id") != order.Text("Pricebook2Id") {
		return refuse(CodeIntegrity, "field integrity exception: PricebookEntryId (pricebook entry is in a different pricebook than the one assigned to the order)").on("PricebookEntryId")
	}
	d.set("Product2Id", entry.Text("Product2Id"))
	d.set("TotalPrice", d.number("Quantity")*d.number("UnitPrice"))
	return nil
}

func (d *draft) deriveLine(parent string) error {
	entry := d.parent("PricebookEntryId")
	if entry == nil && d.text("Product2Id") == "" {
		return refuse(CodeRequiredMissing, "Required fields are missing: [PricebookEntryId]").on("PricebookEntryId")
	}
	if d.get("UnitPrice") == nil && d.get("TotalPrice") == nil {
		return refuse(CodeRequiredMissing, "Required fields are missing: [UnitPrice]").on("UnitPrice")
	}
	if entry != nil && d.parent(parent) != nil {
		d.set("Product2Id", entry.Text("Product2Id"))
	}
	if d.get("UnitPrice") != nil {
		d.set("TotalPrice", d.number("Quantity")*d.number("UnitPrice"))
	}
	return nil
}

// deriveEntry demands a standard price before any other, and one entry per book and product.
func (d *draft) deriveEntry() error {
	product := d.parent("Product2Id")
	if product == nil {
		return nil
	}
	d.set("Name", product.Text("Name"))
	d.set("ProductCode", product.value("ProductCode"))
	if d.old != nil {
		return nil
	}
	standard := d.text("Pricebook2Id") == StandardBook
	for _, other := range d.tx.children("PricebookEntry", "Product2Id", product.id) {
		if other.Text("Pricebook2Id") == d.text("Pricebook2Id") {
			return refuse(CodeDuplicateValue, "This price definition already exists in this price book: duplicates value on record with id: %s", other.id)
		}
		standard = standard || other.Text("Pricebook2Id") == StandardBook
	}
	if !standard {
		return refuse(CodeStandardPrice, "No standard price defined for this product").on("Pricebook2Id")
	}
	return nil
}

func (d *draft) deriveVersion() {
	blob, _ := d.get("VersionData").([]byte) //nolint:errcheck // check demands it
	extension := strings.TrimPrefix(path.Ext(d.text("PathOnClient")), ".")
	d.set("FileExtension", extension)
	d.set("FileType", strings.ToUpper(extension))
	d.set("ContentSize", float64(len(blob)))
	d.set("Checksum", checksum(blob))
	if d.get("Title") == nil {
		d.set("Title", strings.TrimSuffix(path.Base(d.text("PathOnClient")), path.Ext(d.text("PathOnClient"))))
	}
	if d.old == nil {
		d.set("IsLatest", true)
		versions := 0
		if document := d.text("ContentDocumentId"); document != "" {
			versions = len(d.tx.children("ContentVersion", "ContentDocumentId", document))
		}
		d.set("VersionNumber", strconv.Itoa(versions+1))
	}
}

func (d *draft) parent(field string) *Record {
	id := d.text(field)
	if id == "" {
		return nil
	}
	return d.tx.target(d.object.Field(field), id)
}

// children returns the live records that refer to a parent.
func (tx *Tx) children(object, field, parent string) []*Record {
	o := tx.org.objects[fold(object)]
	return o.indexOf(o.Field(field)).records[fold(parent)]
}
