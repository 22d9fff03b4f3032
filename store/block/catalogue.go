package block

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/internal/applog"
	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// The catalogue says which blocks there are and which of their rows count no
// more. It is a log of edits, each of which happens whole or not at all: that a
// block is there, and that the rows which it replaces are dead, is one record.
// docs/format/block-catalogue.md draws it.
type catalogue struct {
	log     *applog.Log
	blocks  map[uint64]*entry
	highest uint64 // number ever given to a block
	shards  int    // of the head; 0: the catalogue has never been written
	groups  []string
	lapses  map[string]int
	logged  int64 // bytes of records since the log was written anew
}

// entry is what the catalogue says of a block.
type entry struct {
	Number uint64 `json:"number"`
	// Tested are the groups, as they were then, against which its traces were
	// tested when it was written.
	Tested []graph.Member `json:"tested,omitempty"`
	Dead   dead           `json:"dead"`
	// Aside says why the block is not read any more, until it is repaired: its
	// traces may have begun anew elsewhere. Empty: it is read.
	Aside string `json:"aside,omitempty"`
}

// dead is rows of a block that count no more, for good.
type dead struct {
	Rows []uint32 `json:"rows,omitempty"` // ascending
	// Erased is how many of them were deleted by somebody, so that their bytes
	// have to go.
	Erased int `json:"erased,omitempty"`
	// What stood in the rows.
	Documents int   `json:"documents,omitempty"`
	Revision  int   `json:"revision,omitempty"`
	Bytes     int64 `json:"bytes,omitempty"`
}

// add puts one row in.
func (d *dead) add(row int, l loss, erased bool) {
	d.Rows = append(d.Rows, uint32(row))
	d.Documents += l.documents
	d.Revision += l.revision
	d.Bytes += l.bytes
	if erased {
		d.Erased++
	}
}

func (d *dead) loss() loss { return loss{len(d.Rows), d.Documents, d.Revision, d.Bytes} }

// edit is one record of the catalogue.
type edit struct {
	Add     []entry           `json:"add,omitempty"`
	Remove  []uint64          `json:"remove,omitempty"`
	Dead    map[uint64]dead   `json:"dead,omitempty"` // more dead rows, by block
	Aside   map[uint64]string `json:"aside,omitempty"`
	Highest uint64            `json:"highest,omitempty"`
	Shards  int               `json:"shards,omitempty"` // of the head; in the first record
	// Groups are those that are named now. Lapses counts for each group how often
	// it has ceased to be named, and so lost its members.
	Groups *[]string      `json:"groups,omitempty"`
	Lapses map[string]int `json:"lapses,omitempty"`
}

// kindEdit is the one kind of record in the catalogue.
const kindEdit byte = 1

const (
	catalogueDir     = "catalogue"
	blocksDir        = "blocks"
	largestEdit      = 64 << 20
	rewriteCatalogue = 256 << 10 // size below which the catalogue is never written anew
)

// blockPath is where the block with that number stands.
func blockPath(dir string, number uint64) string {
	return filepath.Join(dir, blocksDir, fmt.Sprintf("%08d.blk", number))
}

