package telegram

import (
	"context"
	"errors"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot"
)

// maxToast is how long a text is that a press shows for a moment: Telegram Bot
// API, answerCallbackQuery.
const maxToast = 200

// onPress answers the press of a button.
func (a *Adapter) onPress(c tele.Context) error {
	ctx, q := a.call(c).ctx, c.Callback()
	if q.Sender == nil || q.Sender.IsBot {
		return nil
	}
	press := bot.Press{Data: q.Data, Lang: q.Sender.LanguageCode, Place: choicesOf(q.Message)}
	seen := q.Message != nil && q.Message.Chat != nil
	if seen && press.Chooses() && !a.mayChoose(ctx, q.Message.Chat, q.Sender, nil) {
		return a.toast(ctx, q.ID, clip(clean(a.profile(press.Lang).AdminsOnly), maxToast))
	}
	r, err := a.bot.Press(ctx, press)
	if err != nil {
		a.log.Error("press", "err", err)
	}
	if text := clean(r.Short()); isToast(r) && units(text) <= maxToast {
		return a.toast(ctx, q.ID, text)
	}
	switch {
	case !seen && q.MessageID != "":
		return errors.Join(a.toast(ctx, q.ID, ""), a.replaceInline(ctx, q.MessageID, r))
	case !seen: // all that is left is a word
		return a.toast(ctx, q.ID, clip(clean(r.Short()), maxToast))
	}
	p := placeOf(q.Message)
	p.lang, p.person, p.press, p.secret = q.Sender.LanguageCode, q.Sender.ID, q.ID, a.call(c).secret
	switch a.patience.ask(p.chat, p.group) {
	case stayQuiet:
		a.counts.quiet.Add(1)
		return a.toast(ctx, q.ID, "")
	case askForPatience:
		a.counts.quiet.Add(1)
		return a.toast(ctx, q.ID, clip(clean(a.profile(p.lang).Busy), maxToast))
	}
	return a.pressed(ctx, p, q, r)
}

// pressed shows what a press brings.
func (a *Adapter) pressed(ctx context.Context, p place, q *tele.Callback, r bot.Reply) error {
	if p = a.aim(p, r); p.only != nil {
		// A message for one names the press that it answers, which therefore
		// is answered after it.
		if done, err := a.pressFor(ctx, p, q.Message, r); done {
			return errors.Join(err, a.toast(ctx, q.ID, ""))
		}
		p.only = nil
	}
	// The client shows that it waits until the press is answered, so that
	// comes first; it is good for a few seconds only.
	if err := a.toast(ctx, q.ID, ""); err != nil {
		return err
	}
	if isMenu(q.Message) {
		return a.replace(ctx, p, q.Message.ID, r)
	}
	return a.say(ctx, p, r)
}

// isToast reports whether a reply is a word of thanks and nothing to go on
// with.
func isToast(r bot.Reply) bool {
	return r.Title == "" && len(r.Blocks) == 1 && len(r.Rows) == 0 && len(r.Links) == 0
}

// isMenu reports whether a message is a menu, which turns into what is chosen.
// An answer has links; it stays, and what is chosen comes below it.
func isMenu(m *tele.Message) bool {
	if m.ReplyMarkup == nil || m.Unixtime == 0 { // the date of a message that the bot cannot see
		return false
	}
	for _, row := range m.ReplyMarkup.InlineKeyboard {
		for _, b := range row {
			if b.URL != "" {
				return false
			}
		}
	}
	return true
}

// toast answers a press. A press that is too old cannot be answered, and need
// not be.
func (a *Adapter) toast(ctx context.Context, id, text string) error {
	err := a.direct(ctx, func(ctx context.Context) error {
		return a.api.answerCallbackQuery(ctx, answerCallbackQuery{ID: id, Text: text})
	})
	if refused(err, 400, "") {
		return nil
	}
	return err
}

// direct makes a call that sends nothing to a chat, so that the limits do not
// count it, and that is of no use a little later.
func (a *Adapter) direct(ctx context.Context, send func(context.Context) error) error {
	for n := 0; ; n++ {
		one, cancel := context.WithTimeout(ctx, callTime)
		err := send(one)
		cancel()
		if err == nil || !temporary(err) || n == 2 || ctx.Err() != nil {
			return err
		}
		d := backoff(n)
		if api := (*apiError)(nil); errors.As(err, &api) && api.RetryAfter > 0 {
			d = api.RetryAfter
		}
		if d > callTime {
			return err
		}
		if err := a.sleep(ctx, d); err != nil {
			return err
		}
	}
}

// replace turns a message of the bot into a reply. Where that cannot be done,
// the reply is a message of its own.
func (a *Adapter) replace(ctx context.Context, p place, id int, r bot.Reply) error {
	m := render(r, a.profile(r.Lang).Copy)
	if len(m.parts) == 0 {
		return errors.New("the reply has no text")
	}
	out := editMessageText{
		ChatID: p.chat, MessageID: id, Text: m.parts[0].html, ParseMode: htmlMode, Preview: preview{Disabled: true},
		Keys: m.keysOf(0),
	}
	err := a.deliver(ctx, p, func(ctx context.Context) error { return a.api.editMessageText(ctx, out) })
	switch {
	case err == nil:
		a.counts.answers.Add(1)
		return a.sayRest(ctx, p, m, 1)
	case refused(err, 400, "message is not modified"):
		return nil // pressed twice
	case refused(err, 400, ""):
		return a.say(ctx, p, r)
	}
	return err
}
