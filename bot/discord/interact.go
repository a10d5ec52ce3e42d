package discord

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"optoutbot/bot"
)

// answerTime is how long Discord waits for the answer to an interaction, less
// what the way takes.
const answerTime = 2900 * time.Millisecond

// said is what an interaction is answered with.
type said struct {
	answer answer
	rest   []post     // further messages
	files  []bot.File // they go with the answer
	only   bool       // for the person alone
}

// takeInteraction answers an interaction of the gateway.
func (a *Adapter) takeInteraction(ctx context.Context, raw json.RawMessage) {
	begin := time.Now()
	i, err := decodeInteraction(raw)
	if err != nil {
		a.counts.poisoned.Add(1)
		a.log.Error("discord event set aside", "err", err)
	}
	if i == nil || !a.fresh(i) {
		return
	}
	a.quick.take(ctx, "", func() {
		until, cancel := context.WithDeadline(a.work, begin.Add(answerTime))
		defer cancel()
		s := a.handle(until, i, err != nil)
		if err := a.call(until, i, s); err != nil {
			a.failed(err)
			return
		}
		a.counts.answers.Add(1)
		a.counts.messages.Add(1)
		a.sayMore(i, s)
	})
}

// fresh reports whether an interaction comes for the first time.
func (a *Adapter) fresh(i *interaction) bool {
	if !a.seen.first("i"+i.ID, struct{}{}) {
		a.counts.repeated.Add(1)
		return false
	}
	a.counts.interactions.Add(1)
	return true
}

func (a *Adapter) failed(err error) {
	a.counts.failed.Add(1)
	if refused(err, http.StatusNotFound, discordgo.ErrCodeUnknownInteraction) {
		a.counts.late.Add(1)
	}
	a.log.Warn("discord reply not sent", "err", err)
}

// alreadyAnswered is Discord's code for an interaction that has its answer: the
// one before this try, whose fate was unknown.
const alreadyAnswered = 40060

// call answers an interaction by a call. It can be made again whatever became
// of it: Discord takes one answer and no second.
func (a *Adapter) call(ctx context.Context, i *interaction, s said) error {
	err := a.do(ctx, request{
		method: http.MethodPost, path: "/interactions/" + i.ID + "/" + i.Token + "/callback",
		name: "the answer to an interaction", body: s.answer, files: s.files, open: true,
	}, try{key: "callback" + i.ID, twice: true})
	if refused(err, http.StatusBadRequest, alreadyAnswered) {
		return nil
	}
	return err
}

// maxOutside is how many further messages Discord takes where the bot is only
// installed by the person.
const maxOutside = 5

// unknownWebhook is Discord's code for a further message to an interaction that
// has no answer: it has ended, or the answer, written into the response to
// Discord's own request, is overtaken.
const unknownWebhook = 10015

// sayMore sends further messages. They are sent once: Discord would not know
// them again.
func (a *Adapter) sayMore(i *interaction, s said) {
	if i.outside() && len(s.rest) > maxOutside {
		a.log.Warn("discord reply cut: it needs more messages than are allowed here", "messages", len(s.rest)+1)
		s.rest = s.rest[:maxOutside]
	}
	for _, p := range s.rest {
		if s.only {
			p.Flags |= discordgo.MessageFlagsEphemeral
		}
		err := a.do(a.work, request{
			method: http.MethodPost, path: "/webhooks/" + i.App + "/" + i.Token, name: "a further message", body: p, open: true,
		}, try{key: "more" + i.ID, early: true})
		if err != nil {
			a.failed(err)
			return
		}
		a.counts.messages.Add(1)
	}
}

// handle finds the answer to an interaction. It always finds one.
func (a *Adapter) handle(ctx context.Context, i *interaction, bare bool) (s said) {
	defer func() {
		if x := recover(); x != nil {
			a.panicked(x, debug.Stack())
			s = a.sorry(i)
		}
	}()
	if bare {
		return a.sorry(i)
	}
	switch i.Type {
	case discordgo.InteractionPing:
		return said{answer: answer{Type: discordgo.InteractionResponsePong}}
	case discordgo.InteractionApplicationCommand:
		return a.onCommand(ctx, i)
	case discordgo.InteractionApplicationCommandAutocomplete:
		return a.onTyping(ctx, i)
	}
	return a.onPress(ctx, i)
}

// sorry says that something went wrong.
func (a *Adapter) sorry(i *interaction) said {
	if i.Type == discordgo.InteractionApplicationCommandAutocomplete {
		return said{answer: answer{discordgo.InteractionApplicationCommandAutocompleteResult, suggestions{[]suggestion{}}}}
	}
	return a.tell(i, sentence(a.profile(i.Locale).Sorry), true)
}

// tell answers with a reply, for the person alone or for all.
func (a *Adapter) tell(i *interaction, r bot.Reply, only bool, buttons ...bot.Button) said {
	posts := render(r, a.named(), buttons...)
	s := said{rest: posts[1:], files: r.Files, only: only}
	if only {
		posts[0].Flags |= discordgo.MessageFlagsEphemeral
	}
	s.answer = answer{discordgo.InteractionResponseChannelMessageWithSource, posts[0]}
	return s
}

// showPrefix begins the id of the button that shows a reply to all; what it
// shows follows.
const showPrefix = "show:"

// reply answers with a reply where it belongs: for the person alone, unless
// nobody else is there or the server wants answers for all, and then with a
// button to show it.
func (a *Adapter) reply(i *interaction, r bot.Reply, public bool) said {
	switch {
	case i.alone():
		return a.tell(i, r, false)
	case public && !r.Private:
		return a.tell(i, r, false)
	case r.Again != "" && !r.Private && len(showPrefix+r.Again) <= maxID:
		return a.tell(i, r, true, bot.Button{Label: a.profile(r.Lang).Words["discord_show"], Data: showPrefix + r.Again})
	}
	return a.tell(i, r, true)
}

// choices gives what a place has chosen; what is out of order is logged and
// counts as nothing chosen.
func (a *Adapter) choices(ctx context.Context, p bot.Place) bot.Choices {
	c, err := a.bot.Choices(ctx, p)
	if err != nil && !errors.Is(err, context.Canceled) {
		a.errorOf("choices not known", err)
	}
	return c
}

// profile is the profile in a language, or in English.
func (a *Adapter) profile(locale string) bot.Profile {
	lang := a.lang(locale)
	for _, p := range a.profiles {
		if p.Lang == lang {
			return p
		}
	}
	return a.profiles[0]
}

// lang is the bot's name of a locale, if it speaks it, or else the language in
// the locale's name.
func (a *Adapter) lang(locale string) string {
	code, _, _ := strings.Cut(locale, "-")
	for _, p := range a.profiles {
		if p.Lang == code || p.Lang == locale || slices.Contains(localesOf(p), locale) {
			return p.Lang
		}
	}
	return code
}
