package main

import (
	"context"
	"errors"
	"fmt"
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

	"optoutbot/bot"
	"optoutbot/bot/telegram/tgtest"
	"optoutbot/kb"
)

// TestFaultRun asks the real program many questions while the server
// misbehaves in every way and the program is killed and started again. It runs
// only when OPTOUTBOT_FAULTS says how many updates:
//
//	OPTOUTBOT_FAULTS=10000 go test -run TestFaultRun -v -timeout 30m ./cmd/optoutbot
func TestFaultRun(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("OPTOUTBOT_FAULTS"))
	if err != nil {
		t.Skip("OPTOUTBOT_FAULTS does not say how many updates")
	}
	r := newFaultRun(t, n)
	defer r.server.Close()
	begin := time.Now()
	for r.delivered < r.n || r.left() > 0 || r.kills < faultKills {
		r.live(t)
	}
	r.last(t)
	r.report(t, time.Since(begin))
}

const (
	faultChats = 500
	faultKills = 20
)

// calmFor is how many answers there are between two faults: few enough that a
// short run has every kind.
func (r *faultRun) calmFor() int { return max(1, min(40, r.n/25)) }

// faultRun is the state of a fault run.
type faultRun struct {
	server *tgtest.Server
	bin    string
	dir    string
	n      int

	questions []asked
	delivered int
	poisoned  int
	repeats   int

	mu       sync.Mutex
	asked    map[string]int    // chat and title → place among the chat's questions
	answered chan struct{}     // gets something with each answer
	sent     map[string][]sent // by chat and title, in the order in which they came
	order    map[int64][]int   // by chat: the places of its questions as they were first answered
	messages int
	faults   int
	calm     bool

	lives, kills, ends int
	killed             map[string]bool // by life
}

type asked struct {
	text, title string
}

// sent is an answer: in which life of the program, and whether it was told.
type sent struct {
	life string
	cut  bool
}

func newFaultRun(t *testing.T, n int) *faultRun {
	t.Helper()
	r := &faultRun{
		server: tgtest.New(), dir: t.TempDir(), n: n, asked: map[string]int{}, answered: make(chan struct{}, 1),
		sent: map[string][]sent{}, order: map[int64][]int{}, killed: map[string]bool{},
	}
	r.bin = filepath.Join(r.dir, "optoutbot")
	if out, err := exec.Command("go", "build", "-o", r.bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	a := &app{streams: streams{nil, os.Stdout, os.Stderr}, getenv: os.Getenv}
	b, base, ix, err := a.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ix.Close() }() // nothing was written
	for _, e := range base.Entries {
		if e.Kind != kb.Answer {
			continue
		}
		q := e.Texts[kb.English].Questions[0]
		if got, err := b.Ask(t.Context(), bot.Question{Text: q}); err == nil && got.Entry == e.ID && got.Outcome == bot.Answer && got.Claim == "" {
			r.questions = append(r.questions, asked{q, got.Title})
		}
	}
	if per := (n + faultChats - 1) / faultChats; len(r.questions) < per {
		t.Fatalf("%d questions have an answer of their own, want %d", len(r.questions), per)
	}
	r.server.OnCall = r.onCall
	return r
}

// chat is the i-th chat: half are private, half groups.
func chat(i int) int64 {
	if i%2 == 0 {
		return int64(1000 + i)
	}
	return int64(-1000 - i)
}

func key(chat int64, title string) string { return fmt.Sprint(chat, " ", title) }

