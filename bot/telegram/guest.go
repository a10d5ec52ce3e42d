package telegram

import (
	"context"
	"strings"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot"
)

// onGuest answers a question from a chat in which the bot is not. It has one
// message for that, and knows nothing of the chat: not even its number is sure
// to be its own.
func (a *Adapter) onGuest(ctx context.Context, g *guestAsk) error {
	if g.Query == "" || g.Sender == nil || !fromPerson(&g.Message) {
		return nil
	}
	lang := g.Sender.LanguageCode
	r := plainReply(a.profile(lang).Busy)
	switch a.patience.ask(g.Sender.ID, true) {
	case stayQuiet:
		a.counts.quiet.Add(1)
		return nil
	case askForPatience:
		a.counts.quiet.Add(1)
	default:
		var err error
		if r, err = a.bot.Ask(ctx, bot.Question{Text: a.guestQuestion(&g.Message), Lang: lang}); err != nil {
			a.log.Error("question not answered", "err", err) // the reply says that something went wrong
		}
	}
	return a.sayAway(ctx, g, r)
}

// sayAway answers a guest's question.
func (a *Adapter) sayAway(ctx context.Context, g *guestAsk, r bot.Reply) error {
	out, plain := a.guestAnswer(r, g.Sender.LanguageCode)
	err := a.direct(ctx, func(ctx context.Context) error {
		err := a.api.answerGuestQuery(ctx, answerGuestQuery{ID: g.Query, Result: out})
		if refused(err, 400, "can't parse entities") {
			a.log.Error("telegram takes the markup for wrong; sent without", "err", err)
			out.Content.Text, out.Content.ParseMode = plain, ""
			err = a.api.answerGuestQuery(ctx, answerGuestQuery{ID: g.Query, Result: out})
		}
		return err
	})
	if err == nil {
		a.counts.answers.Add(1)
		a.counts.messages.Add(1)
	}
	return err
}

// guestQuestion is what a message asks that calls the bot: what it says beside
// the bot's name, or what it replies to.
func (a *Adapter) guestQuestion(m *tele.Message) string {
	text, entities := m.Text, m.Entities
	if text == "" {
		text, entities = m.Caption, m.CaptionEntities
	}
	if name, arg, ok := a.command(text); ok {
		if arg == "" && (name == "check" || name == "ask") {
			arg = quoted(m)
		}
		return "/" + name + " " + arg
	}
	rest, _ := a.mentioned(text, entities)
	if strings.TrimSpace(rest) == "" {
		return quoted(m)
	}
	return rest
}

// guestAnswer is a reply as one message.
func (a *Adapter) guestAnswer(r bot.Reply, lang string) (out article, plain string) {
	m := render(r, "")
	if len(m.parts) == 0 {
		m = render(plainReply(a.profile(lang).Sorry), "")
	}
	title := clean(r.Title)
	if title == "" {
		title = clip(m.parts[0].plain, maxLabel)
	}
	return article{
		Type: "article", ID: "answer", Title: title, Keys: a.awayKeys(r, len(m.parts) > 1),
		Content: textContent{Text: m.parts[0].html, ParseMode: htmlMode, Preview: preview{Disabled: true}},
	}, m.parts[0].plain
}

// awayKeys are the buttons of a message in a chat in which the bot is not. A
// press there can only change the message, for all: under an answer there are
// links and the way to a private chat instead; a menu turns into what is chosen.
func (a *Adapter) awayKeys(r bot.Reply, cut bool) *markup {
	p := a.profile(r.Lang)
	if r.Outcome != bot.Answer && !cut {
		return keyboard(r, p.Copy)
	}
	r.Rows = nil
	k := keyboard(r, p.Copy)
	if k == nil {
		k = &markup{}
	}
	k.add([]button{{Text: label(p.More), URL: a.deepLink(r.Entry)}})
	return k
}

// deepLink opens the private chat with the bot at an entry, or at the topics.
func (a *Adapter) deepLink(entry string) string {
	if entry == "" {
		entry = "topics"
	}
	return "https://t.me/" + a.router.Me.Username + "?start=" + entry
}

// replaceInline turns a message that was sent in the bot's name where it is no
// member into a reply.
func (a *Adapter) replaceInline(ctx context.Context, id string, r bot.Reply) error {
	m := render(r, "")
	if len(m.parts) == 0 {
		return nil
	}
	out := editInline{
		InlineID: id, Text: m.parts[0].html, ParseMode: htmlMode, Preview: preview{Disabled: true},
		Keys: a.awayKeys(r, len(m.parts) > 1),
	}
	err := a.direct(ctx, func(ctx context.Context) error { return a.api.editInline(ctx, out) })
	if refused(err, 400, "message is not modified") {
		return nil // pressed twice
	}
	if err == nil {
		a.counts.answers.Add(1)
	}
	return err
}
