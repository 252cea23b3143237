#include "source/source_http_option.h"

// Made by weir.auth.*; what each kind must have is checked where the session is opened.
static const struct option option_auth[] = {
    {"kind", OPTION_TEXT, true, NULL, "none|basic|bearer|header|query|login|oauth2|aws|jwt", NULL,
     "How requests say who asks."},
    {"user", OPTION_TEXT, false, NULL, NULL, NULL, "basic: the user's name."},
    {"password", OPTION_TEXT, false, NULL, NULL, NULL, "basic: the password, mostly weir.secret."},
    {"name", OPTION_TEXT, false, NULL, NULL, NULL, "header, query, login: the name that the token is sent under."},
    {"token", OPTION_TEXT, false, NULL, NULL, NULL, "bearer, header, query: the token, mostly weir.secret."},
    {"prefix", OPTION_TEXT, false, NULL, NULL, NULL,
     "header, login: what stands before the token, such as \"Bearer \"."},
    {"into", OPTION_TEXT, false, "\"header\"", "header|query", NULL, "login: where the token goes."},
    {"url", OPTION_TEXT, false, NULL, NULL, NULL,
     "login, oauth2: where the token comes from: a path behind base, or a URL."},
    {"body", OPTION_ANY, false, NULL, NULL, NULL, "login: what is posted, a table that is written as JSON."},
    {"field", OPTION_ANY, false, NULL, NULL, NULL,
     "login: where the token stands in the answer: \"id\", weir.path(\"data\", \"token\")."},
    {"ttl", OPTION_ANY, false, NULL, NULL, NULL, "login: where the seconds stand that it lives."},
    {"client", OPTION_TEXT, false, NULL, NULL, NULL, "oauth2: the client's id."},
    {"secret", OPTION_TEXT, false, NULL, NULL, NULL,
     "oauth2: the client's secret; aws: the secret key. Mostly weir.secret."},
    {"scope", OPTION_TEXT, false, NULL, NULL, NULL, "oauth2: what is asked for."},
    {"refresh", OPTION_TEXT, false, NULL, NULL, NULL,
     "oauth2: the name of the secret with the refresh token; a new one is put back there before it is used."},
    {"secret_in_body", OPTION_BOOL, false, "false", NULL, NULL,
     "oauth2: send client and secret in the body, not in a header."},
    {"key", OPTION_TEXT, false, NULL, NULL, NULL,
     "aws: the access key's id. jwt: the private key (PEM) or the shared secret."},
    {"session", OPTION_TEXT, false, NULL, NULL, NULL, "aws: a session token."},
    {"region", OPTION_TEXT, false, NULL, NULL, NULL, "aws: such as \"eu-west-1\"."},
    {"service", OPTION_TEXT, false, NULL, NULL, NULL, "aws: such as \"execute-api\"."},
    {"algorithm", OPTION_TEXT, false, "\"RS256\"", "HS256|RS256|ES256", NULL, "jwt: how it is signed."},
    {"claims", OPTION_ANY, false, NULL, NULL, NULL, "jwt: what it says, a table; iat and exp are added."},
    {"key_id", OPTION_TEXT, false, NULL, NULL, NULL, "jwt: which key it is, kid in its header."},
    {"life", OPTION_SPAN, false, "\"5m\"", NULL, NULL, "jwt: how long one is good for."},
    {0},
};

// Made by weir.page.*.
static const struct option option_page[] = {
    {"kind", OPTION_TEXT, true, NULL, "whole|offset|number|link|next|cursor|keyset|window|function", NULL,
     "How pages follow each other."},
    {"size", OPTION_INTEGER, false, "500", NULL, NULL, "Records a page."},
    {"limit", OPTION_TEXT, false, NULL, NULL, NULL,
     "offset, number, keyset, window, cursor: the query parameter for the size; without one it is not sent."},
    {"offset", OPTION_TEXT, false, NULL, NULL, NULL, "offset: the query parameter for how many to leave out."},
    {"overlap", OPTION_INTEGER, false, "1", NULL, NULL,
     "offset: how many records of the page before are asked for again, to notice that pages moved. 0: none."},
    {"page", OPTION_TEXT, false, NULL, NULL, NULL, "number: the query parameter for the page's number."},
    {"first", OPTION_INTEGER, false, "1", NULL, NULL, "number: the first page's number."},
    {"total", OPTION_ANY, false, NULL, NULL, NULL,
     "offset, number: where the answer says how many records there are: \"count\", weir.path(...), or "
     "\"header:X-Total-Count\"."},
    {"pages", OPTION_ANY, false, NULL, NULL, NULL, "number: where the answer says how many pages there are."},
    {"next", OPTION_ANY, false, NULL, NULL, NULL,
     "next: where the next page's URL stands in the body. cursor: where the next cursor stands in the body, or "
     "\"header:X-Next\"."},
    {"more", OPTION_ANY, false, NULL, NULL, NULL,
     "cursor: where the answer says whether there is more; without it, a cursor that is absent, null or empty is the "
     "end."},
    {"cursor", OPTION_TEXT, false, NULL, NULL, NULL,
     "cursor: the query parameter, or with body = true the body's member, that takes the cursor."},
    {"in_body", OPTION_BOOL, false, "false", NULL, NULL, "cursor: it goes into the body (a cursor may be a table)."},
    {"after", OPTION_TEXT, false, NULL, NULL, NULL,
     "keyset: the query parameter for the last cursor value seen (asked with >=). Without one, the type's `since`."},
    {"from", OPTION_TEXT, false, NULL, NULL, NULL, "window: the query parameter for a window's begin (inclusive)."},
    {"to", OPTION_TEXT, false, NULL, NULL, NULL, "window: the query parameter for a window's end (exclusive)."},
    {"width", OPTION_SPAN, false, "\"1d\"", NULL, NULL,
     "window: how wide one is at first; one that comes back full is split."},
    {"start", OPTION_TEXT, false, NULL, NULL, NULL,
     "window: where the first one begins when there is no watermark, as the source writes times."},
    {"call", OPTION_FUNCTION, false, NULL, NULL, NULL,
     "function: given the answer { status, headers, body, count, last } (body without the records, how many there "
     "were, "
     "the last one) and the request before, both nil at first; gives the next request { path =, query = } or nil at "
     "the "
     "end."},
    {"pages_max", OPTION_INTEGER, false, "1000000", NULL, NULL, "A list of more pages than this is an error."},
    {0},
};

