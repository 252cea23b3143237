#ifndef WEIR_SOURCE_SOURCE_HTTP_H
#define WEIR_SOURCE_SOURCE_HTTP_H

// The datasource behind a web API: JSON, JSON lines or CSV over HTTP, page by page. A pass is a walk over subjects (the
// type as a whole, chosen ids, the records of another type), each with a list of pages:
//
//    walk      whom the lists are about                                     source_http_walk.c
//     └ queue    requests ahead, as many as at_once                          source_http_queue.c
//        ├ pager    what follows a page, one kind a function table            source_http_pager*.c
//        └ request  path, query and body                                      source_http_request.c, _template.c
//     └ answer   a page's status, shape and elements                         source_http_answer.c
//        └ record   elements to records, cursors, prints                      source_http_record.c
//     └ listing  what moved, repeated or is missing                          source_http_listing.c
//
// A position says where in all this a batch ended; going on from it asks for the page in hand again and passes over
// what was given of it, after making sure that it is the same.

#include "port/source.h"

extern const struct source_type source_http;

#endif
