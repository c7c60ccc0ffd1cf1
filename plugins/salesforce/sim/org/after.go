package org

// after does what the org itself does once a record was saved.
func (tx *Tx) after(d *draft, r *Record) error {
	switch r.Object.Name {
	case "OrderItem":
		return tx.total(r.Text("OrderId"), "Order", "TotalAmount", "OrderItem", "OrderId")
	case "OpportunityLineItem":
		return tx.total(r.Text("OpportunityId"), "Opportunity", "Amount", "OpportunityLineItem", "OpportunityId")
	case "ContentVersion":
		if d.old == nil {
			return tx.publish(r)
		}
	}
	return nil
}

func (tx *Tx) total(parent, object, field, child, reference string) error {
	sum := 0.0
	for _, item := range tx.children(child, reference, parent) {
		price, _ := item.value("TotalPrice").(float64) //nolint:errcheck // no price counts nothing
		sum += price
	}
	return tx.internally(object, parent, map[string]any{field: sum})
}

// publish makes the document of a first version, links it to the record it was
// uploaded for, and makes a later version the latest.
func (tx *Tx) publish(version *Record) error {
	document := version.Text("ContentDocumentId")
	fields := map[string]any{
		"Title": version.Text("Title"), "FileExtension": version.Text("FileExtension"), "FileType": version.Text("FileType"),
		"ContentSize": version.value("ContentSize"), "LatestPublishedVersionId": version.id, "ContentModifiedDate": tx.now.Format(DateTimeLayout),
	}
	if document != "" {
		for _, other := range tx.children("ContentVersion", "ContentDocumentId", document) {
			if other != version {
				if err := tx.internally("ContentVersion", other.id, map[string]any{"IsLatest": false}); err != nil {
					return err
				}
			}
		}
		return tx.internally("ContentDocument", document, fields)
	}
	made, err := tx.internalInsert("ContentDocument", fields)
	if err != nil {
		return err
	}
	if err := tx.internally("ContentVersion", version.id, map[string]any{"ContentDocumentId": made.id}); err != nil {
		return err
	}
	return tx.link(version, made)
}

func (tx *Tx) link(version, document *Record) error {
	for _, entity := range []string{tx.user, version.Text("FirstPublishLocationId")} {
		if entity == "" {
			continue
		}
		fields := map[string]any{"ContentDocumentId": document.id, "LinkedEntityId": entity}
		if _, err := tx.internalInsert("ContentDocumentLink", fields); err != nil {
			return err
		}
	}
	return nil
}

// internally changes a record as the org itself: read-only fields too.
func (tx *Tx) internally(object, id string, fields map[string]any) error {
	return tx.asOrg(func() error {
		o, err := tx.Object(object)
		if err != nil {
			return err
		}
		_, err = tx.Update(o, id, fields, Options{})
		return err
	})
}

func (tx *Tx) internalInsert(object string, fields map[string]any) (r *Record, err error) {
	err = tx.asOrg(func() error {
		var o *Object
		if o, err = tx.Object(object); err != nil {
			return err
		}
		r, err = tx.Insert(o, fields, Options{})
		return err
	})
	return r, err
}

func (tx *Tx) asOrg(do func() error) error {
	staff := tx.staff
	tx.staff = true
	defer func() { tx.staff = staff }()
	return do()
}
