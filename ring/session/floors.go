package session

import (
	"context"
	"io"
	"time"

	contexts "github.com/signet-go/signet/internal/deadline"
	"github.com/signet-go/signet/internal/wire"
	"github.com/signet-go/signet/stores"
)

// Names of other packages as this one has them.

type (
	deadline = contexts.Context
	kind     = wire.Kind
	number   = wire.Number
)

const (
	plain   = wire.Plain
	counter = wire.Counter
	tally   = wire.Tally
	members = wire.Members
	bound   = wire.Bound

	extTime   = wire.ExtTime
	extZoned  = wire.ExtZoned
	zonedSize = wire.ZonedSize

	maxDepth        = wire.MaxDepth
	maxKey          = wire.MaxKey
	maxKeys         = wire.MaxKeys
	defaultMaxBytes = wire.DefaultMax
)

type (
	Data    = wire.Map
	Table   = stores.Table
	Lister  = stores.Lister
	Sweeper = stores.Sweeper
	Store   = stores.Store
	Sealer  = stores.Sealer
	Owners  = stores.Owners
	Record  = stores.Record
	Token   = stores.Token
	Handle  = stores.Handle
)

var (
	ErrNotFound       = stores.ErrNotFound
	ErrMalformed      = stores.ErrMalformed
	ErrExpired        = stores.ErrExpired
	ErrStale          = stores.ErrStale
	ErrConflict       = stores.ErrConflict
	ErrTooLarge       = stores.ErrTooLarge
	ErrOutcomeUnknown = stores.ErrOutcomeUnknown
	ErrUndecodable    = stores.ErrUndecodable
	ErrNewerFormat    = stores.ErrNewerFormat
)

func Keep(t Table) Store                            { return stores.Keep(t) }
func KeepRand(t Table, random io.Reader) Store      { return stores.KeepRand(t, random) }
func TokenOf(cookie, value string) Token            { return stores.TokenOf(cookie, value) }
func ParseHandle(s string) (Handle, error)          { return stores.ParseHandle(s) }
func ParseRecord(b []byte, max int) (Record, error) { return stores.ParseRecord(b, max) }
func As[T any](store Store) (t T, ok bool)          { return stores.As[T](store) }

func ParseData[T string | []byte](b T, max int) (stores.Data, error) { return stores.ParseData(b, max) }

func SweepEvery(ctx context.Context, store Sweeper, interval time.Duration) error {
	return stores.SweepEvery(ctx, store, interval)
}

var errNested = wire.ErrNested

func walk(s string, pos, depth int, kinds bool) (int, error) { return wire.Walk(s, pos, depth, kinds) }
func tokenSize(s string) int                                 { return wire.TokenSize(s) }
func kindOf(v string) kind                                   { return wire.KindOf(v) }
func unwrap(v string) (kind, string, bool)                   { return wire.Unwrap(v) }
func wrap(k kind, inner string) string                       { return wire.Wrap(k, inner) }
func isMap(s string) bool                                    { return wire.IsMap(s) }
func isArray(s string) bool                                  { return wire.IsArray(s) }
func childrenOf(s string) []string                           { return wire.Children(s) }
func canonical(b []byte, s string) []byte                    { return wire.AppendSorted(b, s) }
func intAt(s string) (number, bool)                          { return wire.Int(s) }
func int64At(s string) (int64, bool)                         { return wire.Int64(s) }
func floatAt(s string) (float64, bool)                       { return wire.Float(s) }
func textOf(s string) (string, bool)                         { return wire.String(s) }
func bytesOf(s string) ([]byte, bool)                        { return wire.Bytes(s) }
func appendMapHead(b []byte, n int) []byte                   { return wire.AppendMapHead(b, n) }
func appendArrayHead(b []byte, n int) []byte                 { return wire.AppendArrayHead(b, n) }
func appendStrHead(b []byte, n int) []byte                   { return wire.AppendStringHead(b, n) }
func appendBinHead(b []byte, n int) []byte                   { return wire.AppendBinHead(b, n) }
func appendBin(b, data []byte) []byte                        { return wire.AppendBin(b, data) }
func appendInt(b []byte, v int64) []byte                     { return wire.AppendInt(b, v) }
func appendUint(b []byte, v uint64) []byte                   { return wire.AppendUint(b, v) }
func appendFloat(b []byte, f float64) []byte                 { return wire.AppendFloat(b, f) }
func appendKindHead(b []byte, k kind, n int) []byte          { return wire.AppendKindHead(b, k, n) }

func extHead(s string, pos int) (typ int8, head, n int, err error) { return wire.ExtensionAt(s, pos) }
