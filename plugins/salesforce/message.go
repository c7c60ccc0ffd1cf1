package main

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// maxMessage is the largest outbound message that is read: a hundred records
// with long texts.
const maxMessage = 4 << 20

// acknowledgement is what the platform wants back. Anything else makes it send
// the message again, for a day.
const acknowledgement = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>` +
	`<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>` +
	`</soapenv:Body></soapenv:Envelope>`

// The names of an outbound message. Prefixes vary, so namespaces decide.
const (
	soapSpace    = "http://schemas.xmlsoap.org/soap/envelope/"
	messageSpace = "http://soap.sforce.com/2005/09/outbound"
	schemaSpace  = "http://www.w3.org/2001/XMLSchema-instance"
)

// notifications is what an outbound message says. The session id that may be
// in it is not read: the connection has a credential of its own.
type notifications struct {
	OrganizationID string
	ActionID       string
	Notifications  []notification
}

type notification struct {
	ID string
	// Object is the record's type, Fields the ticked fields that are there.
	Object string
	Fields map[string]string
}

// receiveMessage turns an outbound message into one event for each notification.
func receiveMessage(call *sdk.Call, d sdk.Delivery) (sdk.Receipt, error) {
	s, err := sdk.SettingsOf[settings](call)
	if err != nil {
		return sdk.Receipt{}, err
	}
	message, err := readMessage(d.Body)
	if err != nil {
		return sdk.Receipt{}, sdk.Errorf(abi.Invalid, "reading the outbound message: %w", err)
	}
	if s.OrganizationID != "" && !sameID(s.OrganizationID, message.OrganizationID) {
		return sdk.Receipt{}, sdk.Errorf(abi.Denied, "the outbound message is from organization %.18q, not from the one in the setting organization_id", message.OrganizationID)
	}
	events := make([]abi.Event, 0, len(message.Notifications))
	for i := range message.Notifications {
		n := &message.Notifications[i]
		event, err := n.event(message)
		if errors.Is(err, errNoData) {
			call.Log(abi.LevelInfo, "a notification came without data: its record was deleted meanwhile", "notification", n.ID)
			continue
		}
		if err != nil {
			return sdk.Receipt{}, err
		}
		events = append(events, event)
	}
	return sdk.Receipt{
		Events: events,
		Reply:  &abi.HookReply{Status: 200, ContentType: "text/xml; charset=utf-8", Body: acknowledgement},
	}, nil
}

var (
	errNoMessage    = errors.New("it is not a SOAP envelope with notifications")
	errNoID         = errors.New("a notification has no id")
	errNotification = errors.New("there is no notification in it")
	errNoData       = errors.New("a notification without data")
)

func readMessage(body []byte) (*notifications, error) {
	r := &xmlReader{input: string(body)}
	root, err := r.root()
	if err != nil {
		return nil, err
	}
	m := new(notifications)
	if root.name == (xmlName{soapSpace, "Envelope"}) {
		err = r.within(xmlName{soapSpace, "Body"}, func() error {
			return r.within(xmlName{messageSpace, "notifications"}, func() error { return r.children(m.visit(r)) })
		})
	}
	switch {
	case err != nil:
		return nil, err
	case m.OrganizationID == "":
		return nil, errNoMessage
	case len(m.Notifications) == 0:
		return nil, errNotification
	}
	return m, nil
}

// within reads the children of that name.
func (r *xmlReader) within(name xmlName, read func() error) error {
	return r.children(func(e xmlElement) error {
		if e.name != name {
			return nil
		}
		return read()
	})
}

// visit reads the children of a message.
func (m *notifications) visit(r *xmlReader) func(xmlElement) error {
	return func(e xmlElement) (err error) {
		switch e.name {
		case xmlName{messageSpace, "OrganizationId"}:
			m.OrganizationID, err = r.trimmed()
		case xmlName{messageSpace, "ActionId"}:
			m.ActionID, err = r.trimmed()
		case xmlName{messageSpace, "Notification"}:
			n := notification{Fields: map[string]string{}}
			if err = r.children(n.visit(r)); err == nil && n.ID == "" {
				err = errNoID
			}
			m.Notifications = append(m.Notifications, n)
		}
		return err
	}
}

// visit reads the children of a notification.
func (n *notification) visit(r *xmlReader) func(xmlElement) error {
	return func(e xmlElement) (err error) {
		switch e.name {
		case xmlName{messageSpace, "Id"}:
			n.ID, err = r.trimmed()
		case xmlName{messageSpace, "sObject"}:
			n.Object = e.attr(xmlName{schemaSpace, "type"})
			if _, local, prefixed := strings.Cut(n.Object, ":"); prefixed {
				n.Object = local
			}
			err = r.children(n.field(r))
		}
		return err
	}
}

// field reads one field of a record. An empty one is as good as a missing one.
func (n *notification) field(r *xmlReader) func(xmlElement) error {
	return func(e xmlElement) error {
		text, err := r.trimmed()
		if text != "" {
			n.Fields[e.name.local] = text
		}
		return err
	}
}

func (r *xmlReader) trimmed() (string, error) {
	text, err := r.text()
	return strings.TrimSpace(text), err
}

const fieldID = "Id"

// event makes the event of a notification. A repetition carries the same
// notification id, though perhaps newer values.
func (n *notification) event(m *notifications) (abi.Event, error) {
	id := n.Fields[fieldID]
	if id == "" {
		return abi.Event{}, errNoData
	}
	data := notifiedData{
		Object: n.Object, ID: id, Fields: maps.Clone(n.Fields),
		OrganizationID: m.OrganizationID, NotificationID: n.ID, ActionID: m.ActionID,
	}
	delete(data.Fields, fieldID)
	event, err := sdk.NewEvent(recordNotified, id, n.ID, data.changed(), data)
	if err != nil {
		return event, fmt.Errorf("notification %s: %w", n.ID, err)
	}
	return event, nil
}

// changed returns when the record changed, if the message says so.
func (d *notifiedData) changed() time.Time {
	for _, name := range []string{"LastModifiedDate", "SystemModstamp"} {
		if at, err := readTime(d.Fields[name]); err == nil {
			return at
		}
	}
	return time.Time{}
}

// sameID compares ids of 15 and 18 characters by the first 15, which tell all.
func sameID(a, b string) bool {
	const short = 15
	return len(a) >= short && len(b) >= short && a[:short] == b[:short]
}
