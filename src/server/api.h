#ifndef WEIR_SERVER_API_H
#define WEIR_SERVER_API_H

// The handlers behind the routes (route.h), a file a group. Each answers its exchange, or says what it waits for.

#include "server/exchange.h"

// api_service.c: what the server is
void api_health(struct exchange *exchange);
void api_ready(struct exchange *exchange);
void api_version(struct exchange *exchange);

// openapi.c, api_metrics.c
void api_openapi(struct exchange *exchange);
void api_metrics(struct exchange *exchange);

// api_tokens.c
void api_tokens_list(struct exchange *exchange);
void api_tokens_create(struct exchange *exchange);
void api_tokens_revoke(struct exchange *exchange);
void api_audit_list(struct exchange *exchange);

// api_syncs.c
void api_syncs_list(struct exchange *exchange);
void api_syncs_show(struct exchange *exchange);
void api_templates_list(struct exchange *exchange);
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

// api_uploads.c
void api_uploads_begin_whole(struct exchange *exchange, uint64_t *body_max, int64_t *body_us);
void api_uploads_whole(struct exchange *exchange);
void api_uploads_begin(struct exchange *exchange);
void api_uploads_begin_piece(struct exchange *exchange, uint64_t *body_max, int64_t *body_us);
void api_uploads_piece(struct exchange *exchange);
void api_uploads_finish(struct exchange *exchange);
void api_uploads_list(struct exchange *exchange);
void api_uploads_show(struct exchange *exchange);
void api_uploads_preview(struct exchange *exchange);
void api_uploads_delete(struct exchange *exchange);

// api_runs.c
void api_runs_list(struct exchange *exchange);
void api_runs_show(struct exchange *exchange);
void api_runs_log(struct exchange *exchange);
void api_runs_cancel(struct exchange *exchange);
void api_runs_resume(struct exchange *exchange);
void api_runs_retry(struct exchange *exchange);
void api_runs_events(struct exchange *exchange);

// api_home*.c
void api_home_types(struct exchange *exchange);
void api_home_list(struct exchange *exchange);
void api_home_show(struct exchange *exchange);
void api_home_put(struct exchange *exchange);
void api_home_change(struct exchange *exchange);
void api_home_delete(struct exchange *exchange);
void api_links_find(struct exchange *exchange);

// api_letters*.c
void api_dead_list(struct exchange *exchange);
void api_dead_show(struct exchange *exchange);
void api_dead_csv(struct exchange *exchange);
void api_dead_retry(struct exchange *exchange);
void api_dead_retry_some(struct exchange *exchange);
void api_dead_drop(struct exchange *exchange);
void api_conflicts_list(struct exchange *exchange);
void api_conflicts_show(struct exchange *exchange);
void api_conflicts_drop(struct exchange *exchange);
void api_deletes_list(struct exchange *exchange);
void api_deletes_approve(struct exchange *exchange);
void api_deletes_drop(struct exchange *exchange);

// api_hooks.c
void api_hooks_list(struct exchange *exchange);
void api_hooks_create(struct exchange *exchange);
void api_hooks_remove(struct exchange *exchange);
void api_hooks_test(struct exchange *exchange);
void api_deliveries_list(struct exchange *exchange);
void api_deliveries_retry(struct exchange *exchange);

#endif
