package discord

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
)

// waitGateway waits until what happened at the gateway is enough.
func (r *rig) waitGateway(t testing.TB, enough func(dctest.GatewayCounts) bool) dctest.GatewayCounts {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	defer cancel()
	if err := r.WaitGateway(ctx, enough); err != nil {
		t.Fatalf("%v; %+v; log: %s", err, r.Gateway(), r.logs)
	}
	return r.Gateway()
}

// answers asks by the gateway and sees that it is answered once.
func (r *rig) answers(t testing.TB) {
	t.Helper()
	if c := r.ask(t, dctest.Slash("1", "deadline")); !strings.HasPrefix(c.Visible(), titleOf(t, "deadline")) {
		t.Errorf("got %.80s", c.Visible())
	}
}

// No privileged intent: those would need Discord's consent.
func TestIntents(t *testing.T) {
	if got := start(t, bottest.New(t)).Gateway().Intents; got != 1<<9|1<<12 {
		t.Errorf("got intents %b, want messages in servers and in private", got)
	}
}

func TestCloseCodes(t *testing.T) {
	for code, word := range map[int]string{4004: "DISCORD_TOKEN", 4010: "SHARD_ID", 4011: "SHARD_COUNT", 4012: "newer version", 4013: "portal", 4014: "portal"} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			r := newRig(t, bottest.New(t), dctest.Options{}, nil)
			r.Order(dctest.Fault{Kind: dctest.Close, Route: dctest.AtReady, Value: float64(code)})
			ctx, cancel := context.WithTimeout(context.Background(), hang)
			defer cancel()
			if err := r.a.Run(ctx); err == nil || !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), fmt.Sprint(code)) {
				t.Errorf("got %v, want what to do: %s", err, word)
			}
			if n := r.Gateway().Dials; n != 1 {
				t.Errorf("got %d connections, want one", n)
			}
		})
	}
	for code, resumes := range map[int]bool{4000: true, 4001: true, 4002: true, 4005: true, 4007: false, 4008: true, 4009: false, 1006: true, 1001: false} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			r := start(t, bottest.New(t))
			r.Cut(code)
			got := r.waitGateway(t, func(c dctest.GatewayCounts) bool { return c.Resumed+c.Identified == 2 })
			if resumes != (got.Resumed == 1) {
				t.Errorf("got %d sessions resumed, want %v", got.Resumed, resumes)
			}
			r.answers(t)
		})
	}
}

// What the gateway does at odd moments: in the place of Hello, of READY and of an
// event. The bot is there again afterwards.
func TestOddMoments(t *testing.T) {
	kinds := map[string]dctest.Kind{
		"silence": dctest.Silence, "reconnect": dctest.Reconnect, "invalid": dctest.Invalid, "invalid-resume": dctest.InvalidResume,
		"ack": dctest.Ack, "close": dctest.Close, "drop": dctest.Drop, "garbage": dctest.Garbage, "null": dctest.Null, "poison": dctest.Poison,
	}
	for name, kind := range kinds {
		for _, moment := range []string{dctest.AtHello, dctest.AtReady, dctest.AtEvent} {
			t.Run(name+" at "+moment, func(t *testing.T) {
				o := dctest.Options{}
				if kind == dctest.Silence {
					o.Heartbeat = 100 * time.Millisecond
				}
				r := newRig(t, bottest.New(t), o, nil)
				f := dctest.Fault{Kind: kind, Route: moment, Value: 4000}
				if moment != dctest.AtEvent {
					r.Order(f)
				}
				r.run(t)
				r.connected(t)
				if moment == dctest.AtEvent {
					r.Order(f)
					r.Post(r.Note("1", dm(1), "", "messenger"))
					r.calls(t, dctest.Send, 1)
					if kind == dctest.Silence {
						r.waitGateway(t, func(c dctest.GatewayCounts) bool { return c.Resumed == 1 })
					}
				}
				for range 2 { // once may be the connection that ends
					r.Post(r.Note("1", dm(1), "", "deadline"))
				}
				r.calls(t, dctest.Send, 2)
			})
		}
	}
}

