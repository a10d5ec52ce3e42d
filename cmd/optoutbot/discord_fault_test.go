package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"optoutbot/bot/discord/dctest"
)

// TestDiscordFaultRun asks the real program by interactions and messages while
// the server misbehaves in every way and the program is killed and started
// again. It is a small run unless OPTOUTBOT_DISCORD_FAULTS says how many
// questions:
//
//	OPTOUTBOT_DISCORD_FAULTS=10000 go test -run TestDiscordFaultRun -v -timeout 30m ./cmd/optoutbot
func TestDiscordFaultRun(t *testing.T) {
	n, kills := 300, 2
	if v, err := strconv.Atoi(os.Getenv("OPTOUTBOT_DISCORD_FAULTS")); err == nil {
		n, kills = v, 20
	}
	r := newDiscordRun(t, n, kills)
	defer r.server.Close()
	begin := time.Now()
	for life := 0; r.next < r.n; life++ {
		r.live(t, life)
	}
	r.report(t, time.Since(begin))
}

// delivered is something that was asked.
type delivered struct {
	interaction bool
	life        int           // in which the program had it
	cut         bool          // the connection that had it ended with it: it may come again
	asked       time.Time     // when it was delivered
	answers     int           // that people saw
	took        time.Duration // to the first
}

// discordRun is the state of a fault run.
type discordRun struct {
	server   *dctest.Server
	bin, dir string
	n, kills int
	next     int // the number of the next question

	mu        sync.Mutex
	all       map[string]*delivered // by interaction, or by the message
	said      chan struct{}         // gets something with each answer
	killed    []time.Time           // by life: when it was killed, zero if it was not
	ordered   map[string]int
	strange   int // answers to what nobody asked
	unplanned int // ends of the program that nobody ordered
}