static const struct option option_ok[] = {
    {"path", OPTION_ANY, true, NULL, NULL, NULL, "Where in the body it stands."},
    {"is", OPTION_ANY, false, NULL, NULL, NULL,
     "What must stand there; without it, anything but null, false and an empty text."},
    {0},
};

// A way of writing.
static const struct option option_endpoint[] = {
    {"request", OPTION_TEXT, false, NULL, NULL, NULL,
     "The verb and the path: \"POST /readings\", \"PATCH /readings/{id}\"."},
    {"array", OPTION_BOOL, false, "false", NULL, NULL, "Many records go in one request, as an array."},
    {"max", OPTION_INTEGER, false, "500", NULL, NULL, "array: at most so many records a request."},
    {"bytes", OPTION_SIZE, false, "\"1MB\"", NULL, NULL, "array: at most so many bytes a request."},
    {"under", OPTION_TEXT, false, NULL, NULL, NULL,
     "The name under which the record or the array stands in the body; without it, it is the body."},
    {"at_once", OPTION_INTEGER, false, "4", NULL, NULL,
     "How many requests may be under way together. 1: the next one waits for the answer."},
    {"reply", OPTION_ANY, false, NULL, NULL, NULL,
     "Where the records stand in the answer; without it, the answer is the record or the array."},
    {"order", OPTION_BOOL, false, "false", NULL, NULL,
     "array: the answer has the records in the order in which they were sent; else they are matched by `find`."},
    {"ok", OPTION_TABLE, false, NULL, NULL, option_ok, "What makes an answer a success, beside its status."},
    {0},
};

