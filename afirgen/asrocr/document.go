package asrocr

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// readDocument draws a PDF's pages and reads them one after the other. A text layer is not looked at: it can hold what the
// page does not show, and of Hindi set in a font of old it holds Latin gibberish. What a person sees is what counts.
func (s *Server) readDocument(ctx context.Context, upload []byte, language string) ([]Page, error) {
	file, err := unnamed(upload)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	count, err := s.poppler.pages(ctx, file)
	if err != nil {
		return nil, documentError(ctx, err)
	}
	tracing.AnnotateSegment(ctx, contract.Pages, count)
	if count > s.cfg.MaxPages {
		return nil, web.Fail(http.StatusRequestEntityTooLarge, contract.TooLarge,
			fmt.Sprintf("the document has %d pages: at most %d are read; send it in parts", count, s.cfg.MaxPages))
	}
	pages := make([]Page, 0, count)
	for n := range count {
		grey, err := s.poppler.page(ctx, file, n+1)
		if err != nil {
			return nil, documentError(ctx, err)
		}
		page, err := s.recognise(ctx, grey, language)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// documentError gives what is wrong with a PDF its status. One that makes its reader write or take without end is damaged
// as far as we are concerned.
func documentError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errProtected):
		return web.Fail(http.StatusUnprocessableEntity, contract.UndecodableFile, errProtected.Error())
	case errors.Is(err, errDocument), errors.Is(err, errOutput):
		return web.Fail(http.StatusUnprocessableEntity, contract.UndecodableFile, errDocument.Error())
	}
	return engineFailed("poppler gave up", err)
}
