package memory

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// snapshot writes the sessions of a table to a file.
func snapshot(t testing.TB, table *Table) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sessions")
	if err := table.Snapshot(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// A session that was stored while the clock was ahead says nothing about what has expired by now.
func TestT4_ARestoreRemovesNothingThatIsAlive(t *testing.T) {
	table := NewTable()
	alive, ahead := record(""), record("")
	ahead.Created = ahead.Created.Add(10 * 365 * 24 * time.Hour)
	ahead.Seen, ahead.Expires = ahead.Created, ahead.Created.Add(time.Hour)
	for i, rec := range []stores.Record{ahead, alive} { // in one shard, where the first is from the future
		if err := table.Save(ctx, stores.Handle{7, byte(i)}, 0, rec.Row()); err != nil {
			t.Fatal(err)
		}
	}
	path := snapshot(t, table)
	back := NewTable()
	if n, err := back.Restore(path); n != 2 || err != nil {
		t.Errorf("restored %d, %v; want both", n, err)
	}
	if !has(back, stores.Handle{7, 1}) {
		t.Error("the session that is alive is gone")
	}
}

func TestASnapshotComesBack(t *testing.T) {
	table := NewTable()
	full := record("ann")
	full.Previous, full.PreviousUntil, full.Renewed = [32]byte{1}, full.Created.Add(time.Second), full.Created.Add(1)
	full.Idle, full.Absolute, full.Persistent = time.Hour, 48*time.Hour, true
	recs := map[stores.Handle]stores.Record{}
	for range 300 {
		for _, rec := range []stores.Record{full, record(""), record("bob")} {
			rec.Version = uint64(len(recs) + 1)
			recs[add(t, table, rec)] = rec
		}
	}
	path := snapshot(t, table)
	back := NewTable()
	if n, err := back.Restore(path); n != len(recs) || err != nil {
		t.Fatalf("restored %d, %v; want %d", n, err, len(recs))
	}
	for h, want := range recs {
		want.Handle = h
		row, err := back.Load(ctx, h)
		got, berr := row.Record()
		if err != nil || berr != nil || !reflect.DeepEqual(got.Bytes(), want.Bytes()) {
			t.Fatalf("%v, %+v; want %+v", err, got, want)
		}
	}
	if recs, _ := back.List(ctx, "ann"); len(recs) != 300 {
		t.Errorf("%d sessions of Ann; want 300", len(recs))
	}
	back.check(t)
	if err := back.Snapshot(path); err != nil {
		t.Fatal(err)
	}
	if n, err := back.Restore(path); n != 0 || err != nil {
		t.Errorf("restored over itself: %d, %v; want nothing new", n, err)
	}
}

func TestAVisitorStaysSignedInOverARestart(t *testing.T) {
	handler := func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			return ring.Text("").With(session.Login("ann"))
		}
		return ring.Text(session.Info(req).Owner)
	}
	store := New()
	resp := session.Wrap(store, session.Options{})(handler)(ring.NewRequest("POST", "/", nil))
	cookie := ""
	for line := range resp.Header.All("Set-Cookie") {
		if i := bytes.IndexByte([]byte(line), ';'); line[i-1] != '=' {
			cookie = line[:i]
		}
	}
	path := filepath.Join(t.TempDir(), "sessions")
	if err := store.Snapshot(path); err != nil {
		t.Fatal(err)
	}
	next := New()
	if n, err := next.Restore(path); n != 1 || err != nil {
		t.Fatalf("restored %d, %v", n, err)
	}
	resp = session.Wrap(next, session.Options{})(handler)(ring.NewRequest("GET", "/", nil).WithHeader("Cookie", cookie))
	if body, _ := resp.Body.Text(); body != "ann" {
		t.Errorf("the visitor is %q; want ann", body)
	}
}

func TestASnapshotIsThePrivateFileOfItsOwner(t *testing.T) {
	path := snapshot(t, NewTable())
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want 0600", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := NewTable().Snapshot(path); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("written over: %v; want 0600", info.Mode())
	}
}