// deliver queues the updates up to the next kill, or the rest: a poisoned one
// with every hundred, and some twice.
func (r *faultRun) deliver() {
	for i := r.delivered; i < r.until(r.kills+1); i++ {
		c, k := chat(i%faultChats), i/faultChats
		q := r.questions[(i%faultChats+k)%len(r.questions)]
		r.mu.Lock()
		r.asked[key(c, q.title)] = k
		r.mu.Unlock()
		message := int64(k + 1)
		u := tgtest.Private(c, message, q.text)
		if c < 0 {
			u = tgtest.Group(c, 1, message, "/ask@"+tgtest.Username+" "+q.text)
		}
		id := r.server.Deliver(u)
		if i%100 == 0 {
			r.server.DeliverRaw(`{"update_id":%d,"message":{"message_id":"x","chat":[]}}`)
			r.poisoned++
			r.server.Repeat(id, u)
			r.repeats++
		}
		r.delivered++
	}
}

// until is how many updates there are before the next portion: one portion for
// each kill, and one after the last.
func (r *faultRun) until(portion int) int { return portion * r.n / (faultKills + 1) }

// onCall takes down an answer, and makes bad weather now and then.
func (r *faultRun) onCall(c tgtest.Call) {
	if c.Method != "sendMessage" {
		return
	}
	title, _, _ := strings.Cut(c.Visible(), "\n")
	r.mu.Lock()
	r.messages++
	if r.messages%r.calmFor() == 0 {
		r.misbehave()
	}
	k := key(c.Int("chat_id"), title)
	if place, ok := r.asked[k]; ok && len(r.sent[k]) == 0 {
		r.order[c.Int("chat_id")] = append(r.order[c.Int("chat_id")], place)
	}
	r.sent[k] = append(r.sent[k], sent{c.Before, c.Cut})
	r.mu.Unlock()
	select {
	case r.answered <- struct{}{}:
	default:
	}
}

// misbehave orders the next kind of fault, of sending and of receiving in turn.
// At the end the weather is good.
func (r *faultRun) misbehave() {
	if r.calm {
		return
	}
	kinds := []tgtest.Kind{
		tgtest.Unauthorized, tgtest.Conflict, tgtest.TooMany, tgtest.TooManyHTML, tgtest.Internal, tgtest.BadGateway,
		tgtest.Page, tgtest.CutBefore, tgtest.CutAfter, tgtest.CutBody, tgtest.Slow,
	}
	i := r.faults
	r.faults++
	f := tgtest.Fault{Kind: kinds[i%len(kinds)], Method: "sendMessage", Value: 1}
	if i/len(kinds)%2 == 1 || f.Kind == tgtest.Conflict {
		f.Method = "getUpdates"
	}
	r.server.Order(f)
}

// left counts the questions without an answer.
func (r *faultRun) left() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.asked)
	for k := range r.asked {
		if len(r.sent[k]) > 0 {
			n--
		}
	}
	return n
}

// command is the program with its settings: no limits, and an address that tells
// in which life a call was made.
func (r *faultRun) command(ctx context.Context, log *os.File) *exec.Cmd {
	cmd := exec.CommandContext(ctx, r.bin, "serve")
	cmd.Stderr = log
	cmd.Env = append(os.Environ(), "TELEGRAM_TOKEN="+tgtest.Token, fmt.Sprintf("TELEGRAM_URL=%s%s", r.server.URL, r.life()),
		"DATA="+filepath.Join(r.dir, "data"), "ADMIN=off",
		"TELEGRAM_JOURNAL="+filepath.Join(r.dir, "updates"), "TELEGRAM_PER_SECOND=0", "TELEGRAM_CHAT_PER_SECOND=0",
		"TELEGRAM_GROUP_PER_MINUTE=0", "TELEGRAM_GROUP_ANSWERS=0", "TELEGRAM_PRIVATE_ANSWERS=0")
	return cmd
}

// life names the present life in the path of its calls.
func (r *faultRun) life() string { return fmt.Sprintf("/life%d", r.lives) }