static const struct option option_type[] = {
    {"path", OPTION_TEXT, true, NULL, NULL, NULL, "Where the records are: \"/readings\", \"/stations/{id}/events\"."},
    {"method", OPTION_TEXT, false, "\"GET\"", "GET|POST", NULL, "The verb of reading."},
    {"query", OPTION_ANY, false, NULL, NULL, NULL,
     "Query parameters; a table as a value is written as JSON. Texts may hold placeholders such as {since}."},
    {"body", OPTION_ANY, false, NULL, NULL, NULL,
     "POST: what is sent, a table that is written as JSON. Texts may hold placeholders."},
    {"format", OPTION_TEXT, false, "\"json\"", "json|jsonl|csv", NULL, "What the body is."},
    {"records", OPTION_ANY, false, NULL, NULL, NULL,
     "json: where the records stand: \"results\", weir.path(\"data\", \"items\"). Without it, the body is the array."},
    {"page", OPTION_TABLE, false, NULL, NULL, option_page,
     "How pages follow each other, when it is not as the datasource says."},
    {"ok", OPTION_TABLE, false, NULL, NULL, option_ok, "What makes an answer a success, beside its status."},
    {"cursor", OPTION_ANY, false, NULL, NULL, NULL,
     "The field that says when a record changed last; the highest one seen is the watermark."},
    {"cursor_format", OPTION_TEXT, false, NULL, NULL, NULL,
     "How the cursor is written when it is a time: \"iso\", \"epoch_ms\", \"epoch_s\", \"YYYY-MM-DD HH:mm:ss\". Needed "
     "by overlap, windows and conflict = \"newest\"."},
    {"since", OPTION_TEXT, false, NULL, NULL, NULL,
     "The query parameter that asks for records with a cursor at or after the watermark. Or put {since} into query, "
     "path or body."},
    {"until", OPTION_TEXT, false, NULL, NULL, NULL, "The query parameter for the upper bound."},
    {"overlap", OPTION_SPAN, false, NULL, NULL, NULL,
     "How far before the watermark reading begins again, for records that were committed late."},
    {"full", OPTION_SPAN, false, NULL, NULL, NULL,
     "How often everything is read again, whatever the watermark says: finds what came late, and what was deleted."},
    {"without_cursor", OPTION_TEXT, false, "\"take\"", "take|refuse", NULL,
     "What becomes of records without a cursor, which a later run would not see again: take and count them, or refuse "
     "them."},
    {"each", OPTION_TEXT, false, NULL, NULL, NULL,
     "Another type of the datasource: one request for each of its records, whose fields the placeholders name."},
    {"with", OPTION_ANY, false, NULL, NULL, NULL,
     "each: fields of the parent that every record gets: { station = \"code\" }."},
    {"lookup", OPTION_BOOL, false, "false", NULL, NULL,
     "Every request must give exactly one record; none or several is an error of that request's record."},
    {"only", OPTION_NAMES, false, NULL, NULL, NULL, "Only these ids take part."},
    {"ids", OPTION_TEXT, false, NULL, NULL, NULL,
     "The query parameter for chosen ids, comma-separated; or put {ids} into query, path or body. Without either, "
     "`only` asks {id} one by one."},
    {"ids_max", OPTION_INTEGER, false, "50", NULL, NULL, "How many chosen ids fit one request."},
    {"gone", OPTION_ANY, false, NULL, NULL, NULL,
     "Where a record says that it was deleted: anything but null, false and an empty text."},
    {"create", OPTION_TABLE, false, NULL, NULL, option_endpoint,
     "How a new record is written: \"POST /path\", \"one-at-a-time\", or a table. Without it, POST to the path."},
    {"update", OPTION_TABLE, false, NULL, NULL, option_endpoint,
     "How a changed record is written: \"PATCH /path/{id}\", \"PUT /path/{id}\", or a table. Without it, PATCH to "
     "path/{id}."},
    {"delete", OPTION_TABLE, false, NULL, NULL, option_endpoint,
     "How a record is deleted. Without it, DELETE to path/{id}."},
    {"upsert", OPTION_TABLE, false, NULL, NULL, option_endpoint,
     "One way of writing for new and changed records, instead of create and update."},
    {"find", OPTION_NAMES, false, NULL, NULL, NULL,
     "The fields that together find a record again: what was created though its answer was lost."},
    {"match", OPTION_TEXT, false, "\"{field}\"", NULL, NULL,
     "How the query asks for a field's value: \"filter[where][{field}]\"."},
    {"one", OPTION_TEXT, false, NULL, NULL, NULL, "The path of one record by its id. Without it, path/{id}."},
    {"read_back", OPTION_TEXT, false, "\"reply\"", "reply|one|find|ids|none", NULL,
     "Where the form that the datasource keeps of a written record is taken from."},
    {"idempotency", OPTION_TEXT, false, NULL, NULL, NULL,
     "The header that takes the operation's own id, such as \"Idempotency-Key\": a repeat with the same one changes "
     "nothing."},
    {0},
};

static const struct option option_http[] = {
    {"base", OPTION_TEXT, true, NULL, NULL, NULL,
     "Where the API is: \"https://example.org/api\". Its host is the one that may be reached."},
    {"hosts", OPTION_NAMES, false, NULL, NULL, NULL,
     "Further hosts (host or host:port) that redirects and next links may lead to."},
    {"auth", OPTION_TABLE, false, NULL, NULL, option_auth,
     "Who asks: weir.auth.query(\"access_token\", weir.secret \"token\") and its like."},
    {"page", OPTION_TABLE, false, "{ kind = \"whole\" }", NULL, option_page,
     "How pages follow each other: weir.page.offset { … } and its like."},
    {"headers", OPTION_ANY, false, NULL, NULL, NULL, "Headers sent with every request: { [\"X-Client\"] = \"weir\" }."},
    {"ca", OPTION_TEXT, false, NULL, NULL, NULL,
     "A file with the certificates to trust instead of the system's (PEM)."},
    {"certificate", OPTION_TEXT, false, NULL, NULL, NULL, "A client certificate (PEM file)."},
    {"certificate_key", OPTION_TEXT, false, NULL, NULL, NULL, "Its private key (PEM file)."},
    {"at_once", OPTION_INTEGER, false, "4", NULL, NULL,
     "Requests to this host at once; as many pages are fetched ahead."},
    {"rate", OPTION_TEXT, false, NULL, NULL, NULL, "At most so many requests: \"10/s\", \"100/m\", \"5000/h\"."},
    {"timeout", OPTION_SPAN, false, "\"2m\"", NULL, NULL, "How long one request may take in all."},
    {"body_max", OPTION_SIZE, false, "\"1GB\"", NULL, NULL, "How large one answer may be, decompressed."},
    {0},
};

const struct option_list source_http_options = {
    "weir.http", "A datasource behind a web API: JSON, JSON lines or CSV over HTTP, read and written.", option_http};
const struct option_list source_http_type_options = {
    "a type of weir.http", "One kind of record of the API: how it is read, and how it is written.", option_type};