func newDiscordRun(t *testing.T, n, kills int) *discordRun {
	t.Helper()
	r := &discordRun{
		server: dctest.New(dctest.Options{Heartbeat: 300 * time.Millisecond}), dir: t.TempDir(), n: n, kills: kills,
		all: map[string]*delivered{}, said: make(chan struct{}, 1), ordered: map[string]int{},
	}
	r.bin = filepath.Join(r.dir, "optoutbot")
	if out, err := exec.Command("go", "build", "-o", r.bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	r.server.OnCall = r.onCall
	return r
}

// onCall takes down an answer.
func (r *discordRun) onCall(c dctest.Call) {
	key := c.Interaction
	if c.Route == dctest.Send {
		key, _, _ = strings.Cut(fmt.Sprint(c.Body["nonce"]), "-")
	}
	if key == "" || c.Again || c.Route == dctest.FollowUp {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	q := r.all[key]
	if q == nil {
		r.strange++
		return
	}
	if q.answers++; q.answers == 1 {
		q.took = c.At.Sub(q.asked)
	}
	select {
	case r.said <- struct{}{}:
	default:
	}
}

// faults are what can go wrong: how, and where.
var discordFaults = map[string]dctest.Fault{
	"429": {Kind: dctest.TooMany, Value: 0.2}, "429 of all": {Kind: dctest.TooManyAll, Value: 0.2},
	"500": {Kind: dctest.Internal}, "502 page": {Kind: dctest.BadGateway}, "cut before": {Kind: dctest.CutBefore},
	"cut after": {Kind: dctest.CutAfter}, "broken body": {Kind: dctest.BrokenBody}, "part of a body": {Kind: dctest.PartBody},
	"429 page": {Kind: dctest.TooManyHTML},
	"op 7":     {Kind: dctest.Reconnect, Route: dctest.AtEvent}, "op 9": {Kind: dctest.Invalid, Route: dctest.AtEvent},
	"op 9 resumable": {Kind: dctest.InvalidResume, Route: dctest.AtEvent}, "op 11": {Kind: dctest.Ack, Route: dctest.AtEvent},
	"close 4000": {Kind: dctest.Close, Route: dctest.AtEvent, Value: 4000}, "close 4009": {Kind: dctest.Close, Route: dctest.AtEvent, Value: 4009},
	"drop": {Kind: dctest.Drop, Route: dctest.AtEvent}, "twice": {Kind: dctest.Twice, Route: dctest.AtEvent},
	"shuffled": {Kind: dctest.Shuffled, Route: dctest.AtEvent}, "garbage": {Kind: dctest.Garbage, Route: dctest.AtEvent},
	"null": {Kind: dctest.Null, Route: dctest.AtEvent}, "poison": {Kind: dctest.Poison, Route: dctest.AtEvent},
	"no acks":     {Kind: dctest.Silence, Route: dctest.AtEvent},
	"op 7 first":  {Kind: dctest.Reconnect, Route: dctest.AtReady},
	"op 9 first":  {Kind: dctest.Invalid, Route: dctest.AtReady},
	"op 11 first": {Kind: dctest.Ack, Route: dctest.AtReady}, "no dial": {Kind: dctest.BadGateway, Route: dctest.AtDial},
	"drop at hello": {Kind: dctest.Drop, Route: dctest.AtHello},
}

// misbehave orders a fault of any kind. One at the beginning of a connection
// comes with the end of the one that there is.
func (r *discordRun) misbehave() {
	names := make([]string, 0, len(discordFaults))
	for name := range discordFaults {
		names = append(names, name)
	}
	slices.Sort(names)
	name := names[rand.N(len(names))]
	r.mu.Lock()
	r.ordered[name]++
	r.mu.Unlock()
	f := discordFaults[name]
	if f.Route == "" {
		f.Route = []string{dctest.Callback, dctest.Send}[rand.N(2)]
	}
	r.server.Order(f)
	if f.Route == dctest.AtReady || f.Route == dctest.AtDial || f.Route == dctest.AtHello {
		r.server.Cut(4000)
	}
}

// ask asks the next question: three interactions for each message.
func (r *discordRun) ask(life int) {
	i := r.next
	r.next++
	person := strconv.Itoa(1000 + i%500)
	q := &delivered{interaction: i%4 != 0, life: life}
	if !q.interaction {
		m := r.server.Note(person, "8"+person, "", "/deadline")
		if i%8 == 0 {
			m = dctest.Mention(r.server.Note(person, dctest.Channel, dctest.Guild, "/deadline"))
		}
		r.put(m["id"].(string), q)
		q.cut = !r.server.Post(m)
		return
	}
	d := dctest.Slash(person, "deadline")
	switch i % 3 {
	case 1:
		d = dctest.Slash(person, "ask", "question", "does meta read my messenger chats?")
	case 2:
		d = dctest.Press(person, "1e:messenger:en", nil)
	}
	id := r.server.NewInteraction(d)
	r.put(id, q)
	q.cut = !r.server.Dispatch("INTERACTION_CREATE", d)
}

func (r *discordRun) put(key string, q *delivered) {
	q.asked = time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all[key] = q
}

// open counts the questions of a life that still wait for their answer.
func (r *discordRun) open(life int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, q := range r.all {
		if q.life == life && q.answers == 0 && time.Since(q.asked) < 4*time.Second {
			n++
		}
	}
	return n
}

const (
	discordAhead = 16 // questions that wait for their answer at once
	discordCalm  = 25 // questions between two faults
)

// live starts the program, asks its share of the questions and kills it in the
// midst of them, or ends it when all is asked.
func (r *discordRun) live(t *testing.T, life int) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(r.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the program has written it
	cmd := exec.Command(r.bin, "serve")
	cmd.Stderr = log
	cmd.Env = append(os.Environ(), "DISCORD_TOKEN="+dctest.Token, fmt.Sprintf("DISCORD_API=%s/life%d/api/v10", r.server.URL, life),
		"DATA="+filepath.Join(r.dir, "data"), "ADMIN=off", "DISCORD_PER_SECOND=0", "DISCORD_CHANNEL_ANSWERS=0", "DISCORD_PRIVATE_ANSWERS=0")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	before := r.server.Gateway().Identified
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ready := func(g dctest.GatewayCounts) bool { return g.Identified > before }
	if err := r.server.WaitGateway(ctx, ready); err != nil {
		t.Fatalf("life %d does not begin: %v", life, err)
	}
	end := min(r.n, (life+1)*(r.n/(r.kills+1)))
	if life == r.kills {
		end = r.n
	}
	for r.next < end {
		if r.server.WaitReady(ctx, 1) != nil {
			t.Fatalf("life %d has no connection", life)
		}
		if r.next%discordCalm == 0 {
			r.misbehave()
		}
		r.ask(life)
		r.wait(func() bool { return r.open(life) < discordAhead })
	}
	r.killed = append(r.killed, time.Time{})
	if life < r.kills {
		r.killed[life] = time.Now()
		_ = cmd.Process.Kill() // it is there: it answers
		_ = cmd.Wait()
		return
	}
	r.server.Calm()
	r.wait(func() bool { return r.open(life) == 0 })
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		r.unplanned++
		t.Logf("the program ended with %v", err)
	}
}

// wait waits until enough was answered.
func (r *discordRun) wait(enough func() bool) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !enough() {
		select {
		case <-r.said:
		case <-tick.C:
		}
	}
}

