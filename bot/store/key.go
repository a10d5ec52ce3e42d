package store

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// keptKey reads the key from a file, or makes one. Whoever has the file and the
// database can test whether a place is in it; so the file stays where it is, and
// a backup of the database need not hold it.
func keptKey(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return newKey(name)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of the places: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) < keySize {
		return nil, fmt.Errorf("%s holds no key of %d bytes; restore it from a backup, or remove it and lose what chats have chosen", name, keySize)
	}
	return key, nil
}

// newKey makes a key and writes it. Of two processes that do so at once, one
// wins and both use its key.
func newKey(name string) ([]byte, error) {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make a key for the places: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(name), "key-*")
	if err != nil {
		return nil, fmt.Errorf("keep the key of the places: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // linked under its name by then
	_, err = fmt.Fprintln(file, hex.EncodeToString(key))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, fmt.Errorf("keep the key of the places: %w", err)
	}
	if err := os.Link(file.Name(), name); errors.Is(err, os.ErrExist) {
		return keptKey(name)
	} else if err != nil {
		return nil, fmt.Errorf("keep the key of the places: %w", err)
	}
	return key, nil
}
