package index

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"unsafe"

	"github.com/blevesearch/mmap-go"
)

// The ranker's file is its arrays one after the other, in the byte order and
// layout of the machine, so that it can be mapped into memory and used as it
// is: magic, byte-order mark, then each array with its element count (8 bytes)
// and padding to 8 bytes, then the CRC-32C of all before. It is a cache that any
// machine can build anew, not a format for exchange.
const (
	artefactMagic = "optoutbot ranker\x00\x00\x00\x0a"
	byteOrderMark = 0x0102030405060708
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errDamaged = errors.New("the file is damaged or from another version")

// number is what the arrays hold.
type number interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// saved is the part of a language's index that the ranker's file holds.
type saved struct {
	ranker  *ranker
	blend   *blend
	claims  *claims
	speller *speller

	profiles []uint8 // one or two, each of profileSize: see newProfile
}

// fields visits all arrays in the order of the file.
func (s *saved) fields(v visitor) {
	r, voc := s.ranker, s.ranker.vocab
	visit(v, &voc.bucket)
	visit(v, &voc.low)
	visit(v, &voc.kind)
	visit(v, &voc.idf)
	visit(v, &r.start)
	visit(v, &r.low)
	visit(v, &r.high)
	visit(v, &r.weight)
	visit(v, &r.centre)
	visit(v, &r.docs)
	visit(v, &r.docStart)
	visit(v, &r.docID)
	visit(v, &r.docVal)
	visit(v, &s.claims.start)
	visit(v, &s.claims.id)
	visit(v, &s.claims.val)
	visit(v, &s.claims.of)
	visit(v, &s.speller.keys.bucket)
	visit(v, &s.speller.keys.low)
	visit(v, &s.speller.word)
	visit(v, &s.speller.text)
	visit(v, &s.speller.start)
	visit(v, &s.profiles)
	signal, scope, right := s.blend.signal[:], s.blend.scope[:], s.blend.right[:]
	visit(v, &signal)
	visit(v, &scope)
	visit(v, &right)
	copy(s.blend.signal[:], signal)
	copy(s.blend.scope[:], scope)
	copy(s.blend.right[:], right)
}

// visitor writes or reads the bytes of an array.
type visitor interface {
	bytes(data []byte, size int) []byte
}

func visit[T number](v visitor, field *[]T) {
	var zero T
	size := int(unsafe.Sizeof(zero))
	var data []byte
	if len(*field) > 0 {
		data = unsafe.Slice((*byte)(unsafe.Pointer(&(*field)[0])), len(*field)*size)
	}
	data = v.bytes(data, size)
	if len(data) == 0 {
		*field = nil
		return
	}
	*field = unsafe.Slice((*T)(unsafe.Pointer(&data[0])), len(data)/size)
}

// writer writes the arrays.
type writer struct {
	w   io.Writer
	at  int
	err error
}

func (w *writer) raw(data []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(data)
	}
	w.at += len(data)
}

func (w *writer) bytes(data []byte, size int) []byte {
	w.raw(binary.NativeEndian.AppendUint64(nil, uint64(len(data)/size)))
	w.raw(data)
	w.raw(make([]byte, pad(w.at)))
	return data
}

func pad(at int) int { return (8 - at%8) % 8 }

// reader gives the arrays as parts of a mapped file.
type reader struct {
	data []byte
	at   int
	err  error
}

func (r *reader) bytes(_ []byte, size int) []byte {
	if r.err != nil || r.at+8 > len(r.data) {
		r.err = errDamaged
		return nil
	}
	n := binary.NativeEndian.Uint64(r.data[r.at:])
	r.at += 8
	if n > uint64(len(r.data)-r.at)/uint64(size) {
		r.err = errDamaged
		return nil
	}
	out := r.data[r.at : r.at+int(n)*size]
	r.at += len(out)
	r.at += pad(r.at)
	return out
}

func header() []byte {
	h := []byte(artefactMagic)
	h = append(h, make([]byte, pad(len(h)))...)
	return binary.NativeEndian.AppendUint64(h, byteOrderMark)
}

// writeRanker writes the ranker's file.
func writeRanker(name string, s saved) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := crc32.New(castagnoli)
	buf := bufio.NewWriterSize(f, 1<<20)
	w := &writer{w: io.MultiWriter(buf, sum)}
	w.raw(header())
	s.fields(w)
	if w.err != nil {
		return fmt.Errorf("write index: %w", w.err)
	}
	if _, err := buf.Write(binary.NativeEndian.AppendUint32(nil, sum.Sum32())); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	return nil
}

// openRanker maps the ranker's file and checks it; the arrays stay valid until
// the mapping is closed.
func openRanker(name string) (s saved, m mmap.MMap, err error) {
	f, err := os.Open(name)
	if err != nil {
		return s, nil, fmt.Errorf("open index: %w", err)
	}
	defer func() { _ = f.Close() }() // the mapping outlives it
	info, err := f.Stat()
	if err != nil || info.Size() < int64(len(header())+4) {
		return s, nil, fmt.Errorf("open index %s: %w", name, errDamaged)
	}
	if err = checkSum(f, info.Size()-4); err != nil {
		return s, nil, fmt.Errorf("open index %s: %w", name, err)
	}
	if m, err = mmap.Map(f, mmap.RDONLY, 0); err != nil {
		return s, nil, fmt.Errorf("open index: %w", err)
	}
	if s, err = parseRanker(m[:len(m)-4]); err != nil {
		_ = m.Unmap()
		return s, nil, fmt.Errorf("open index %s: %w", name, err)
	}
	return s, m, nil
}

// checkSum compares a file's first bytes with the sum that follows them. It
// reads the file, and not the mapping, of which then only those pages take
// memory that questions need: a language in which nobody asks takes next to none.
func checkSum(f io.Reader, size int64) error {
	sum := crc32.New(castagnoli)
	if _, err := io.CopyBuffer(sum, io.LimitReader(f, size), make([]byte, 1<<16)); err != nil {
		return err
	}
	var want [4]byte
	if _, err := io.ReadFull(f, want[:]); err != nil || sum.Sum32() != binary.NativeEndian.Uint32(want[:]) {
		return errDamaged
	}
	return nil
}

func parseRanker(body []byte) (saved, error) {
	h := header()
	if string(body[:len(h)]) != string(h) {
		return saved{}, errDamaged
	}
	s := saved{ranker: &ranker{vocab: &vocabulary{}}, blend: &blend{}, claims: &claims{}, speller: &speller{}}
	r := &reader{data: body, at: len(h)}
	s.fields(r)
	if r.err != nil || r.at != len(body) {
		return saved{}, errDamaged
	}
	for _, idf := range s.ranker.vocab.idf {
		s.ranker.vocab.maxIDF = max(s.ranker.vocab.maxIDF, idf)
	}
	s.ranker.entries = len(s.ranker.docs) - 1
	return s, nil
}
