package main

import (
	"github.com/musubi-run/musubi/sdk"
)

func messageActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("email.send", text("Send an e-mail to a customer", "顧客にメールを送る"), sendEmail),
		sdk.Do("sms.send", text("Send an SMS to a customer", "顧客にSMSを送る"), sendSMS),
	}
}

type sendEmailInput struct {
	byID
	Subject string `json:"subject" doc:"Subject" ja:"件名"`
	Body    string `json:"body" doc:"Text" ja:"本文"`
	HTML    string `json:"body_html,omitempty" doc:"The same as HTML" ja:"本文(HTML)"`
	Cc      string `json:"cc,omitempty" doc:"Copy to" ja:"CC"`
	Bcc     string `json:"bcc,omitempty" doc:"Blind copy to" ja:"BCC"`
}

func sendEmail(call *sdk.Call, in sendEmailInput) (done, error) {
	s := shopOf(call)
	if err := checkID(in.ID); err != nil {
		return done{}, err
	}
	body := fields{"subject": in.Subject, "body": in.Body, "use_html": flagOf(in.HTML != "")}
	for name, value := range map[string]string{"body_html": in.HTML, "cc": in.Cc, "bcc": in.Bcc} {
		if value != "" {
			body[name] = value
		}
	}
	err := s.admin("POST", "/customers/%s/emails", in.ID).JSON(body).Send()
	return done{ID: in.ID}, err
}

type sendSMSInput struct {
	byID
	Body string `json:"body" doc:"Text; above 70 characters each segment is billed" ja:"本文(70文字を超えると分割課金)"`
}

func sendSMS(call *sdk.Call, in sendSMSInput) (done, error) {
	s := shopOf(call)
	if err := checkID(in.ID); err != nil {
		return done{}, err
	}
	err := s.admin("POST", "/customers/%s/sms", in.ID).JSON(fields{"body": in.Body}).Send()
	return done{ID: in.ID}, err
}