// start starts the program; what it ends with comes over the channel.
func (r *faultRun) start(ctx context.Context, t *testing.T) (*exec.Cmd, <-chan error) {
	t.Helper()
	r.lives++
	log, err := os.OpenFile(filepath.Join(r.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the program has its own
	cmd := r.command(ctx, log)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return cmd, ended
}

// live starts the program, gives it questions, and kills it when half of them
// are answered; after the last kill it lives until all are. It may end by
// itself before that, told 401 or 409.
func (r *faultRun) live(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	r.deliver()
	cmd, ended := r.start(ctx, t)
	for {
		left := r.left()
		if r.kills < faultKills && r.delivered-left >= (r.until(r.kills)+r.until(r.kills+1))/2 {
			r.kills++
			r.killed[r.life()] = true
			if err := cmd.Process.Kill(); err != nil {
				t.Logf("kill: %v", err) // it has ended by itself at this moment
			}
			<-ended
			return
		}
		if left == 0 && r.delivered == r.n {
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Logf("SIGTERM: %v", err) // it has ended by itself at this moment
			}
			<-ended
			return
		}
		select {
		case <-r.answered:
		case err := <-ended:
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Fatalf("the program ended with %v", err)
			}
			r.ends++
			return
		}
	}
}

// last starts the program once more, in good weather, with one more question: it
// must answer it, acknowledge that and all that was answered and not
// acknowledged before, and end when it is asked to.
func (r *faultRun) last(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	r.calm = true
	r.asked[key(1, r.questions[0].title)] = 0
	r.mu.Unlock()
	r.server.Calm()
	r.server.Deliver(tgtest.Private(1, 1, r.questions[0].text))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd, ended := r.start(ctx, t)
	if err := r.server.WaitConfirmed(ctx); err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the program ended with %v at SIGTERM", err)
	}
}

// tally accounts for every answer.
type tally struct {
	once        int
	killed      int // again, because killed between sending and acknowledging
	cut         int // again, because the server cut the connection after acting
	unexplained int // again, without a reason
	strange     int // nobody asked
	disorder    int // chats whose questions were not answered in order
}

func (r *faultRun) tally(t *testing.T) tally {
	t.Helper()
	var n tally
	for k, all := range r.sent {
		if _, ok := r.asked[k]; !ok {
			n.strange++
			t.Logf("nobody asked for %s", k)
		}
		if len(all) == 1 {
			n.once++
		}
		for i, s := range all[1:] {
			switch {
			case all[i].cut:
				n.cut++
			case all[i].life != s.life && r.killed[all[i].life]:
				n.killed++
			default:
				n.unexplained++
				t.Logf("in %s and again in %s: %s", all[i].life, s.life, k)
			}
		}
	}
	for c, places := range r.order {
		if !slices.IsSorted(places) || len(places) > 0 && places[len(places)-1] != len(places)-1 {
			n.disorder++
			t.Logf("chat %d: got order %v", c, places)
		}
	}
	return n
}

// report prints the counts and fails if a question was lost, answered twice
// without a reason, or out of order.
func (r *faultRun) report(t *testing.T, took time.Duration) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.tally(t)
	t.Logf("%d questions from %d chats in %v; %d faults ordered; %d SIGKILLs; %d ends by 401 or 409; %d starts",
		len(r.asked), faultChats, took.Round(time.Second), r.faults, r.kills, r.ends, r.lives)
	t.Logf("poisoned updates %d, repeated %d", r.poisoned, r.repeats)
	t.Logf("answered once %d; again because killed between sending and acknowledging %d; again because the server cut the connection after acting %d; again without a reason %d; lost %d; chats out of order %d",
		n.once, n.killed, n.cut, n.unexplained, len(r.asked)-len(r.sent)+n.strange, n.disorder)
	log, err := os.ReadFile(filepath.Join(r.dir, "log"))
	if err != nil || strings.Contains(string(log), tgtest.Token) {
		t.Errorf("the log cannot be read (%v) or has the token", err)
	}
	if n.unexplained+n.strange+n.disorder > 0 || len(r.server.Wrong()) > 0 || r.server.Waiting() > 0 || r.kills < faultKills {
		t.Errorf("wrong requests %v; %d updates not acknowledged", r.server.Wrong(), r.server.Waiting())
	}
}