func TestASnapshotReplacesTheOldOneOrLeavesIt(t *testing.T) {
	table := NewTable()
	add(t, table, record(""))
	path := snapshot(t, table)
	old, _ := os.ReadFile(path)

	t.Run("it replaces", func(t *testing.T) {
		add(t, table, record(""))
		held, err := os.Open(path) // who is reading the old one goes on reading it
		if err != nil {
			t.Fatal(err)
		}
		defer held.Close()
		if err := table.Snapshot(path); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(held); err != nil || !bytes.Equal(b.Bytes(), old) {
			t.Errorf("the old file was written to: %v", err)
		}
	})
	t.Run("it leaves nothing else", func(t *testing.T) {
		files, _ := os.ReadDir(filepath.Dir(path))
		if len(files) != 1 {
			t.Errorf("%d files; want 1", len(files))
		}
	})
	t.Run("it fails where it can't be written", func(t *testing.T) {
		folder := t.TempDir()
		target := filepath.Join(folder, "taken")
		if err := os.MkdirAll(filepath.Join(target, "by a folder"), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{target, filepath.Join(folder, "missing", "file")} {
			if err := table.Snapshot(path); err == nil {
				t.Errorf("no error for %s", path)
			}
		}
		if files, _ := os.ReadDir(folder); len(files) != 1 {
			t.Errorf("%d files; want the half-written one removed", len(files))
		}
	})
}

func TestRestoreSaysThatThereIsNoFile(t *testing.T) {
	n, err := NewTable().Restore(filepath.Join(t.TempDir(), "none"))
	if n != 0 || !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrCorrupt) {
		t.Errorf("%d, %v; want fs.ErrNotExist", n, err)
	}
}

func TestWhatHasExpiredIsNotRestored(t *testing.T) {
	table := NewTable()
	dead := record("ann")
	dead.Expires = time.Now().Add(-time.Second)
	gone, stays := add(t, table, dead), add(t, table, record("ann"))
	back := NewTable()
	if n, err := back.Restore(snapshot(t, table)); n != 1 || err != nil {
		t.Errorf("%d, %v; want 1", n, err)
	}
	if has(back, gone) || !has(back, stays) {
		t.Error("the wrong one")
	}
}

func TestRestoreKeepsToMax(t *testing.T) {
	table := NewTable()
	var handles []stores.Handle
	for i := range 20 {
		rec := record("")
		rec.Created = rec.Created.Add(time.Duration(i-30) * time.Minute)
		handles = append(handles, add(t, table, rec))
	}
	owned := record("ann")
	owned.Created = owned.Created.Add(-time.Hour)
	h := add(t, table, owned)
	back := NewTable(Max(5))
	if n, err := back.Restore(snapshot(t, table)); n != 5 || err != nil {
		t.Errorf("restored %d, %v; want the 5 that are there", n, err)
	}
	if back.Len() != 5 || !has(back, h) || !has(back, handles[19]) || !has(back, handles[16]) || has(back, handles[15]) {
		t.Errorf("%d sessions; want Ann's and the newest four", back.Len())
	}
	back.check(t)
}

// small is a snapshot of two records.
func small(t testing.TB) []byte {
	table := NewTable()
	add(t, table, record("ann"))
	add(t, table, record(""))
	b, err := os.ReadFile(snapshot(t, table))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestC4_ASnapshotIsRestoredOnce(t *testing.T) {
	old := NewTable()
	h := handle()
	if err := old.Save(ctx, h, 0, record("ann").Row()); err != nil {
		t.Fatal(err)
	}
	path := snapshot(t, old)
	next := NewTable()
	if n, err := next.Restore(path); n != 1 || err != nil {
		t.Fatalf("restored %d, %v; want 1", n, err)
	}
	if err := next.Delete(ctx, h); err != nil { // Ann logs out, and then the program crashes
		t.Fatal(err)
	}
	after := NewTable()
	if n, err := after.Restore(path); n != 0 || !errors.Is(err, os.ErrNotExist) || after.Len() != 0 {
		t.Errorf("restored %d again, %v; want none, as there is no file", n, err)
	}
}

func TestC4_OfSeveralThatRestoreAFileOneGetsItsSessions(t *testing.T) {
	old := NewTable()
	for range 100 {
		if err := old.Save(ctx, handle(), 0, record("ann").Row()); err != nil {
			t.Fatal(err)
		}
	}
	path := snapshot(t, old)
	var wg sync.WaitGroup
	var total atomic.Int64
	for range 8 {
		wg.Go(func() {
			table := NewTable()
			n, err := table.Restore(path)
			if n != table.Len() || (n > 0) != (err == nil) || err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Errorf("restored %d, %v, and there are %d", n, err, table.Len())
			}
			total.Add(int64(n))
		})
	}
	wg.Wait()
	if n := total.Load(); n != 100 {
		t.Errorf("%d sessions were restored; want 100", n)
	}
}

