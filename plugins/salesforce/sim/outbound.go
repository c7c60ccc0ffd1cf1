package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
	"github.com/musubi-run/musubi/sdk/simkit"
)

const (
	notificationsMost = 100
	retryLongest      = 2 * time.Hour
	retryUntil        = 24 * time.Hour
)

// outbound sends outbound messages: SOAP documents that tell of changed records,
// repeated until the receiver acknowledges them. The event's name is the object's.
type outbound struct {
	org    *org.Org
	hooks  *simkit.Hooks
	limits *limits
	url    string
	last   atomic.Int64 // number of the last notification
}

// notice is one notification: its id stays, the data is read anew for each attempt.
type notice struct {
	id     string
	record *org.Record
}

// letter is one message, however often it is sent.
type letter struct {
	object  string
	notices []notice
	since   time.Time
	wait    time.Duration
}

// changed is called with the org's lock held, so it reads the records directly.
func (o *outbound) changed(changes []org.Change) {
	var order []string
	byObject := map[string][]notice{}
	seen := map[*org.Record]bool{}
	for _, c := range changes {
		name := c.Record.Object.Name
		if seen[c.Record] || c.Record.Deleted() || !o.hooks.Wants(name) {
			continue
		}
		seen[c.Record] = true
		if byObject[name] == nil {
			order = append(order, name)
		}
		byObject[name] = append(byObject[name], notice{o.nextID(), c.Record})
	}
	for _, name := range order {
		notices := byObject[name]
		for len(notices) > 0 {
			n := min(len(notices), notificationsMost)
			o.send(&letter{object: name, notices: notices[:n]})
			notices = notices[n:]
		}
	}
}

func (o *outbound) nextID() string { return org.MakeID("04l", int(o.last.Add(1))) }

// send sends a letter and, until it is acknowledged, arranges the next attempt.
// The caller holds the org's lock.
func (o *outbound) send(l *letter) {
	m := o.message(l)
	m.Retry = simkit.Retry{Times: 1, Accepted: func(a simkit.Answer) bool {
		if !acknowledged(a) {
			o.again(l)
		}
		return true // or simkit would repeat the old bytes
	}}
	o.hooks.Send(m)
}

// again repeats a letter later: at first soon, then ever more rarely, for a day.
func (o *outbound) again(l *letter) {
	first := time.Duration(o.limits.current().OutboundRetryMS) * time.Millisecond
	l.wait = min(max(2*l.wait, first), retryLongest)
	if l.since.IsZero() {
		l.since = time.Now()
	}
	if time.Since(l.since) > retryUntil {
		return
	}
	resend := func() {
		_ = o.org.Read(func(*org.Tx) error { //nolint:errcheck // never fails
			o.send(l)
			return nil
		})
	}
	if l.wait == 0 {
		resend()
		return
	}
	time.AfterFunc(l.wait, resend)
}

func acknowledged(a simkit.Answer) bool {
	var envelope struct {
		Ack string `xml:"Body>notificationsResponse>Ack"`
	}
	return a.Status == http.StatusOK && xml.Unmarshal([]byte(a.Body), &envelope) == nil && strings.TrimSpace(envelope.Ack) == "true"
}

var errNoRecord = errors.New("no such record")

// deliver builds the message that somebody asks for: Event is the object, ID
// one record's id or several, separated by commas.
func (o *outbound) deliver(d simkit.Delivery) (m simkit.Message, err error) {
	err = o.org.Read(func(tx *org.Tx) error {
		object, err := tx.Object(d.Event)
		if err != nil {
			return err
		}
		l := &letter{object: object.Name}
		for _, id := range strings.Split(d.ID, ",") {
			r := object.Find(id)
			if r == nil && d.Body == "" {
				return fmt.Errorf("%s %s: %w", d.Event, id, errNoRecord)
			}
			if r != nil {
				l.notices = append(l.notices, notice{o.nextID(), r})
			}
		}
		m = o.message(l)
		if d.Body != "" {
			m.Body = []byte(d.Body)
		}
		return nil
	})
	return m, err
}

func (o *outbound) message(l *letter) simkit.Message {
	return simkit.Message{
		Event:  l.object,
		Header: http.Header{"Content-Type": {"text/xml; charset=utf-8"}, "Soapaction": {`""`}},
		Body:   o.envelope(l),
	}
}

func (o *outbound) envelope(l *letter) []byte {
	var b strings.Builder
	b.WriteString(xml.Header)
	b.WriteString(`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
`)
	element(&b, "   ", "OrganizationId", org.OrganizationID)
	element(&b, "   ", "ActionId", org.MakeID("04k", 1))
	if o.limits.current().SendSessionID {
		element(&b, "   ", "SessionId", org.OrganizationID[:15]+"!AQ0AQ.outbound")
	} else {
		b.WriteString("   <SessionId xsi:nil=\"true\"/>\n")
	}
	element(&b, "   ", "EnterpriseUrl", o.url+"/services/Soap/c/67.0/"+org.OrganizationID[:15])
	element(&b, "   ", "PartnerUrl", o.url+"/services/Soap/u/67.0/"+org.OrganizationID[:15])
	fields := o.hooks.Config().Template
	for _, n := range l.notices {
		n.write(&b, fields)
	}
	b.WriteString("  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>\n")
	return []byte(b.String())
}

// write writes a notification with the ticked fields: all that have a value, or
// those that the template lists; "ids" is none but the id. A deleted record has no data.
func (n *notice) write(b *strings.Builder, template string) {
	kind := n.record.Object.Name
	b.WriteString("   <Notification>\n")
	element(b, "    ", "Id", n.id)
	fmt.Fprintf(b, "    <sObject xsi:type=\"sf:%s\" xmlns:sf=\"urn:sobject.enterprise.soap.sforce.com\">\n", kind)
	if !n.record.Deleted() {
		for _, f := range n.record.Object.Fields() {
			value := n.record.Format(f)
			if value != "" && f.Type != org.Base64 && ticked(template, f.Name) {
				element(b, "     ", "sf:"+f.Name, value)
			}
		}
	}
	b.WriteString("    </sObject>\n   </Notification>\n")
}

func ticked(template, field string) bool {
	switch {
	case field == "Id" || template == "" || template == "full":
		return true
	case template == "ids":
		return false
	}
	return strings.Contains(","+template+",", ","+field+",")
}

func element(b *strings.Builder, indent, name, text string) {
	b.WriteString(indent + "<" + name + ">")
	_ = xml.EscapeText(b, []byte(text)) //nolint:errcheck // into memory
	b.WriteString("</" + name + ">\n")
}
