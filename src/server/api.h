#ifndef WEIR_SERVER_API_H
#define WEIR_SERVER_API_H

// The handlers behind the routes (route.h), a file a group. Each answers its exchange, or says what it waits for.

#include "server/exchange.h"

// api_service.c: what the server is
void api_health(struct exchange *exchange);
void api_ready(struct exchange *exchange);
void api_version(struct exchange *exchange);

// api_tokens.c
void api_tokens_list(struct exchange *exchange);
void api_tokens_create(struct exchange *exchange);
void api_tokens_revoke(struct exchange *exchange);
void api_audit_list(struct exchange *exchange);

// api_syncs.c
void api_syncs_list(struct exchange *exchange);
void api_syncs_show(struct exchange *exchange);
void api_syncs_create(struct exchange *exchange);
void api_syncs_remove(struct exchange *exchange);
void api_syncs_run(struct exchange *exchange);
void api_syncs_pause(struct exchange *exchange);
void api_syncs_resume(struct exchange *exchange);
void api_syncs_status(struct exchange *exchange);

// api_records.c
void api_records_post(struct exchange *exchange);
void api_records_list(struct exchange *exchange);
void api_receipts_show(struct exchange *exchange);

// api_runs.c
void api_runs_list(struct exchange *exchange);
void api_runs_show(struct exchange *exchange);
void api_runs_log(struct exchange *exchange);
void api_runs_cancel(struct exchange *exchange);
void api_runs_resume(struct exchange *exchange);
void api_runs_retry(struct exchange *exchange);
void api_runs_events(struct exchange *exchange);

#endif
