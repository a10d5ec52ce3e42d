package bot_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"optoutbot/bot"
)

func remindOn(t testing.TB, day time.Time, path string) bot.File {
	t.Helper()
	b := bot.New(content(t), canned{}, func() time.Time { return day })
	r := mustPress(t, b, way(path, "en"), "")
	if len(r.Files) != 1 {
		t.Fatalf("%s: got %d files, want one", path, len(r.Files))
	}
	return r.Files[0]
}

var uid = regexp.MustCompile(`(?m)^UID:([A-Z2-7]{26})\r$`)

func TestReminder(t *testing.T) {
	f := remindOn(t, today, "remind/now")
	if f.Name != "reminder-2026-12-22.ics" || !strings.HasPrefix(f.Type, "text/calendar") {
		t.Errorf("got the file %s of type %s", f.Name, f.Type)
	}
	text := string(f.Data)
	found := uid.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("there is no random UID:\n%s", text)
	}
	golden(t, f.Name, strings.Replace(text, found[1], "RANDOM", 1))
	if again := string(remindOn(t, today, "remind/now").Data); again == text {
		t.Error("two reminders have the same UID")
	}
	for i, line := range strings.Split(text, "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line %d has %d bytes or a line break of its own: %q", i+1, len(line), line)
		}
	}
}

// Another program's parser reads what was written.
func TestReminderIsRead(t *testing.T) {
	cal, err := ical.NewDecoder(strings.NewReader(string(remindOn(t, today, "remind/week").Data))).Decode()
	if err != nil {
		t.Fatal(err)
	}
	if len(cal.Events()) != 1 {
		t.Fatalf("got %d events, want one", len(cal.Events()))
	}
	e := cal.Events()[0]
	start, err := e.DateTimeStart(time.UTC)
	if want := time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC); err != nil || !start.Equal(want) {
		t.Errorf("it begins on %s (%v), want %s", start, err, want)
	}
	end, err := e.DateTimeEnd(time.UTC)
	if err != nil || end.Sub(start) != 24*time.Hour {
		t.Errorf("it ends on %s (%v), want a day later", end, err)
	}
	stamp, err := e.Props.DateTime(ical.PropDateTimeStamp, time.UTC)
	if err != nil || !stamp.Equal(today) {
		t.Errorf("it was made at %s (%v), want %s, by the bot's clock", stamp, err, today)
	}
	text, err := e.Props.Text(ical.PropDescription)
	if err != nil || !strings.Contains(text, "15 November 2026") || !strings.Contains(text, "\n- If not: send the form again, write to Meta, or") || !strings.Contains(text, "https://www.facebook.com/privacy/genai") {
		t.Errorf("it says (%v)\n%s", err, text)
	}
	if address, err := e.Props.URI(ical.PropURL); err != nil || address.String() != "https://www.facebook.com/privacy/genai" {
		t.Errorf("it links to %v (%v)", address, err)
	}
	alarms := 0
	for _, c := range e.Children {
		if d, err := c.Props.Get(ical.PropTrigger).Duration(); c.Name == ical.CompAlarm && err == nil && d == 9*time.Hour {
			alarms++
		}
	}
	if alarms != 1 {
		t.Errorf("got %d alarms at nine, want one", alarms)
	}
}

// The month is the calendar's.
func TestMonthAfter(t *testing.T) {
	for day, due := range map[string]string{
		"2026-11-22": "2026-12-22", "2026-12-31": "2027-01-31", "2027-01-31": "2027-02-28", "2028-01-30": "2028-02-29",
		"2027-03-31": "2027-04-30", "2027-02-28": "2027-03-28",
	} {
		now, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := remindOn(t, now, "remind/now").Name, "reminder-"+due+".ics"; got != want {
			t.Errorf("sent on %s: got %s, want %s", day, got, want)
		}
	}
}

// In every language the file is one that a parser reads, with a name in ASCII.
func TestRemindersOfLanguages(t *testing.T) {
	base, b := content(t), newBot(t, canned{})
	for _, l := range base.Languages {
		f := mustPress(t, b, way("remind/day", l.Code), "").Files[0]
		cal, err := ical.NewDecoder(strings.NewReader(string(f.Data))).Decode()
		if err != nil {
			t.Fatalf("%s: %v", l.Code, err)
		}
		if summary, err := cal.Events()[0].Props.Text(ical.PropSummary); err != nil || summary != l.Say("reminder.summary") {
			t.Errorf("%s: got the summary %q, %v", l.Code, summary, err)
		}
	}
}
