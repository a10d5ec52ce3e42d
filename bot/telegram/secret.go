package telegram

import (
	"context"
	"errors"
	"sync"
	"time"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot"
)

// secrets knows where messages that only one person sees are to be had. The
// server shows it by what it does with them: one that does not know of them
// sends them to all, and one that does not want them in a chat refuses.
type secrets struct {
	now func() time.Time

	mu    sync.Mutex
	never bool
	chats meters[time.Time] // until when they are not tried
}

// refusedFor is how long they are not tried in a chat after a refusal. It may
// have been for a reason that goes away: an answer that came too late, rights
// that the bot does not have yet.
const refusedFor = 10 * time.Minute

// offered reports whether one is worth trying.
func (s *secrets) offered(chat int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	until := s.chats.all[chat]
	return !s.never && (until == nil || !s.now().Before(*until))
}

// refused takes down that the server refused one in the chat.
func (s *secrets) refused(chat int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	*s.chats.get(chat, func() *time.Time { return new(time.Time) }, func(t *time.Time) bool { return !now.Before(*t) }) = now.Add(refusedFor)
}

// unknown takes down that the server does not know of them.
func (s *secrets) unknown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.never = true
}

// aim makes a reply in a group one for the person who asked, where that is to
// be had: to a question that nobody else has seen, to a press of a button, and
// when the bot wants it.
func (a *Adapter) aim(p place, r bot.Reply) place {
	p.only = nil
	switch {
	case !p.group || p.person == 0:
	case p.secret != 0:
		p.only = &onlyFor{Receiver: p.person, Press: p.press}
	case a.secrets.offered(p.chat) && (p.press != "" || r.Private):
		p.only = &onlyFor{Receiver: p.person, Press: p.press}
	}
	return p
}

// replyIn is what part i of a message at the place is put under.
func replyIn(p place, i int) *replyTo {
	switch {
	case p.only != nil && p.secret != 0 && p.press == "":
		return &replyTo{SecretID: p.secret} // each part needs it
	case i == 0 && p.under != 0:
		return &replyTo{MessageID: p.under, Anyway: true}
	}
	return nil
}

// pressFor answers a press in a group so that only the person who pressed sees
// it. It reports whether it did; if not, nothing was sent.
func (a *Adapter) pressFor(ctx context.Context, p place, m *tele.Message, r bot.Reply) (bool, error) {
	switch {
	case !isMenu(m):
		return true, a.say(ctx, p, r)
	case p.secret == 0:
		// The menu is there for all; it changes for this person alone.
		p.only.Replace = true
		err := a.say(ctx, p, r)
		if refused(err, 400, "") {
			return false, nil
		}
		return true, err
	}
	msg := render(r, a.profile(r.Lang).Copy)
	if len(msg.parts) == 0 {
		return true, errors.New("the reply has no text")
	}
	out := editSecret{
		ChatID: p.chat, Receiver: p.person, SecretID: p.secret,
		Text: msg.parts[0].html, ParseMode: htmlMode, Preview: preview{Disabled: true}, Keys: msg.keysOf(0),
	}
	err := a.deliver(ctx, p, func(ctx context.Context) error { return a.api.editSecret(ctx, out) })
	switch {
	case err == nil:
		a.counts.answers.Add(1)
		return true, a.sayRest(ctx, p, msg, 1)
	case refused(err, 400, "message is not modified"):
		return true, nil // pressed twice
	case refused(err, 400, ""), refused(err, 404, ""):
		return true, a.say(ctx, p, r)
	}
	return true, err
}