// openCatalogue reads the catalogue back. Damage in it is an error: a block that
// is missing without a word is worse than a server that does not start.
func openCatalogue(fs vfs.FS, dir string, opt applog.Options) (*catalogue, error) {
	opt.MaxRecordBytes = largestEdit
	log, err := applog.Open(fs, filepath.Join(dir, catalogueDir), opt)
	var foreign *applog.ForeignError
	if errors.As(err, &foreign) {
		return nil, fmt.Errorf("open the catalogue of blocks: %w; or `roentgen store repair %s` makes a new one of the block files that are there", err, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open the catalogue of blocks: %w", err)
	}
	c := &catalogue{log: log, blocks: map[uint64]*entry{}, lapses: map[string]int{}}
	damage, err := log.Replay(applog.Position{}, c.read)
	damage = append(log.Recovery().Damage, damage...)
	if err == nil && len(damage) > 0 {
		err = damage[0]
	}
	if err != nil {
		log.Close()
		return nil, fmt.Errorf("read the catalogue of blocks in %s: %w; `roentgen store repair %s` makes a new one of the block files that are there", dir, err, dir)
	}
	return c, nil
}

func (c *catalogue) read(pos applog.Position, kind byte, payload []byte) error {
	if kind != kindEdit {
		return fmt.Errorf("record at %s is of kind %d, which a newer version has written; upgrade or use another directory", pos, kind)
	}
	var e edit
	if err := json.Unmarshal(payload, &e); err != nil {
		return fmt.Errorf("record at %s: %w", pos, err)
	}
	c.logged += int64(len(payload))
	c.apply(e)
	return nil
}

// apply makes e so. What is so already stays so, because after a crash edits
// may stand in the log twice.
func (c *catalogue) apply(e edit) {
	for n, why := range e.Aside {
		if b := c.blocks[n]; b != nil {
			b.Aside = why
		}
	}
	c.highest = max(c.highest, e.Highest)
	c.shards = max(c.shards, e.Shards)
	if e.Groups != nil {
		c.groups = *e.Groups
	}
	for id, n := range e.Lapses {
		c.lapses[id] = max(c.lapses[id], n)
	}
	for _, add := range e.Add {
		c.highest = max(c.highest, add.Number)
		c.blocks[add.Number] = &add
	}
	for _, n := range e.Remove {
		delete(c.blocks, n)
	}
	for n, d := range e.Dead {
		if b := c.blocks[n]; b != nil {
			b.Dead.join(d)
		}
	}
}

func (d *dead) join(more dead) {
	before := len(d.Rows)
	d.Rows = append(d.Rows, more.Rows...)
	slices.Sort(d.Rows)
	d.Rows = slices.Compact(d.Rows)
	if len(d.Rows) > before {
		d.Erased += more.Erased
		d.Documents += more.Documents
		d.Revision += more.Revision
		d.Bytes += more.Bytes
	}
}

// commit makes an edit durable and then so.
func (c *catalogue) commit(ctx context.Context, e edit) error {
	if err := c.rewrite(ctx); err != nil {
		return fmt.Errorf("write the catalogue of blocks anew: %w", storeError(err))
	}
	if err := c.append(ctx, e); err != nil {
		return fmt.Errorf("write down a change of blocks: %w", storeError(err))
	}
	c.apply(e)
	return nil
}

func (c *catalogue) append(ctx context.Context, e edit) error {
	payload, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := c.log.Append(ctx, applog.Record{Kind: kindEdit, Payload: payload}); err != nil {
		return err
	}
	c.logged += int64(len(payload))
	return nil
}

// rewrite puts what holds now into a new file and drops those before it, once
// the log is mostly history. A crash in between leaves both, and to read one
// after the other gives the same.
func (c *catalogue) rewrite(ctx context.Context) error {
	if c.logged < max(rewriteCatalogue, 1024*int64(len(c.blocks))) {
		return nil
	}
	begin, err := c.log.Rotate(ctx)
	if err != nil {
		return err
	}
	c.logged = 0
	if err := c.append(ctx, edit{Highest: c.highest, Shards: c.shards, Groups: &c.groups, Lapses: c.lapses}); err != nil {
		return err
	}
	for _, n := range slices.Sorted(maps.Keys(c.blocks)) {
		if err := c.append(ctx, edit{Add: []entry{*c.blocks[n]}}); err != nil {
			return err
		}
	}
	size := c.logged
	if err := c.log.DropBefore(begin.File); err != nil {
		return err
	}
	c.logged = min(size, rewriteCatalogue/2)
	return nil
}

// next returns a number that no block ever had.
func (c *catalogue) next() uint64 {
	c.highest++
	return c.highest
}
