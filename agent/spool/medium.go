package spool

// medium is where files are: a directory, or memory. The spool calls prepare,
// pack, load and remove from several goroutines, never two for one file.
type medium interface {
	// prepare makes a file of size bytes with the header and nothing in it, or
	// makes it out of one that is used no more. The memory is the file: what is
	// stored there outlives the process where anything does.
	prepare(h header, size int, used *file) ([]byte, error)
	// pack replaces a file's content by head and block.
	pack(number uint64, head, block []byte) error
	// load returns the content of a file, in buf where that is large enough.
	load(number uint64, buf []byte) ([]byte, error)
	// rest takes the pages of memory that prepare returned out of the process, if
	// it can: what is stored there stays, and comes back when it is read.
	rest(mem []byte) error
	// release gives memory back that prepare returned.
	release(mem []byte) error
	remove(number uint64) error
	// gone tells whether what should outlive the process does no more.
	gone() bool
	// name is what people call the file.
	name(number uint64) string
	// close writes t and the memory of files to disk, ends t and gives the
	// place free.
	close(t table, files []*file) error
}