// report prints the counts and fails if something that was delivered was not
// answered once, for no fault of the server or a kill. A few may be late, for a
// machine may be slow.
func (r *discordRun) report(t *testing.T, took time.Duration) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var once, twice, late, killed, cut, lost, messages int
	var times []time.Duration
	for key, q := range r.all {
		if !q.interaction {
			messages++
		}
		at := r.killed[q.life]
		switch {
		case q.answers > 1:
			twice++
			t.Logf("answered %d times: %s", q.answers, key)
		case q.answers == 1 && q.took > 3*time.Second && q.interaction:
			late++
		case q.answers == 1:
			once++
			times = append(times, q.took)
		case !at.IsZero() && at.Sub(q.asked) < 3*time.Second:
			killed++
		case q.cut, r.server.Fate(key) == dctest.Lapsed:
			cut++
		case r.server.Fate(key) == dctest.Late:
			late++
		default:
			lost++
			t.Logf("not answered: %s (interaction %v, life %d)", key, q.interaction, q.life)
		}
	}
	faults := 0
	for _, n := range r.ordered {
		faults += n
	}
	slices.Sort(times)
	g := r.server.Gateway()
	t.Logf("%d questions (%d messages) in %v; %d faults of %d kinds; %d SIGKILLs; %d connections, %d sessions, %d resumed",
		len(r.all), messages, took.Round(time.Second), faults, len(r.ordered), r.kills, g.Dials, g.Identified, g.Resumed)
	t.Logf("answered once and in time %d (p50 %v, p99 %v, longest %v); in hand when killed %d; not delivered, for there was no connection %d; late %d; twice %d; lost %d; to nobody %d",
		once, at(times, 50), at(times, 99), at(times, 100), killed, cut, late, twice, lost, r.strange)
	log, err := os.ReadFile(filepath.Join(r.dir, "log"))
	if err != nil || strings.Contains(string(log), dctest.Token) || strings.Contains(string(log), "itoken-") {
		t.Errorf("the log cannot be read (%v) or has a token", err)
	}
	if strings.Contains(string(log), "panic=") || strings.Contains(string(log), "goroutine ") || twice+lost+r.strange+r.unplanned > 0 || late*50 > r.n || len(r.server.Wrong()) > 0 {
		t.Errorf("wrong requests %v; the end of the log: %s", r.server.Wrong(), log[max(0, len(log)-8000):])
	}
}

// at gives a percentile of sorted times.
func at(times []time.Duration, percent int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	return times[(len(times)-1)*percent/100].Round(time.Millisecond)
}
