#ifndef WEIR_SERVER_JOB_JSON_H
#define WEIR_SERVER_JOB_JSON_H

// A run, as the API shows it.

#include "format/format_members.h"
#include "server/exchange.h"
#include "server/ledger.h"

// The members of a run's object.
void job_put(struct members *members, const struct job *job);

// {"run":{…},"joined":…} with 202: it was asked for.
void job_answer_asked(struct exchange *exchange, int64_t id, bool joined);

// The run that the path names, of the exchange's organisation; false: answered with 404.
bool job_find(struct exchange *exchange, struct job *out);

// Queues it, wakes the supervisor and answers.
void job_ask(struct exchange *exchange, const struct job *job);

// Who asks, for the audit.
struct actor job_actor(const struct exchange *exchange);

#endif
