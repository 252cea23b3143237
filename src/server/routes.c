// The table itself (route.h).

#include "server/api.h"
#include "server/route.h"

enum { NO_BODY = 0, SMALL_BODY = 64 * 1024, RECORD_BODY = 1024 * 1024, RECORDS_BODY = 32 * 1024 * 1024 };

#define GET "GET"
#define POST "POST"
#define PUT "PUT"
#define PATCH "PATCH"
#define DELETE "DELETE"

// clang-format off
const struct route routes[] = {
    // what the server is
    {GET, "/health", MAY_ALL, SCOPE_SERVER, true, NO_BODY, api_health, NULL,
     "health", "service", "Whether the server lives", "", NULL, "200 Health"},
    {GET, "/ready", MAY_ALL, SCOPE_SERVER, true, NO_BODY, api_ready, NULL,
     "ready", "service", "Whether the server can work", "", NULL, "200 Health"},
    {GET, "/version", MAY_ALL, SCOPE_SERVER, true, NO_BODY, api_version, NULL,
     "version", "service", "Which weir this is", "", NULL, "200 Version"},
    {GET, "/openapi.json", MAY_ALL, SCOPE_SERVER, true, NO_BODY, api_openapi, NULL,
     "openapi", "service", "This description, for programs", "", NULL, "200 Document"},
    {GET, "/metrics", MAY_OVERSEE, SCOPE_SERVER, true, NO_BODY, api_metrics, NULL,
     "metrics", "service", "Numbers for Prometheus; takes a token of all organisations", "", NULL, "200 text/plain"},

    // tokens
    {GET, "/v1/tokens", MAY_OPERATE, SCOPE_SERVER, true, NO_BODY, api_tokens_list, NULL,
     "listTokens", "tokens", "The tokens there are, without their texts", "org", NULL, "200 TokenList"},
    {POST, "/v1/tokens", MAY_OPERATE, SCOPE_SERVER, true, SMALL_BODY, api_tokens_create, NULL,
     "createToken", "tokens", "Makes a token; its text is shown this once", "org", "TokenNew", "201 TokenMade"},
    {DELETE, "/v1/tokens/{id}", MAY_OPERATE, SCOPE_SERVER, true, NO_BODY, api_tokens_revoke, NULL,
     "revokeToken", "tokens", "Ends a token at once", "org", NULL, "204"},
    {GET, "/v1/audit", MAY_OVERSEE, SCOPE_SERVER, true, NO_BODY, api_audit_list, NULL,
     "listAudit", "tokens", "Who did what, newest first", "org limit before", NULL, "200 AuditList"},

    // syncs
    {GET, "/v1/syncs", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_syncs_list, NULL,
     "listSyncs", "syncs", "The syncs there are", "org", NULL, "200 SyncList"},
    {GET, "/v1/templates", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_templates_list, NULL,
     "listTemplates", "syncs", "What syncs can be made of", "org", NULL, "200 TemplateList"},
    {POST, "/v1/syncs", MAY_SUBMIT, SCOPE_ORG, false, SMALL_BODY, api_syncs_create, NULL,
     "createSync", "syncs", "Makes a sync of a template and settings", "org", "SyncNew", "201 Sync"},
    {GET, "/v1/syncs/{id}", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_syncs_show, NULL,
     "showSync", "syncs", "A sync, what it declares, and its latest run", "org", NULL, "200 SyncWhole"},
    {DELETE, "/v1/syncs/{id}", MAY_SUBMIT, SCOPE_ORG, false, NO_BODY, api_syncs_remove, NULL,
     "removeSync", "syncs", "Removes a sync that was made of a template", "org", NULL, "204"},
    {POST, "/v1/syncs/{id}/run", MAY_SUBMIT, SCOPE_ORG, false, SMALL_BODY, api_syncs_run, NULL,
     "runSync", "syncs", "Asks for a run; a live one of the same parameters is joined", "org", "RunAsk", "202 RunAsked"},
    {POST, "/api/functions/sync/{id}", MAY_SUBMIT, SCOPE_ORG, false, SMALL_BODY, api_syncs_run, NULL,
     "triggerSync", "syncs", "The same, at the address that older clients know", "org", "RunAsk", "202 RunAsked"},
    {GET, "/v1/syncs/{id}/status", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_syncs_status, NULL,
     "syncStatus", "syncs", "The latest run with the parameters that the query names", "org params", NULL, "200 Run"},
    {POST, "/v1/syncs/{id}/pause", MAY_SUBMIT, SCOPE_ORG, true, SMALL_BODY, api_syncs_pause, NULL,
     "pauseSync", "syncs", "Stops its schedule; runs that are asked for still go", "org", NULL, "200 Sync"},
    {POST, "/v1/syncs/{id}/resume", MAY_SUBMIT, SCOPE_ORG, true, SMALL_BODY, api_syncs_resume, NULL,
     "resumeSync", "syncs", "Goes on with its schedule; what passed meanwhile is not made up for", "org", NULL, "200 Sync"},

    // records that a datasource gives and takes
    {POST, "/v1/syncs/{id}/records/{type}", MAY_EXCHANGE, SCOPE_ORG, false, RECORDS_BODY, api_records_post, NULL,
     "postRecords", "records", "Gives records to a sync: kept before the answer, taken in by its transforms",
     "org wait Idempotency-Key", "Records", "202 Receipts"},
    {GET, "/v1/syncs/{id}/records/{type}", MAY_EXCHANGE | MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_records_list, NULL,
     "takeRecords", "records", "Home's records through the sync's push transforms",
     "org start limit page after_cursor", NULL, "200 RecordPage"},
    {GET, "/v1/syncs/{id}/receipts", MAY_EXCHANGE | MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_receipts_show, NULL,
     "listReceipts", "records", "What became of posted records", "org batch receipt_state after limit", NULL, "200 Receipts"},

    // uploads
    {GET, "/v1/uploads", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_uploads_list, NULL,
     "listUploads", "uploads", "The files there are, newest first", "org", NULL, "200 UploadList"},
    {POST, "/v1/uploads", MAY_SUBMIT, SCOPE_ORG, false, NO_BODY, api_uploads_whole, api_uploads_begin_whole,
     "uploadFile", "uploads", "Takes a file in one request", "org name sha256", "application/octet-stream", "201 Upload"},
    {POST, "/v1/uploads/begin", MAY_SUBMIT, SCOPE_ORG, false, SMALL_BODY, api_uploads_begin, NULL,
     "beginUpload", "uploads", "Begins a file that comes in pieces", "org", "UploadNew", "201 Upload"},
    {GET, "/v1/uploads/{id}", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_uploads_show, NULL,
     "showUpload", "uploads", "What is known of a file: its size so far says where to go on", "org", NULL, "200 Upload"},
    {PUT, "/v1/uploads/{id}", MAY_SUBMIT, SCOPE_ORG, false, NO_BODY, api_uploads_piece, api_uploads_begin_piece,
     "uploadPiece", "uploads", "Takes bytes at the size so far", "org offset", "application/octet-stream", "200 Upload"},
    {POST, "/v1/uploads/{id}/finish", MAY_SUBMIT, SCOPE_ORG, false, SMALL_BODY, api_uploads_finish, NULL,
     "finishUpload", "uploads", "Makes the file whole", "org", "UploadFinish", "201 Upload"},
    {GET, "/v1/uploads/{id}/preview", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_uploads_preview, NULL,
     "previewUpload", "uploads", "The first rows of a table; what a zip holds", "org rows first", NULL, "200 UploadPreview"},
    {DELETE, "/v1/uploads/{id}", MAY_SUBMIT, SCOPE_ORG, false, NO_BODY, api_uploads_delete, NULL,
     "deleteUpload", "uploads", "Removes a file", "org", NULL, "204"},

    // runs
    {GET, "/v1/runs", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_runs_list, NULL,
     "listRuns", "runs", "Runs, newest first", "org sync state limit before", NULL, "200 RunList"},
    {GET, "/v1/runs/{id}", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_runs_show, NULL,
     "showRun", "runs", "A run; with wait, when it has ended", "org wait", NULL, "200 RunWhole"},
    {GET, "/v1/runs/{id}/log", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_runs_log, NULL,
     "runLog", "runs", "The run's story, of all its attempts", "org limit", NULL, "200 RunLog"},
    {GET, "/v1/runs/{id}/events", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_runs_events, NULL,
     "runEvents", "runs", "What happens in it, as it happens", "org Last-Event-ID", NULL, "200 text/event-stream"},
    {POST, "/v1/runs/{id}/cancel", MAY_SUBMIT, SCOPE_ORG, true, SMALL_BODY, api_runs_cancel, NULL,
     "cancelRun", "runs", "Ends a run at its page's end", "org", NULL, "202 RunAsked"},
    {POST, "/v1/runs/{id}/resume", MAY_SUBMIT, SCOPE_ORG, false, SMALL_BODY, api_runs_resume, NULL,
     "resumeRun", "runs", "Goes on with a run that was cancelled, interrupted or failed", "org", NULL, "202 RunAsked"},
    {POST, "/v1/runs/{id}/retry", MAY_SUBMIT, SCOPE_ORG, false, SMALL_BODY, api_runs_retry, NULL,
     "retryRun", "runs", "Asks for the same again", "org", NULL, "202 RunAsked"},

    // home
    {GET, "/v1/home", MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_home_types, NULL,
     "listTypes", "home", "The datatypes of home and their fields", "org", NULL, "200 TypeList"},
    {GET, "/v1/home/{type}", MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_home_list, NULL,
     "listRecords", "home", "Records by id; a field's name as a parameter searches by it. One answer looks at 50,000 at most: next says where to go on", "org limit after fields", NULL, "200 RecordList"},
    {POST, "/v1/home/{type}", MAY_SUBMIT, SCOPE_ORG, false, RECORD_BODY, api_home_put, NULL,
     "putRecord", "home", "Makes a record, or changes the one with this natural key", "org", "RecordFields", "201 RecordPut 200 RecordPut"},
    {GET, "/v1/home/{type}/{id}", MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_home_show, NULL,
     "showRecord", "home", "A record", "org links", NULL, "200 Record"},
    {PATCH, "/v1/home/{type}/{id}", MAY_SUBMIT, SCOPE_ORG, false, RECORD_BODY, api_home_change, NULL,
     "changeRecord", "home", "Changes the fields that are named; with If-Match, of that form alone", "org If-Match", "RecordFields", "200 RecordPut"},
    {DELETE, "/v1/home/{type}/{id}", MAY_SUBMIT, SCOPE_ORG, false, NO_BODY, api_home_delete, NULL,
     "deleteRecord", "home", "Deletes a record; home remembers that it was", "org If-Match", NULL, "204"},
    {GET, "/v1/links", MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_links_find, NULL,
     "findLinks", "home", "Which record is which outside, from either side", "org type datasource external id", NULL, "200 LinkList"},

    // what waits for a person
    {GET, "/v1/dead", MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_dead_list, NULL,
     "listDead", "letters", "Records that could not go in, oldest first", "org sync limit after", NULL, "200 DeadList"},
    {GET, "/v1/dead.csv", MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_dead_csv, NULL,
     "deadCsv", "letters", "The same as CSV for a spreadsheet, with why each was refused", "org sync after", NULL, "200 text/csv"},
    {POST, "/v1/dead/retry", MAY_SUBMIT, SCOPE_ORG, false, SMALL_BODY, api_dead_retry_some, NULL,
     "retryDead", "letters", "Tries dead letters of a sync again, some or all", "org", "DeadRetry", "202 RunAsked"},
    {GET, "/v1/dead/{id}", MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_dead_show, NULL,
     "showDead", "letters", "A dead letter with the record as it came", "org", NULL, "200 Dead"},
    {DELETE, "/v1/dead/{id}", MAY_SUBMIT, SCOPE_ORG, false, NO_BODY, api_dead_drop, NULL,
     "dropDead", "letters", "Forgets a dead letter for good", "org", NULL, "204"},
    {POST, "/v1/dead/{id}/retry", MAY_SUBMIT, SCOPE_ORG, false, SMALL_BODY, api_dead_retry, NULL,
     "retryOneDead", "letters", "Tries one again", "org", "DeadRetryOne", "202 RunAsked"},
    {GET, "/v1/conflicts", MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_conflicts_list, NULL,
     "listConflicts", "letters", "Forms of records that lost", "org type limit after", NULL, "200 ConflictList"},
    {GET, "/v1/conflicts/{id}", MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_conflicts_show, NULL,
     "showConflict", "letters", "A form that lost", "org", NULL, "200 Conflict"},
    {DELETE, "/v1/conflicts/{id}", MAY_SUBMIT, SCOPE_ORG, false, NO_BODY, api_conflicts_drop, NULL,
     "dropConflict", "letters", "Forgets a form that lost", "org", NULL, "204"},
    {GET, "/v1/deletes", MAY_LOOK, SCOPE_ORG, false, NO_BODY, api_deletes_list, NULL,
     "listDeletes", "letters", "Deletes that a run held back", "org limit after", NULL, "200 DeleteList"},
    {POST, "/v1/deletes/{id}/approve", MAY_SUBMIT, SCOPE_ORG, false, SMALL_BODY, api_deletes_approve, NULL,
     "approveDeletes", "letters", "Lets the deletes of one of home's runs go with the sync's next run", "org", NULL, "200 DeletesApproved"},
    {DELETE, "/v1/deletes/{id}", MAY_SUBMIT, SCOPE_ORG, false, NO_BODY, api_deletes_drop, NULL,
     "dropDeletes", "letters", "Forgets them; the records stay", "org", NULL, "200 DeletesDropped"},

    // webhooks
    {GET, "/v1/hooks", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_hooks_list, NULL,
     "listHooks", "hooks", "The webhooks there are, without their secrets", "org", NULL, "200 HookList"},
    {POST, "/v1/hooks", MAY_SUBMIT, SCOPE_ORG, true, SMALL_BODY, api_hooks_create, NULL,
     "createHook", "hooks", "Makes a webhook; its secret is shown this once", "org", "HookNew", "201 HookMade"},
    {DELETE, "/v1/hooks/{id}", MAY_SUBMIT, SCOPE_ORG, true, NO_BODY, api_hooks_remove, NULL,
     "removeHook", "hooks", "Removes a webhook and what it was still to be told", "org", NULL, "204"},
    {POST, "/v1/hooks/{id}/test", MAY_SUBMIT, SCOPE_ORG, true, SMALL_BODY, api_hooks_test, NULL,
     "testHook", "hooks", "Sends it a test", "org", NULL, "202 DeliveryAsked"},
    {GET, "/v1/deliveries", MAY_LOOK, SCOPE_ORG, true, NO_BODY, api_deliveries_list, NULL,
     "listDeliveries", "hooks", "What webhooks were told, newest first", "org delivery_state limit before", NULL, "200 DeliveryList"},
    {POST, "/v1/deliveries/{id}/retry", MAY_SUBMIT, SCOPE_ORG, true, SMALL_BODY, api_deliveries_retry, NULL,
     "retryDelivery", "hooks", "Sends a dead delivery again", "org", NULL, "202 DeliveryAsked"},

    {NULL, NULL, 0, SCOPE_SERVER, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
// clang-format on
