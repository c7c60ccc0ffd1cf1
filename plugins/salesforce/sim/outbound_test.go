package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// receiver takes outbound messages and acknowledges them from the given attempt on.
type receiver struct {
	from   int
	bodies chan string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	r.bodies <- q.Header.Get("Content-Type") + "\n" + string(body)
	if r.from--; r.from <= 0 {
		_, _ = io.WriteString(w, `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></e:Body></e:Envelope>`)
	}
}

func TestOutboundMessagesAreRepeatedUntilAcknowledged(t *testing.T) {
	c := start(t)
	r := &receiver{from: 2, bodies: make(chan string, 10)}
	server := httptest.NewServer(r)
	defer server.Close()
	c.control("PUT", "limits", `{"outbound_retry_ms":0}`)
	c.control("PUT", "hooks", `{"url":"`+server.URL+`","events":["Account"],"template":"Name,Mail__c"}`)
	id := c.create("Account", `{"Name":"山田 <花子> & \"co\"","Phone":"03-1234-5678"}`)
	c.create("Contact", `{"LastName":"not wanted"}`)
	sent, _ := c.control("GET", "hooks/sent", "").at("sent").([]any)
	if len(sent) != 2 {
		t.Fatalf("%d messages were sent, want 2", len(sent))
	}
	first, second := <-r.bodies, <-r.bodies
	if first != second {
		t.Errorf("the repetition differs:\n%s\n%s", first, second)
	}
	for _, want := range []string{
		"text/xml; charset=utf-8", "<OrganizationId>00Dxx0000000001EAA</OrganizationId>", `<SessionId xsi:nil="true"/>`,
		`xsi:type="sf:Account"`, "<sf:Id>" + id + "</sf:Id>", "<sf:Name>山田 &lt;花子&gt; &amp; &#34;co&#34;</sf:Name>",
	} {
		if !strings.Contains(first, want) {
			t.Errorf("no %s in %s", want, first)
		}
	}
	if strings.Contains(first, "Phone") || strings.Contains(first, "Mail__c") {
		t.Errorf("fields that are empty or not ticked: %s", first)
	}
}