// A session that is taken up again brings what was missed, and what comes twice
// is answered once.
func TestResume(t *testing.T) {
	r := start(t, bottest.New(t))
	r.Order(dctest.Fault{Kind: dctest.Twice, Route: dctest.AtEvent})
	r.Interact(dctest.Slash("1", "deadline"))
	r.Order(dctest.Fault{Kind: dctest.Shuffled, Route: dctest.AtEvent})
	r.Interact(dctest.Slash("1", "topics"))
	r.Interact(dctest.Slash("1", "help"))
	r.calls(t, dctest.Callback, 3)
	r.Cut(0)
	r.Interact(dctest.Slash("1", "privacy"))
	r.Post(r.Note("1", dm(1), "", "messenger"))
	r.calls(t, dctest.Callback, 4)
	r.calls(t, dctest.Send, 1)
	if got := r.Gateway(); got.Resumed != 1 || got.Identified != 1 {
		t.Errorf("got %+v, want the session resumed", got)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if got := r.a.Counts(); got.Repeated == 0 || got.Answers != 5 {
		t.Errorf("got %+v", got)
	}
}

// Messages that come while there is no session are found by looking back, and
// answered once.
func TestLookBack(t *testing.T) {
	r := start(t, bottest.New(t))
	r.Post(r.Note("1", dm(1), "", "messenger"))
	r.Post(dctest.Mention(r.Note("2", dctest.Channel, dctest.Guild, "devices")))
	r.calls(t, dctest.Send, 2)
	r.Forget()
	r.Order(dctest.Fault{Kind: dctest.BadGateway, Route: dctest.AtDial, Times: 3})
	r.Cut(0)
	r.waitGateway(t, func(c dctest.GatewayCounts) bool { return c.Dials >= 2 })
	r.Post(r.Note("1", dm(1), "", "deadline"))
	r.Post(r.Note("3", dctest.Channel, dctest.Guild, "this is not for the bot"))
	r.Post(dctest.Mention(r.Note("2", dctest.Channel, dctest.Guild, "likeness")))
	got := r.calls(t, dctest.Send, 4)
	r.connected(t)
	titles := ""
	for _, c := range got {
		titles += strings.SplitN(c.Visible(), "\n", 2)[0] + "\n"
	}
	for _, e := range []string{"messenger", "devices", "deadline", "likeness"} {
		if strings.Count(titles, titleOf(t, e)) != 1 {
			t.Errorf("%s is not answered once in %s", e, titles)
		}
	}
	if n := r.a.Counts().CaughtUp; n != 2 {
		t.Errorf("looking back found %d questions, want 2; log: %s", n, r.logs)
	}
}

// A connection on which heartbeats get no answer is given up after one interval.
func TestHeartbeats(t *testing.T) {
	r := newRig(t, bottest.New(t), dctest.Options{Heartbeat: 50 * time.Millisecond}, nil).run(t)
	r.connected(t)
	r.waitGateway(t, func(c dctest.GatewayCounts) bool { return c.Heartbeats > 2 })
	if n := r.Gateway().Dials; n != 1 {
		t.Fatalf("got %d connections, want one", n)
	}
	r.Op(1, "null") // a heartbeat on request
	r.Mute()
	r.waitGateway(t, func(c dctest.GatewayCounts) bool { return c.Resumed == 1 })
	r.answers(t)
}

// Run ends at once while the gateway says nothing, and while it is not there.
func TestEndWhileWaiting(t *testing.T) {
	for name, f := range map[string]dctest.Fault{
		"no Hello": {Kind: dctest.Silence, Route: dctest.AtHello, Times: -1},
		"no READY": {Kind: dctest.Silence, Route: dctest.AtReady, Times: -1},
		"no dial":  {Kind: dctest.BadGateway, Route: dctest.AtDial, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, bottest.New(t), dctest.Options{}, nil)
			r.Order(f)
			r.run(t)
			r.waitGateway(t, func(c dctest.GatewayCounts) bool { return c.Dials > 2 })
			if err := r.stop(); err != nil {
				t.Errorf("got %v", err)
			}
			if len(r.naps.taken()) == 0 {
				t.Error("it connected again without a pause")
			}
		})
	}
}

func TestShards(t *testing.T) {
	t.Run("automatic", func(t *testing.T) {
		r := newRig(t, bottest.New(t), dctest.Options{Shards: 3}, nil).run(t)
		got := r.waitGateway(t, func(c dctest.GatewayCounts) bool { return c.Identified == 3 })
		if got.Dials != 3 {
			t.Errorf("got %+v", got)
		}
		for i := range 3 { // a server of each shard
			d := dctest.Slash("1", "deadline")
			d["guild_id"] = fmt.Sprint(i << 22)
			r.ask(t, d)
		}
	})
	t.Run("one of three", func(t *testing.T) {
		r := newRig(t, bottest.New(t), dctest.Options{Shards: 3}, func(_ *rig, c *Config) { c.Shard, c.Shards = 2, 3 }).run(t)
		r.waitGateway(t, func(c dctest.GatewayCounts) bool { return c.Identified == 1 })
		d := dctest.Slash("1", "deadline")
		d["guild_id"] = fmt.Sprint(5 << 22)
		r.ask(t, d)
		if n := r.Gateway().Identified; n != 1 {
			t.Errorf("got %d sessions, want one", n)
		}
	})
}

// A wrong token ends the adapter with what to do, wherever it is found out.
func TestWrongToken(t *testing.T) {
	r := newRig(t, bottest.New(t), dctest.Options{}, nil)
	r.Order(dctest.Fault{Kind: dctest.Unauthorized, Route: dctest.GatewayBot})
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	defer cancel()
	if err := r.a.Run(ctx); !errors.Is(err, errFatal) || !strings.Contains(err.Error(), "DISCORD_TOKEN") {
		t.Errorf("got %v", err)
	}
}
