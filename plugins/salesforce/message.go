package main

import (
	"encoding/xml"
	"errors"
	"fmt"
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

// envelope is an outbound message. The session id that may be in it is not
// read: the connection has a credential of its own.
type envelope struct {
	XMLName xml.Name `xml:"http://schemas.xmlsoap.org/soap/envelope/ Envelope"`
	Body    struct {
		Notifications *notifications `xml:"http://soap.sforce.com/2005/09/outbound notifications"`
	} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
}

type notifications struct {
	OrganizationID string         `xml:"OrganizationId"`
	ActionID       string         `xml:"ActionId"`
	Notifications  []notification `xml:"Notification"`
}

type notification struct {
	ID     string   `xml:"Id"`
	Record *sObject `xml:"sObject"`
}

// sObject is a record: its type with whatever prefix, and the ticked fields that hold something.
type sObject struct {
	Type   string        `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
	Fields []sObjectItem `xml:",any"`
}

type sObjectItem struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
}

func (r *sObject) object() string {
	if _, name, found := strings.Cut(r.Type, ":"); found {
		return name
	}
	return r.Type
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
	var e envelope
	if err := xml.Unmarshal(body, &e); err != nil {
		return nil, err
	}
	m := e.Body.Notifications
	switch {
	case m == nil || m.OrganizationID == "":
		return nil, errNoMessage
	case len(m.Notifications) == 0:
		return nil, errNotification
	}
	for i := range m.Notifications {
		if strings.TrimSpace(m.Notifications[i].ID) == "" {
			return nil, errNoID
		}
	}
	return m, nil
}

// event makes the event of a notification. A repetition carries the same
// notification id, though perhaps newer values.
func (n *notification) event(m *notifications) (abi.Event, error) {
	if n.Record == nil {
		return abi.Event{}, errNoData
	}
	data := notifiedData{
		Object: n.Record.object(), Fields: map[string]string{},
		OrganizationID: m.OrganizationID, NotificationID: n.ID, ActionID: m.ActionID,
	}
	for _, f := range n.Record.Fields {
		if text := strings.TrimSpace(f.Text); text != "" {
			data.Fields[f.XMLName.Local] = text
		}
	}
	data.ID = data.Fields["Id"]
	delete(data.Fields, "Id")
	if data.ID == "" {
		return abi.Event{}, errNoData
	}
	event, err := sdk.NewEvent(recordNotified, data.ID, n.ID, data.changed(), data)
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
