package bot

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"optoutbot/kb"
)

// sentAgo is how many days ago an objection was sent, by the choice.
var sentAgo = map[string]int{"now": 0, "day": 1, "week": 7}

// remind makes a calendar entry for the day by which Meta must have answered.
func (b *Bot) remind(t trip) (Reply, bool) {
	ago, ok := sentAgo[last(t.path)]
	if !ok || len(t.rest) > 0 {
		return Reply{}, false
	}
	now := b.now()
	sent := now.AddDate(0, 0, -ago)
	due := monthAfter(sent)
	r := b.end(t)
	r.Private = true
	r.Blocks = fillBlocks(r.Blocks, "{date}", date(due, t.lang))
	r.Files = []File{{
		Name: t.lang.Say("reminder.file") + "-" + due.Format(time.DateOnly) + ".ics",
		Type: "text/calendar; charset=utf-8",
		Data: []byte(b.reminder(t, now, sent, due, r.Links)),
	}}
	return r, true
}

// monthAfter is the day a month later, by the calendar: a period that begins on
// 31 January ends on the last day of February (Regulation (EEC, Euratom)
// 1182/71, Article 3(2)(c)).
func monthAfter(day time.Time) time.Time {
	next := time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	return next.AddDate(0, 0, min(day.Day(), next.AddDate(0, 1, -1).Day())-1)
}

// alarmAt is when on the day the alarm sounds, after midnight.
const alarmAt = "PT9H"

// reminder writes the entry in the form of RFC 5545. It holds nothing about the
// person: the UID is random, and the entry is private where calendars are
// shared.
func (b *Bot) reminder(t trip, now, sent, due time.Time, links []Link) string {
	text := plain(fillBlocks(t.says("reminder.description"), "{day}", date(sent, t.lang)))
	for _, l := range links {
		text += fmt.Sprintf("\n%s: %s", l.Label, l.URL)
	}
	summary := t.lang.Say("reminder.summary")
	cal := ics.NewCalendarFor("optoutbot")
	cal.SetMethod(ics.MethodPublish)
	e := cal.AddEvent(rand.Text())
	e.SetDtStampTime(now)
	e.SetAllDayStartAt(due)
	e.SetAllDayEndAt(due.AddDate(0, 0, 1))
	e.SetSummary(summary)
	e.SetDescription(text)
	e.SetURL(links[0].URL)
	e.SetClass(ics.ClassificationPrivate)
	e.SetTimeTransparency(ics.TransparencyTransparent)
	alarm := e.AddAlarm()
	alarm.SetAction(ics.ActionDisplay)
	alarm.SetTrigger(alarmAt)
	alarm.SetDescription(summary)
	return cal.Serialize(ics.WithNewLineWindows)
}

// plain is a text without its setting, with a dash before the items of lists
// and an empty line between blocks.
func plain(blocks []Block) string {
	parts := make([]string, len(blocks))
	for i, bl := range blocks {
		mark := ""
		if bl.Kind != kb.Paragraph {
			mark = "- "
		}
		var lines []string
		for _, it := range bl.Items {
			lines = append(lines, mark+it.Text())
		}
		parts[i] = strings.Join(lines, "\n")
	}
	return strings.Join(parts, "\n\n") + "\n"
}
