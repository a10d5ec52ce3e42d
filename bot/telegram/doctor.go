package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot"
)

// webhookInfo is Telegram Bot API, WebhookInfo, as far as it is looked at.
type webhookInfo struct {
	URL       string `json:"url"`
	Pending   int    `json:"pending_update_count"`
	ErrorDate int64  `json:"last_error_date"`
	Error     string `json:"last_error_message"`
}

// maxSkew is how far a clock may be off before certificates and dates suffer.
const maxSkew = time.Minute

// stale is how long an error of the webhook may lie back to be of no interest.
const stale = time.Hour

// Examine looks at how the bot is set up at the server, and changes nothing.
func Examine(ctx context.Context, b answerer, cfg Config) []bot.Finding {
	if cfg.URL == "" {
		cfg.URL = DefaultURL
	}
	x := &examination{ctx: ctx, cfg: cfg, api: newClient(cfg.URL, cfg.Token, 1)}
	defer x.api.http.CloseIdleConnections()
	if !x.token() {
		return x.found
	}
	x.webhook()
	x.commands(b.Profiles())
	x.clock()
	return x.found
}

type examination struct {
	ctx   context.Context
	cfg   Config
	api   *client
	found []bot.Finding
}

func (x *examination) add(what string, state bot.State, format string, args ...any) {
	x.found = append(x.found, bot.Finding{What: "telegram " + what, State: state, Text: fmt.Sprintf(format, args...)})
}

func (x *examination) call(method string, params, out any) error {
	ctx, cancel := context.WithTimeout(x.ctx, callTime)
	defer cancel()
	return x.api.call(ctx, method, params, out)
}

// token looks at who the bot is.
func (x *examination) token() bool {
	var me tele.User
	err := x.call("getMe", struct{}{}, &me)
	switch {
	case err != nil && final(err) != nil:
		x.add("token", bot.Fault, "%v", final(err))
	case err != nil:
		x.add("token", bot.Fault, "the server cannot be asked: %v; see TELEGRAM_URL and the network", err)
	default:
		x.add("token", bot.Fine, "it is that of @%s", me.Username)
		x.modes(me)
	}
	return err == nil
}

func (x *examination) modes(me tele.User) {
	if me.SupportsInline {
		x.add("inline mode", bot.Fine, "on: people can type @%s in any chat", me.Username)
	} else {
		x.add("inline mode", bot.Notice, "off: send /setinline to @BotFather to let people type @%s in any chat", me.Username)
	}
	if me.CanReadMessages {
		x.add("privacy mode", bot.Notice, "off: the bot is sent every message of its groups, which it does not need; send /setprivacy to @BotFather and choose Enable, then add the bot to its groups anew")
	} else {
		x.add("privacy mode", bot.Fine, "on: in groups the bot gets commands, mentions and replies to it alone")
	}
	if !me.CanJoinGroups {
		x.add("groups", bot.Notice, "the bot cannot be added to groups; send /setjoingroups to @BotFather if it should")
	}
}

func (x *examination) webhook() {
	var w webhookInfo
	if err := x.call("getWebhookInfo", struct{}{}, &w); err != nil {
		x.add("webhook", bot.Fault, "the server cannot be asked: %v", err)
		return
	}
	want := ""
	if x.cfg.Webhook != nil {
		want = x.cfg.Webhook.URL
	}
	switch {
	case w.URL == want && want == "":
		x.add("webhook", bot.Fine, "none is set, and updates are fetched by polling; %d wait", w.Pending)
	case w.URL == want:
		x.add("webhook", bot.Fine, "it is set; %d updates wait", w.Pending)
	case want == "":
		x.add("webhook", bot.Fault, "one is set, so updates cannot be fetched by polling; set TELEGRAM_WEBHOOK_URL to use it, or remove it by calling deleteWebhook")
	default:
		x.add("webhook", bot.Notice, "another or none is set; serve will set TELEGRAM_WEBHOOK_URL when it starts")
	}
	if at := time.Unix(w.ErrorDate, 0); w.ErrorDate > 0 && time.Since(at) < stale {
		x.add("webhook errors", bot.Fault, "the last one %v ago: %.200q; the server must reach TELEGRAM_WEBHOOK_URL from outside, with a valid certificate",
			time.Since(at).Round(time.Second), x.api.redact(clean(w.Error)))
	}
}

func (x *examination) commands(profiles []bot.Profile) {
	for i, p := range profiles {
		set := commandSet{Scope: tele.CommandScope{Type: tele.CommandScopeAllPrivateChats}, Lang: p.Lang}
		if i == 0 {
			set.Lang = ""
		}
		var have []tele.Command
		if err := x.call("getMyCommands", set, &have); err != nil {
			x.add("commands", bot.Fault, "the server cannot be asked: %v", err)
			return
		}
		missing := slices.ContainsFunc(p.Commands, func(c bot.Command) bool {
			return !slices.ContainsFunc(have, func(h tele.Command) bool { return h.Text == c.Name })
		})
		if missing {
			x.add("commands", bot.Notice, "those in %s are not registered yet; serve does so when it starts", p.Lang)
			return
		}
	}
	x.add("commands", bot.Fine, "registered in %d languages", len(profiles))
}

// clock compares the clock with the server's.
func (x *examination) clock() {
	ctx, cancel := context.WithTimeout(x.ctx, callTime)
	defer cancel()
	skew, err := x.skew(ctx)
	switch {
	case err != nil: // a server without a clock, as in tests
	case skew.Abs() > maxSkew:
		x.add("clock", bot.Fault, "this machine's is %v off; set it by NTP, or dated answers and certificates go wrong", skew.Round(time.Second))
	default:
		x.add("clock", bot.Fine, "it agrees with the server's")
	}
}

func (x *examination) skew(ctx context.Context) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, x.cfg.URL, nil)
	if err != nil {
		return 0, errors.New("the address is no URL")
	}
	resp, err := x.api.http.Do(req)
	if err != nil {
		return 0, x.api.broken(ctx, "HEAD", err)
	}
	_ = resp.Body.Close() // a HEAD has none
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, err
	}
	return time.Since(at), nil
}
