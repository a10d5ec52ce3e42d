package index_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"optoutbot/index"
	"optoutbot/kb"
)

// small is a knowledge base of a few entries, cut from the shipped one: enough
// to build in a moment.
func small(t testing.TB) *kb.Base {
	t.Helper()
	base, faults := kb.Embedded(time.Now())
	if base == nil {
		t.Fatal(faults)
	}
	var keep []*kb.Entry
	for i, e := range base.Entries {
		if i%8 == 0 || e.ID == "messenger" || e.ID == "no-account-help" {
			some, text := *e, *e.Texts["en"]
			text.Questions = text.Questions[:50]
			some.Texts = map[string]*kb.Text{"en": &text}
			keep = append(keep, &some)
		}
	}
	var claims []*kb.Claim
	for _, c := range base.Claims {
		for _, e := range keep {
			if c.Entry == e.ID {
				claims = append(claims, c)
			}
		}
	}
	base.Entries, base.Claims, base.Languages = keep, claims, base.Languages[:1]
	base.Languages[0].Hash = "small"
	return base
}

func noNote(t testing.TB) func(error) {
	return func(err error) { t.Errorf("unexpected note: %v", err) }
}

func TestCachedBuildsOnceAndOpens(t *testing.T) {
	base, dir := small(t), t.TempDir()
	steps := 0
	var mu sync.Mutex
	progress := func(int, int) { mu.Lock(); steps++; mu.Unlock() }
	for i := range 2 {
		ix, err := index.Cached(context.Background(), base, dir, progress, noNote(t))
		if err != nil {
			t.Fatal(err)
		}
		found, err := ix.Find(context.Background(), "does meta read my messenger chats?", "en")
		if err != nil || len(found.Matches) == 0 || found.Matches[0].ID != "messenger" {
			t.Errorf("run %d: got %+v, %v", i, found, err)
		}
		if err := ix.Close(); err != nil {
			t.Error(err)
		}
		if i == 0 && steps == 0 || i == 1 && steps != 0 {
			t.Errorf("run %d: progress was told %d times", i, steps)
		}
		steps = 0
	}
}

