package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"optoutbot/bot/discord"
	"optoutbot/bot/store"
	"optoutbot/bot/telegram"
)

// settings are how the bot runs. The fields are exported because fmt asks only
// those how they want to be printed.
type settings struct {
	Telegram  telegramSettings
	Discord   discordSettings
	Data      string // folder; empty: nothing is kept
	Store     address
	StoreKey  secret
	Keep      time.Duration // how long unanswered questions are kept; 0: not at all
	Admin     string        // empty: no admin address
	LogLevel  slog.Level
	LogFormat string // text, json, or empty: text on a terminal
}

type telegramSettings struct {
	Token   secret // empty: not on Telegram
	URL     string
	Journal string // empty: none
	Limits  telegram.Limits
	HookURL string // empty: by polling
	Listen  string
	HookKey secret
}

// option is a setting. Its name is that of the flag (--telegram-url); the
// environment variable is TELEGRAM_URL and the key in the file telegram_url. A
// secret has no flag and no key, since both can be read by others; instead of
// it one may give the file that holds it: TELEGRAM_TOKEN_FILE,
// --telegram-token-file, telegram_token_file.
type option struct {
	name   string
	def    string // as it would be typed
	help   string
	secret bool
	set    func(s *settings, value string) error // its error says what to do
}

func (o option) env() string { return strings.ToUpper(o.key()) }
func (o option) key() string { return strings.ReplaceAll(o.name, "-", "_") }

const off = "off" // the word that switches a thing off

// options are all settings, in the order in which they are shown.
func (a *app) options() []option {
	l, d := telegram.DefaultLimits(), discord.DefaultLimits()
	return []option{
		{"telegram-token", "", "the token that @BotFather gave", true, text(func(s *settings) *secret { return &s.Telegram.Token })},
		{"telegram-url", telegram.DefaultURL, "Bot API server", false, httpURL(func(s *settings) *string { return &s.Telegram.URL })},
		{"telegram-webhook-url", "", "receive by webhook at this address; without it by polling", false, httpURL(func(s *settings) *string { return &s.Telegram.HookURL })},
		{"telegram-webhook-listen", "127.0.0.1:8080", "where the webhook listens", false, listen(func(s *settings) *string { return &s.Telegram.Listen })},
		{"telegram-webhook-secret", "", "what the server must say; without it a new one each start", true, text(func(s *settings) *secret { return &s.Telegram.HookKey })},
		{"telegram-journal", "", "file for the numbers of answered updates, so that none is answered twice after a crash; without it in the cache folder; off", false, text(func(s *settings) *string { return &s.Telegram.Journal })},
		{"telegram-per-second", strconv.Itoa(l.PerSecond), "messages a second in all", false, number(func(s *settings) *int { return &s.Telegram.Limits.PerSecond })},
		{"telegram-chat-per-second", strconv.Itoa(l.ChatPerSecond), "messages a second to a chat", false, number(func(s *settings) *int { return &s.Telegram.Limits.ChatPerSecond })},
		{"telegram-group-per-minute", strconv.Itoa(l.GroupPerMinute), "messages a minute to a group", false, number(func(s *settings) *int { return &s.Telegram.Limits.GroupPerMinute })},
		{"telegram-group-answers", strconv.Itoa(l.Answers), "answers a minute in a group", false, number(func(s *settings) *int { return &s.Telegram.Limits.Answers })},
		{"telegram-private-answers", strconv.Itoa(l.PrivateAnswers), "answers a minute in a private chat", false, number(func(s *settings) *int { return &s.Telegram.Limits.PrivateAnswers })},
		{"discord-token", "", "the bot's token, from the developer portal", true, text(func(s *settings) *secret { return &s.Discord.Token })},
		{"discord-api", discord.DefaultAPI, "Discord's server", false, httpURL(func(s *settings) *string { return &s.Discord.API })},
		{"discord-public-key", "", "receive interactions by HTTP, signed with this key of the application; without it by the gateway", false, text(func(s *settings) *string { return &s.Discord.Key })},
		{"discord-listen", "127.0.0.1:8081", "where interactions are received", false, listen(func(s *settings) *string { return &s.Discord.Listen })},
		{"discord-messages", off, "with a public key: on connects to the gateway too, for mentions and private messages", false, onOff(func(s *settings) *bool { return &s.Discord.Messages })},
		{"shard-id", "", "the shard of Discord's gateway that this process runs, the first being 0", false, shard(func(s *settings) *int { return &s.Discord.Shard })},
		{"shard-count", "", "of how many; without it as many as Discord recommends, all in this process", false, shard(func(s *settings) *int { return &s.Discord.Shards })},
		{"discord-per-second", strconv.Itoa(d.PerSecond), "calls a second, answers to interactions aside", false, number(func(s *settings) *int { return &s.Discord.Limits.PerSecond })},
		{"discord-channel-answers", strconv.Itoa(d.Answers), "answers a minute to messages in a channel", false, number(func(s *settings) *int { return &s.Discord.Limits.Answers })},
		{"discord-private-answers", strconv.Itoa(d.PrivateAnswers), "answers a minute in a private chat", false, number(func(s *settings) *int { return &s.Discord.Limits.PrivateAnswers })},
		{"data", a.dataDir(), "folder for counts and for what chats have chosen; off keeps nothing", false, folder(func(s *settings) *string { return &s.Data })},
		{"store", "", "postgres://USER@HOST/DATABASE, for more than one replica; without it SQLite in the data folder", false, setStore},
		{"store-key", "", "secret of 32 bytes and more that all replicas share; it makes the ids of chats unreadable", true, text(func(s *settings) *secret { return &s.StoreKey })},
		{"keep-unanswered", off, "how long the words of questions that found nothing are kept, for example 30d", false, setKeep},
		{"admin", "127.0.0.1:9090", "where /healthz, /readyz and /metrics listen; off", false, listen(func(s *settings) *string { return &s.Admin })},
		{"log-level", "info", "debug, info, warn or error", false, func(s *settings, v string) error {
			if err := s.LogLevel.UnmarshalText([]byte(v)); err != nil {
				return errors.New("it is debug, info, warn or error")
			}
			return nil
		}},
		{"log-format", "auto", "text, json or auto: text on a terminal", false, func(s *settings, v string) error {
			if v != "text" && v != "json" && v != "auto" {
				return errors.New("it is text, json or auto")
			}
			s.LogFormat = strings.TrimPrefix(v, "auto")
			return nil
		}},
	}
}

