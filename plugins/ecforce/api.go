package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// resource is one record in the JSON:API envelope.
type resource struct {
	ID         string     `json:"id"`
	Type       string     `json:"type"`
	Attributes attributes `json:"attributes"`
	// Relations stay text until one is asked for: a customer's may name hundreds of orders.
	Relations attributes `json:"relationships"`
}

type linkage struct {
	Data json.RawMessage `json:"data"`
}

type identifier struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// document is one answer with the records that it includes.
type document struct {
	Included []*resource `json:"included"`
	Meta     attributes  `json:"meta"`
	index    map[string]*resource
}

type single struct {
	document
	Data *resource `json:"data"`
}

type list struct {
	document
	Data []*resource `json:"data"`
}

// looseList is a list that may come in the envelope or, as labels do, as plain objects.
type looseList struct {
	document
	Data []attributes `json:"data"`
}

// resources returns the rows of either form.
func (l *looseList) resources() []*resource {
	found := make([]*resource, 0, len(l.Data))
	for _, a := range l.Data {
		r := &resource{ID: a.text("id"), Type: a.text("type"), Attributes: a}
		if inner, ok := a.object("attributes"); ok {
			r.Attributes = inner
		}
		found = append(found, r)
	}
	return found
}

// one returns the record that a relation of r leads to, nil if it was not
// included. Of several it is the first.
func (d *document) one(r *resource, relation string) *resource {
	if found := d.many(r, relation); len(found) > 0 {
		return found[0]
	}
	return nil
}

// many returns the included records that a relation of r leads to.
func (d *document) many(r *resource, relation string) []*resource {
	if d == nil || len(d.Included) == 0 {
		return nil
	}
	var found []*resource
	for _, id := range r.related(relation) {
		if other := d.find(id.Type, id.ID); other != nil {
			found = append(found, other)
		}
	}
	return found
}

// related returns whom a relation names: one, several or nobody.
func (r *resource) related(relation string) []identifier {
	var link linkage
	if sdk.Decode([]byte(r.Relations.get(relation)), &link) != nil || len(link.Data) == 0 {
		return nil
	}
	data := link.Data
	if data[0] == '{' {
		var one identifier
		if sdk.Decode(data, &one) != nil {
			return nil
		}
		return []identifier{one}
	}
	var several []identifier
	if sdk.Decode(data, &several) != nil {
		return nil
	}
	return several
}

// indexed is from how many included records on an index is worth making.
const indexed = 16

func (d *document) find(typ, id string) *resource {
	if len(d.Included) < indexed {
		i := slices.IndexFunc(d.Included, func(r *resource) bool { return r.ID == id && r.Type == typ })
		if i < 0 {
			return nil
		}
		return d.Included[i]
	}
	if d.index == nil {
		d.index = make(map[string]*resource, len(d.Included))
		for _, r := range d.Included {
			d.index[r.Type+"/"+r.ID] = r
		}
	}
	return d.index[typ+"/"+id]
}

// readOne fetches one record. id must be the platform's id.
func readOne(s shop, path, id, include string) (*single, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	request := s.admin("GET", "/"+path+"/%s", id)
	if include != "" {
		request.Query("include", include)
	}
	return readSingle(request)
}

// readSingle sends a request whose answer is one record.
func readSingle(request request) (*single, error) {
	var doc single
	if err := request.Into(&doc); err != nil {
		return nil, err
	}
	if doc.Data == nil || doc.Data.ID == "" {
		return nil, sdk.Errorf(abi.Internal, "the platform's answer holds no record")
	}
	return &doc, nil
}

// checkID refuses what is not a number before it gets into an address: an id
// such as "bulk_update" would address something else.
func checkID(id string) error {
	if id == "" || strings.Trim(id, "0123456789") != "" {
		return sdk.Errorf(abi.Invalid, "%q is not an ecforce id: ids are numbers", id)
	}
	return nil
}