// refused checks that a file is not restored, not even in part, and not changed.
func refused(t *testing.T, path string, b []byte, what string, at int) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	table := NewTable()
	n, err := table.Restore(path)
	if n != 0 || table.Len() != 0 || !errors.Is(err, ErrCorrupt) {
		t.Errorf("%s at %d: restored %d, %v; want ErrCorrupt", what, at, n, err)
	}
	if now, _ := os.ReadFile(path); !bytes.Equal(now, b) {
		t.Errorf("%s at %d: the file was changed", what, at)
	}
}

func TestADamagedSnapshotIsRefused(t *testing.T) {
	b, path := small(t), filepath.Join(t.TempDir(), "sessions")
	for i := range b {
		refused(t, path, b[:i], "truncated", i)
		flipped := bytes.Clone(b)
		flipped[i] ^= 1 << (i % 8)
		refused(t, path, flipped, "a bit flipped", i)
	}
	refused(t, path, append(bytes.Clone(b), 0), "a byte more", len(b))
	refused(t, path, append(bytes.Clone(b), b...), "twice", len(b))
	refused(t, path, bytes.Repeat([]byte{0}, len(b)), "zeros", 0)
}

// sealed gives a snapshot of any content, with the right checksum: what comes from a program that is wrong.
func sealed(content []byte) []byte {
	b := append([]byte(magic), content...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

func TestAWrongSnapshotIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions")
	framed := func(rec []byte) []byte {
		return append(append(binary.AppendUvarint(nil, uint64(len(rec))), rec...), 0)
	}
	good := record("ann")
	good.Handle = handle()
	noVersion := good
	noVersion.Version = 0
	newer := good.Bytes()
	newer[0]++
	for what, content := range map[string][]byte{
		"no end":                    framed(good.Bytes())[:len(framed(good.Bytes()))-1],
		"more after the end":        append(framed(good.Bytes()), 0),
		"a length beyond the file":  {0xff, 0x7f, 1, 0},
		"a length of 63 bits":       {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
		"an endless length":         bytes.Repeat([]byte{0xff}, 20),
		"nothing":                   {},
		"a record of nothing":       {1, 1, 0},
		"a record that is text":     framed([]byte("hello")),
		"a record without version":  framed(noVersion.Bytes()),
		"a record of a newer kind":  framed(newer),
		"a record that breaks off":  framed(good.Bytes()[:30]),
		"a record with bytes after": framed(append(good.Bytes(), 0xc0)),
	} {
		refused(t, path, sealed(content), what, 0)
	}
	if err := os.WriteFile(path, sealed(framed(good.Bytes())), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := NewTable().Restore(path); n != 1 || err != nil {
		t.Errorf("the good one: %d, %v", n, err)
	}
}

// FuzzRestore looks for content that ends the process, or that is accepted and then does not come back.
func FuzzRestore(f *testing.F) {
	b := small(f)
	f.Add(b[len(magic) : len(b)-sha256.Size])
	f.Add([]byte{0})
	f.Add([]byte{5, 1, 0xdd, 0xff, 0xff, 0xff, 0xff, 0})
	f.Fuzz(func(t *testing.T, content []byte) {
		recs, err := read(sealed(content))
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatalf("error %v; want ErrCorrupt", err)
			}
			return
		}
		table := NewTable()
		for _, rec := range recs {
			_ = table.Save(ctx, rec.Handle, 0, rec.Row())
		}
		table.check(t)
		var again bytes.Buffer
		if err := table.write(&again); err != nil {
			t.Fatal(err)
		}
		if back, err := read(sealed(again.Bytes()[len(magic):])); err != nil || len(back) != table.Len() {
			t.Fatalf("written again: %d records, %v; want %d", len(back), err, table.Len())
		}
	})
}