// dataDir is where data is kept unless said otherwise: where systemd wants it,
// or beside the person's other data (XDG Base Directory Specification).
func (a *app) dataDir() string {
	if dir := a.getenv("STATE_DIRECTORY"); dir != "" {
		return dir
	}
	if dir := a.getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "optoutbot")
	}
	if home := a.getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "share", "optoutbot")
	}
	return off
}

func text[S ~string](field func(*settings) *S) func(*settings, string) error {
	return func(s *settings, v string) error {
		*field(s) = S(v)
		return nil
	}
}

func folder(field func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		if v == off {
			v = ""
		}
		*field(s) = v
		return nil
	}
}

func httpURL(field func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		if u, err := url.Parse(v); v != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil) {
			return errors.New("it is an address such as https://example.org/path, without a password")
		}
		*field(s) = strings.TrimSuffix(v, "/")
		return nil
	}
}

func listen(field func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		if v == off {
			*field(s) = ""
			return nil
		}
		if _, port, err := net.SplitHostPort(v); err != nil || port == "" {
			return fmt.Errorf("it is HOST:PORT such as 127.0.0.1:8080, or %s", off)
		}
		*field(s) = v
		return nil
	}
}

func number(field func(*settings) *int) func(*settings, string) error {
	return func(s *settings, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return errors.New("it is a number of 0 or more (0 is no limit)")
		}
		*field(s) = n
		return nil
	}
}

func onOff(field func(*settings) *bool) func(*settings, string) error {
	return func(s *settings, v string) error {
		if v != "on" && v != off {
			return errors.New("it is on or off")
		}
		*field(s) = v == "on"
		return nil
	}
}

func shard(field func(*settings) *int) func(*settings, string) error {
	return func(s *settings, v string) error {
		if v == "" {
			return nil
		}
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return errors.New("it is a number of 0 or more")
		}
		*field(s) = n
		return nil
	}
}

func setStore(s *settings, v string) error {
	if v != "" && !store.IsPostgres(v) {
		return errors.New("it is postgres://USER@HOST:PORT/DATABASE; SQLite needs no address, only the data folder")
	}
	s.Store = address(v)
	return nil
}

const maxKeep = 365 * 24 * time.Hour

// setKeep reads a number of days or hours: 30d, 12h.
func setKeep(s *settings, v string) error {
	if v == off {
		s.Keep = 0
		return nil
	}
	if days, ok := strings.CutSuffix(v, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 365 {
			s.Keep = time.Duration(n) * 24 * time.Hour
			return nil
		}
	}
	if d, err := time.ParseDuration(v); err == nil && d >= time.Hour && d <= maxKeep {
		s.Keep = d
		return nil
	}
	return fmt.Errorf("it is a time from 1h to 365d such as 30d, or %s", off)
}
