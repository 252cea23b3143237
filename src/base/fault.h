#ifndef WEIR_BASE_FAULT_H
#define WEIR_BASE_FAULT_H

// Places where a test may kill the process or make a call fail. Every store and target call passes one before and one
// after it, every source call one before. In a build without WEIR_FAULTS they vanish.
//
//   WEIR_FAULT=kill:17            the 17th point passed ends the process as kill -9 would
//   WEIR_FAULT=kill:store.commit  the first point of that name does
//   WEIR_FAULT=count              prints how many points were passed, on standard error, at exit
//
//   WEIR_PAGE=3                   at most so many records a page, so that a short file has many pages
//   WEIR_LOG=65536                home's log is copied into its file past so many bytes, so that a short run has it
//                                 done
//   WEIR_HEAD_MS=300              a server waits so long for a request's head; WEIR_BODY_MS, WEIR_ANSWER_MS likewise,
//   and
//                                 WEIR_DEATH_MS before it goes on with a run that died

#include <stddef.h>

#ifdef WEIR_FAULTS
void fault_point(const char *name);
size_t fault_page(void);               // 0: the default
size_t fault_log(void);                // likewise
size_t fault_number(const char *name); // 0: isn't set
#else
#define fault_point(name) ((void)0)
#define fault_page() ((size_t)0)
#define fault_log() ((size_t)0)
#define fault_number(name) ((size_t)0)
#endif

#endif