// TestDamageIsSeen flips a byte in every file of an index, and cuts each short.
func TestDamageIsSeen(t *testing.T) {
	base, dir := small(t), filepath.Join(t.TempDir(), "ix")
	if err := index.Build(context.Background(), base, dir, nil); err != nil {
		t.Fatal(err)
	}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		good, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		bad := append([]byte(nil), good...)
		bad[len(bad)/2] ^= 0x40
		for name, data := range map[string][]byte{"flipped": bad, "cut": good[:len(good)/2], "empty": nil} {
			if err := os.WriteFile(path, data, 0o644); err != nil {
				return err
			}
			if ix, err := index.Open(base, dir); err == nil {
				_ = ix.Close()
				t.Errorf("%s %s was opened", name, filepath.Base(path))
			}
		}
		return os.WriteFile(path, good, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	ix, err := index.Open(base, dir)
	if err != nil {
		t.Fatalf("the mended index does not open: %v", err)
	}
	if err := ix.Close(); err != nil {
		t.Error(err)
	}
	base.Languages[0].Hash = "another content"
	if _, err := index.Open(base, dir); err == nil {
		t.Error("another content's index was opened")
	}
}

func TestDamagedCacheIsBuiltAnew(t *testing.T) {
	base, dir := small(t), t.TempDir()
	open := func(note func(error)) {
		t.Helper()
		ix, err := index.Cached(context.Background(), base, dir, nil, note)
		if err != nil {
			t.Fatal(err)
		}
		if err := ix.Close(); err != nil {
			t.Error(err)
		}
	}
	open(noNote(t))
	files, _ := filepath.Glob(filepath.Join(dir, "index-*", "ranker.bin"))
	if len(files) != 1 {
		t.Fatalf("got rankers %v", files)
	}
	if err := os.WriteFile(files[0], []byte("nonsense"), 0o644); err != nil {
		t.Fatal(err)
	}
	noted := ""
	open(func(err error) { noted = err.Error() })
	if !strings.Contains(noted, "damaged") {
		t.Errorf("got the note %q", noted)
	}
	open(noNote(t))
}

// TestBuildersAtOnce: one builds, the others wait for it and open what it has
// built.
func TestBuildersAtOnce(t *testing.T) {
	base, dir := small(t), t.TempDir()
	errs := make(chan error, 4)
	var built [4]atomic.Bool
	for i := range built {
		go func() {
			ix, err := index.Cached(context.Background(), base, dir, func(done, _ int) {
				if done > 0 {
					built[i].Store(true)
				}
			}, func(error) {})
			if err == nil {
				_, err = ix.Find(context.Background(), "messenger", "en")
			}
			if err == nil {
				err = ix.Close()
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	n := 0
	for i := range built {
		if built[i].Load() {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d have built, want 1", n)
	}
	left, err := filepath.Glob(filepath.Join(dir, "index-*"))
	if err != nil || len(left) != 1 {
		t.Errorf("got %v in the cache, %v; want one index", left, err)
	}
}

func TestFindManyAtOnce(t *testing.T) {
	base := small(t)
	ix, err := index.Cached(context.Background(), base, t.TempDir(), nil, noNote(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := ix.Close(); err != nil {
			t.Error(err)
		}
	}()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 50 {
				text := base.Entries[(i+n)%len(base.Entries)].Texts["en"].Questions[n]
				if _, err := ix.Find(context.Background(), text, "en"); err != nil {
					t.Error(err)
				}
				if _, err := ix.Suggest(context.Background(), text[:len(text)/2], "en", 5); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestSuggestAsOneTypes(t *testing.T) {
	base := small(t)
	ix, err := index.Cached(context.Background(), base, t.TempDir(), nil, noNote(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ix.Close() }()
	for _, typed := range []string{"mess", "messen", "messenger", "my private mess", "mesenger chats"} {
		got, err := ix.Suggest(context.Background(), typed, "en", 3)
		if err != nil || !slices.Contains(got[:min(2, len(got))], "messenger") {
			t.Errorf("%q: got %v, %v; want messenger among the first two", typed, got, err)
		}
	}
	if got, _ := ix.Suggest(context.Background(), "", "en", 3); len(got) != 3 {
		t.Errorf("nothing typed: got %v, want the central entries", got)
	}
	if got, _ := ix.Suggest(context.Background(), "password", "en", 3); len(got) > 0 && strings.HasPrefix(got[0], "no-") {
		t.Errorf("a decline was suggested: %v", got)
	}
}

func FuzzFind(f *testing.F) {
	base := small(f)
	ix, err := index.Cached(context.Background(), base, f.TempDir(), nil, func(error) {})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"messenger", "", "\xff", strings.Repeat("word ", 20_000), strings.Repeat("x", 100_000), "'; DROP TABLE--", "ignore your instructions", "\u202e\u200b", "ａｂｃ", "mesenger", "🔥"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ix.Find(context.Background(), text, text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for _, m := range r.Matches {
			if base.Entry(m.ID) == nil || m.Confidence < 0 || m.Confidence > 1 {
				t.Fatalf("%q: match %+v", text, m)
			}
		}
		if _, err := ix.Suggest(context.Background(), text, text, 10); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if _, err := ix.FindClaim(context.Background(), text, text); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// A cache folder that is there and takes nothing is no reason not to answer.
func TestCachedWhereNothingCanBeWritten(t *testing.T) {
	const folder = "/proc/self" // root cannot write there either
	if _, err := os.Stat(folder); err != nil {
		t.Skip("this system has no folder that nobody can write to")
	}
	noted := 0
	ix, err := index.Cached(context.Background(), small(t), folder, nil, func(err error) {
		if !strings.Contains(err.Error(), folder) {
			t.Errorf("got the note %q, want one that names the folder", err)
		}
		noted++
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ix.Close() }()
	if got, err := ix.Suggest(context.Background(), "messenger", "en", 1); err != nil || len(got) == 0 || noted == 0 {
		t.Errorf("got %v, %v and %d notes", got, err, noted)
	}
}
