package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// Tables that are no objects: what an admin sets up.
const (
	tableObjects    = "_objects"    // id: object name; {"fields": [...]}
	tableDuplicates = "_duplicates" // id: rule name; {"object", "fields", "allow_save"}
	tableClients    = "_clients"    // id: consumer key; {"secret", "run_as", "users", "public_key"}
	tableKeys       = "_keys"       // list: a private key for the default client; it is generated
	tableSessions   = "_sessions"   // delete any id: every session ends
	tableJobs       = "_jobs"       // id: a bulk job that is complete; {"object", "operation", "external_id", "data"}
	tableRecords    = "_records"    // id: a record of an object that was defined later
)

func (s *server) tables() map[string]simkit.Table {
	tables := map[string]simkit.Table{
		tableObjects:    {List: s.listDefinitions, Put: s.define, Delete: refuseDelete},
		tableDuplicates: {List: s.listDuplicates, Put: s.putDuplicate, Delete: s.deleteDuplicate},
		tableClients:    {List: s.auth.list, Put: s.auth.put, Delete: refuseDelete},
		tableKeys:       {List: s.auth.keys, Put: refusePut, Delete: refuseDelete},
		tableSessions:   {List: s.auth.countSessions, Put: refusePut, Delete: func(string) error { s.auth.expireAll(); return nil }},
		tableJobs:       {List: s.listJobs, Put: s.putJob, Delete: refuseDelete},
		tableRecords:    {List: s.listCustom, Put: s.place(""), Delete: s.discard("")},
	}
	_ = s.org.Read(func(tx *org.Tx) error { //nolint:errcheck // never fails
		for _, o := range tx.Objects() {
			tables[o.Name] = simkit.Table{List: s.listOf(o.Name), Put: s.place(o.Name), Delete: s.discard(o.Name)}
		}
		return nil
	})
	return tables
}

var errFixed = errors.New("this table cannot be changed in that way")

func refuseDelete(string) error               { return errFixed }
func refusePut(string, json.RawMessage) error { return errFixed }

func (s *server) listOf(name string) func() (any, error) {
	return func() (any, error) {
		list := []json.RawMessage{}
		err := s.org.Read(func(tx *org.Tx) error {
			o, err := tx.Object(name)
			if err != nil {
				return err
			}
			for _, r := range o.Records() {
				text, err := r.AppendJSON(nil, nil, latestBase)
				if err != nil {
					return err
				}
				list = append(list, text)
			}
			return nil
		})
		return list, err
	}
}

func (s *server) listCustom() (any, error) {
	list := []json.RawMessage{}
	var names []string
	err := s.org.Read(func(tx *org.Tx) error {
		for _, o := range tx.Objects() {
			if o.Custom() {
				names = append(names, o.Name)
			}
		}
		return nil
	})
	for _, name := range names {
		records, listErr := s.listOf(name)()
		if part, ok := records.([]json.RawMessage); ok {
			list = append(list, part...)
		}
		err = errors.Join(err, listErr)
	}
	return list, err
}

// place writes a record as staff does. Without a name the id's prefix tells the object.
func (s *server) place(name string) func(string, json.RawMessage) error {
	return func(id string, text json.RawMessage) error {
		fields := map[string]any{}
		if err := json.Unmarshal(text, &fields); err != nil {
			return err
		}
		return s.org.Write(org.StaffUser, func(tx *org.Tx) error {
			tx.AsStaff()
			_, err := tx.Place(objectOf(tx, name, id), id, fields)
			return err
		})
	}
}

func (s *server) discard(name string) func(string) error {
	return func(id string) error {
		return s.org.Write(org.StaffUser, func(tx *org.Tx) error {
			o, err := tx.Object(objectOf(tx, name, id))
			if err != nil {
				return err
			}
			return tx.Delete(o, id)
		})
	}
}

func objectOf(tx *org.Tx, name, id string) string {
	if name != "" {
		return name
	}
	for _, o := range tx.Objects() {
		if strings.HasPrefix(id, o.Prefix) {
			return o.Name
		}
	}
	return ""
}

func (s *server) listDefinitions() (any, error) {
	list := []map[string]any{}
	err := s.org.Read(func(tx *org.Tx) error {
		for _, o := range tx.Objects() {
			list = append(list, map[string]any{"name": o.Name, "prefix": o.Prefix, "fields": o.Fields()})
		}
		return nil
	})
	return list, err
}

func (s *server) define(name string, text json.RawMessage) error {
	var definition struct {
		Fields []*org.Field `json:"fields"`
	}
	if err := json.Unmarshal(text, &definition); err != nil {
		return err
	}
	for _, f := range definition.Fields {
		if f.Name == "" || f.Type == "" {
			return fmt.Errorf("object %s: a field needs a name and a type", name)
		}
	}
	s.org.Define(name, definition.Fields)
	return nil
}

func (s *server) listDuplicates() (any, error) { return s.org.DuplicateRules(), nil }

func (s *server) putDuplicate(name string, text json.RawMessage) error {
	rule := org.DuplicateRule{}
	if err := json.Unmarshal(text, &rule); err != nil {
		return err
	}
	rule.Name = name
	s.org.SetDuplicateRules(append(s.otherRules(name), rule))
	return nil
}

func (s *server) deleteDuplicate(name string) error {
	s.org.SetDuplicateRules(s.otherRules(name))
	return nil
}

func (s *server) otherRules(name string) []org.DuplicateRule {
	var others []org.DuplicateRule
	for _, rule := range s.org.DuplicateRules() {
		if rule.Name != name {
			others = append(others, rule)
		}
	}
	return others
}

// clientForm is how a test writes an app.
type clientForm struct {
	ID        string   `json:"id"`
	Secret    *string  `json:"secret,omitempty"`
	RunAs     *string  `json:"run_as,omitempty"`
	Users     []string `json:"users,omitempty"`
	PublicKey string   `json:"public_key,omitempty"`
}

func (a *authority) put(id string, text json.RawMessage) error {
	var form clientForm
	if err := json.Unmarshal(text, &form); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.clients[id]
	if c == nil {
		c = &client{ID: id}
		a.clients[id] = c
	}
	if form.PublicKey != "" {
		key, err := parseKey(form.PublicKey)
		if err != nil {
			return err
		}
		c.Key = key
	}
	if form.Secret != nil {
		c.Secret = *form.Secret
	}
	if form.RunAs != nil {
		c.RunAs = *form.RunAs
	}
	if form.Users != nil {
		c.Users = form.Users
	}
	return nil
}

func (a *authority) list() (any, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	list := []clientForm{}
	for id, c := range a.clients {
		list = append(list, clientForm{ID: id, RunAs: &c.RunAs, Users: c.Users})
	}
	return list, nil
}

func (a *authority) keys() (any, error) {
	private, err := a.generate()
	return []map[string]string{{"client_id": defaultClient, "username": defaultUser, "private_key": private}}, err
}

func (a *authority) countSessions() (any, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	users := []map[string]string{}
	for _, s := range a.sessions {
		users = append(users, map[string]string{"user": s.user, "client": s.client})
	}
	return users, nil
}
