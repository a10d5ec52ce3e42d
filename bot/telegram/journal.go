package telegram

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
)

// journal keeps the numbers of handled updates in a file, eight bytes each, so
// that a bot that was killed does not answer again what it had answered. It
// holds nothing about people: an update's number counts all updates of the bot.
//
// It is not synced: what was written survives the end of the process, and
// after a power failure a few questions are answered twice.
type journal struct {
	name  string
	file  *os.File
	count int // of numbers in the file
}

const numberSize = 8

// openJournal opens or makes the file and returns the numbers in it. A last
// number that was cut short is passed over.
func openJournal(name string) (*journal, []int64, error) {
	data, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		return nil, nil, fmt.Errorf("read the journal: %w", err)
	}
	var ids []int64
	for ; len(data) >= numberSize; data = data[numberSize:] {
		ids = append(ids, int64(binary.LittleEndian.Uint64(data)))
	}
	if len(ids) > remembered {
		ids = ids[len(ids)-remembered:]
	}
	j := &journal{name: name}
	if err := j.rewrite(ids); err != nil {
		return nil, nil, err
	}
	return j, ids, nil
}

// add writes a number. When the file has become twice as long as is useful,
// it is written anew with what recent gives.
func (j *journal) add(id int64, recent func() []int64) error {
	if j.count >= 2*remembered {
		return j.rewrite(recent())
	}
	var b [numberSize]byte
	binary.LittleEndian.PutUint64(b[:], uint64(id))
	if _, err := j.file.Write(b[:]); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	j.count++
	return nil
}

// rewrite puts a new file in the place of the old one in one step, so that a
// kill at any moment leaves one of the two.
func (j *journal) rewrite(ids []int64) error {
	f, err := os.CreateTemp(filepath.Dir(j.name), filepath.Base(j.name)+".*")
	if err != nil {
		return fmt.Errorf("make the journal: %w", err)
	}
	data := make([]byte, 0, numberSize*len(ids))
	for _, id := range ids {
		data = binary.LittleEndian.AppendUint64(data, uint64(id))
	}
	_, err = f.Write(data)
	if err == nil {
		err = os.Rename(f.Name(), j.name)
	}
	if err != nil {
		_ = f.Close() // the first error says more
		_ = os.Remove(f.Name())
		return fmt.Errorf("make the journal: %w", err)
	}
	if j.file != nil {
		_ = j.file.Close() // it has a successor
	}
	j.file, j.count = f, len(ids)
	return nil
}

func (j *journal) close() error { return j.file.Close() }
