package memory

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/signet-go/signet/stores"
)

// magic begins a snapshot; its last character is the version of the format.
const magic = "signet sessions 1\n"

// maxRecord bounds one record in a snapshot.
const maxRecord = 64 << 20

// ErrCorrupt is returned by Restore for a file that is not a whole snapshot.
var ErrCorrupt = errors.New("memory: not a whole snapshot")

// Snapshot writes all records to a file that only the user of the process can read, in one step: whoever opens path
// finds the old content or the new one. It holds verifiers, not tokens, so it logs nobody in. Stop serving first: what
// is written meanwhile may be missing.
func (t *Table) Snapshot(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("memory: snapshot: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
			err = fmt.Errorf("memory: snapshot: %w", err)
		}
	}()
	sum := sha256.New()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := t.write(io.MultiWriter(w, sum)); err != nil {
		return err
	}
	if _, err := w.Write(sum.Sum(nil)); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// write writes everything but the checksum: length and bytes of each record, then a length of 0.
func (t *Table) write(w io.Writer) error {
	if _, err := io.WriteString(w, magic); err != nil {
		return err
	}
	for i := range t.shards {
		for _, row := range t.shards[i].all() {
			rec, err := row.Record()
			if err != nil {
				return fmt.Errorf("session %s: %w", row.Handle, err)
			}
			b := rec.Bytes()
			if _, err := w.Write(binary.AppendUvarint(nil, uint64(len(b)))); err != nil {
				return err
			}
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
	}
	_, err := w.Write([]byte{0})
	return err
}

func (s *shard) all() []stores.Row {
	s.mu.RLock()
	defer s.mu.RUnlock()
	rows := make([]stores.Row, 0, len(s.records))
	for _, st := range s.records {
		rows = append(rows, st.row())
	}
	return rows
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Restore adds the records of a snapshot and returns how many it has added. A snapshot is restored once: Restore removes the file
// before it adds anything, as a session that ends later must not come back when the program crashes and restores again. A crash
// loses all sessions then, as it does without a snapshot.
//
// Restore leaves out what has expired, what is there already, and what Max has no room for: as by Save, the oldest anonymous
// sessions make room for newer ones. A file that does not exist is an error that wraps os.ErrNotExist, and one that is truncated
// or altered is ErrCorrupt. With an error nothing is added, and unless a file was removed it stays as it was.
func (t *Table) Restore(path string) (int, error) {
	recs, err := take(path)
	if err != nil {
		return 0, fmt.Errorf("memory: restore: %w", err)
	}
	slices.SortFunc(recs, func(a, b stores.Record) int { return a.Created.Compare(b.Created) }) // as Max finds the oldest
	now := time.Now()
	var added []stores.Handle
	for _, rec := range recs {
		row := rec.Row()
		if now.Before(row.Expires) && t.add(row.Handle, &row, now) == nil {
			added = append(added, row.Handle)
		}
	}
	n := 0
	for _, h := range added { // Max may have taken one again for a later one
		if _, err := t.Load(context.Background(), h); err == nil {
			n++
		}
	}
	return n, nil
}

// take reads the records of a file and removes it for good, even if the power fails afterwards. Of several that take one file, one
// gets the records.
func take(path string) ([]stores.Record, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	recs, err := read(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := os.Remove(path); err != nil {
		return nil, err
	}
	return recs, syncFolder(filepath.Dir(path))
}

func read(b []byte) ([]stores.Record, error) {
	body, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok || len(body) < sha256.Size {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrCorrupt)
	}
	end := len(body) - sha256.Size
	if sum := sha256.Sum256(b[:len(b)-sha256.Size]); !bytes.Equal(sum[:], body[end:]) {
		return nil, fmt.Errorf("%w: the checksum is wrong", ErrCorrupt)
	}
	body = body[:end]
	var recs []stores.Record
	for {
		n, size := binary.Uvarint(body)
		if size <= 0 || n > maxRecord || n > uint64(len(body)-size) {
			return nil, fmt.Errorf("%w: bad length", ErrCorrupt)
		}
		body = body[size:]
		if n == 0 {
			break
		}
		rec, err := stores.ParseRecord(body[:n], maxRecord)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		if rec.Version == 0 {
			return nil, fmt.Errorf("%w: a record without a version", ErrCorrupt)
		}
		recs = append(recs, rec)
		body = body[n:]
	}
	if len(body) != 0 {
		return nil, fmt.Errorf("%w: bytes left over", ErrCorrupt)
	}
	return recs, nil
}
