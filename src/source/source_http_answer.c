#include "source/source_http_answer.h"

#include <stdio.h>

// --- the body as a stream ---

static bool body_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    struct http_body *body = (struct http_body *)stream;
    if (!http_read(body->call, into, room, got, error)) {
        return false;
    }
    if (body->bytes == 0 && *got > 0) {
        size_t at = 0;
        while (at < *got && (into[at] == ' ' || into[at] == '\n' || into[at] == '\r' || into[at] == '\t')) {
            at++;
        }
        if (at < *got && into[at] == '<') {
            return error_set(error, ERROR_HTTP_SHAPE,
                             "the answer is a page of HTML or XML, not data; often a login "
                             "page or an error page");
        }
    }
    body->bytes += *got;
    body->ended = *got == 0;
    return true;
}

static void body_close(struct stream *stream) {
    (void)stream;
}

static const struct stream_type body_type = {.read = body_read, .close = body_close};

// --- opening ---

bool http_answer_init(struct http_answer *answer, const struct http_type *type, uint64_t seed, bool lone,
                      struct error *error) {
    *answer = (struct http_answer){.type = type};
    jsonl_init(&answer->jsonl);
    if (type->format == HTTP_JSON) {
        return json_stream_open(&type->records, lone, &answer->json, error);
    }
    if (type->format == HTTP_CSV) {
        struct csv_setup setup = {.delimiter = ',', .quote = '"', .header = true, .seed = seed};
        return csv_open(&setup, &answer->csv, error);
    }
    return true;
}

void http_answer_clear(struct http_answer *answer) {
    json_stream_close(answer->json);
    jsonl_clear(&answer->jsonl);
    csv_close(answer->csv);
    *answer = (struct http_answer){.type = answer->type};
}

static bool holds(struct text text, const char *word) {
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= text.length; i++) {
        if (memcmp(text.data + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

// Whether a body of this content type can be what is expected. Servers are loose with theirs; what can be refused
// are the kinds that are surely something else.
static bool type_fits(enum http_format format, struct text type) {
    if (type.length == 0 || text_is(type, "text/plain") || holds(type, "octet-stream")) {
        return true;
    }
    if (holds(type, "html") || holds(type, "xml") || holds(type, "image/") || holds(type, "pdf")) {
        return false;
    }
    return format == HTTP_CSV ? !holds(type, "json") : !holds(type, "csv");
}

bool http_answer_open(struct http_answer *answer, struct http_call *call, bool may_miss, struct error *error) {
    static const char *const names[] = {"JSON", "JSON lines", "CSV"};
    answer->call = NULL;
    answer->is_missing = false;
    answer->is_empty = false;
    answer->was_csv = false;
    answer->done = (struct http_mile){0};
    answer->body = (struct http_body){.stream = {&body_type}, .call = call};
    if (!http_head(call, &answer->head, error)) {
        return false;
    }
    int status = answer->head.status;
    if (may_miss && status == 404) {
        answer->is_missing = true;
    } else if (status == 204) {
        answer->is_empty = true;
    } else if (status < 200 || status > 299 || status == 206) {
        return http_refuse(call, error);
    } else if (!type_fits(answer->type->format, answer->head.type)) {
        return error_set(error, ERROR_HTTP_SHAPE, "the answer is %.*s and not %s; often a login page or an error page",
                         TEXT_ARGS(answer->head.type), names[answer->type->format]);
    }
    if (answer->type->format == HTTP_JSON) {
        json_stream_start(answer->json, &answer->body.stream);
    } else if (answer->type->format == HTTP_JSONL) {
        jsonl_start(&answer->jsonl, &answer->body.stream);
    }
    answer->call = call;
    return true;
}

// --- elements ---

// An error about the body's JSON is one about the answer. One that ends where only the connection ended was cut.
static bool body_fail(struct http_answer *answer, struct error *error) {
    bool is_format = error->code == ERROR_JSON_SYNTAX || error->code == ERROR_JSON_DEPTH ||
                     error->code == ERROR_JSON_DUPLICATE || error->code == ERROR_JSON_NUMBER ||
                     error->code == ERROR_LIMIT || error->code == ERROR_ENCODING;
    if (!is_format) {
        return false;
    }
    struct error cause = *error;
    struct error ignored;
    error_clear(error);
    if (answer->body.ended && http_head(answer->call, &answer->head, &ignored) && answer->head.unproven) {
        return error_set(error, ERROR_HTTP_LOST, "the connection was closed before the answer was whole: %.300s",
                         cause.message);
    }
    return error_set(error, ERROR_HTTP_SHAPE, "the answer is no whole JSON: %.300s", cause.message);
}

static bool element_reject(struct http_element *out, enum error_code code, const char *reason) {
    out->found = HTTP_REJECT;
    out->code = code;
    snprintf(out->reason, sizeof out->reason, "%s", reason);
    return true;
}

static bool element_read(struct http_element *out, bool is_long, struct arena *arena, struct json_shapes *shapes,
                         struct error *error) {
    struct value value;
    if (is_long) {
        char reason[80];
        snprintf(reason, sizeof reason, "a record is longer than %d bytes", FEED_PIECE_MAX);
        return element_reject(out, ERROR_LIMIT, reason);
    }
    if (!json_read(out->raw, arena, shapes, &value, error)) {
        return error->code != ERROR_MEMORY && element_reject(out, error->code, error->message);
    }
    if (value.kind != VALUE_OBJECT) {
        char shown[VALUE_SHOW_MAX];
        char reason[VALUE_SHOW_MAX + 60];
        snprintf(reason, sizeof reason, "a record is an object with fields; this is %s", value_show(&value, shown));
        return element_reject(out, ERROR_HTTP_SHAPE, reason);
    }
    out->found = HTTP_RECORD;
    out->object = value.as.object;
    return true;
}

bool http_answer_next(struct http_answer *answer, struct arena *arena, struct json_shapes *shapes,
                      struct http_element *out, struct error *error) {
    bool is_long = false;
    out->found = HTTP_END;
    out->line = 0;
    if (answer->is_missing || answer->is_empty) {
        return true;
    }
    if (answer->type->format == HTTP_JSON) {
        enum json_found found;
        if (!json_stream_next(answer->json, arena, &found, &out->raw, error)) {
            return body_fail(answer, error);
        }
        if (found == JSON_END) {
            return true;
        }
        is_long = found == JSON_LONG;
    } else {
        enum jsonl_found found;
        if (!jsonl_next(&answer->jsonl, arena, &found, &out->raw, error)) {
            return false;
        }
        if (found == JSONL_END) {
            return true;
        }
        is_long = found == JSONL_LONG;
        out->line = answer->jsonl.line;
    }
    return element_read(out, is_long, arena, shapes, error);
}

bool http_answer_rows(struct http_answer *answer, struct batch *batch, bool *end, struct error *error) {
    *end = answer->is_missing || answer->is_empty;
    if (*end) {
        return true;
    }
    if (!answer->was_csv && !csv_start(answer->csv, &answer->body.stream, '\0', error)) {
        return false;
    }
    answer->was_csv = true;
    return csv_read(answer->csv, batch, end, error);
}

bool http_answer_leave(struct http_answer *answer, struct error *error) {
    return answer->type->format == HTTP_JSON    ? json_stream_leave(answer->json, error)
           : answer->type->format == HTTP_JSONL ? jsonl_leave(&answer->jsonl, error)
                                                : true;
}

// --- the end ---

static bool shape_check(const struct http_answer *answer, const struct value *envelope, bool listed,
                        struct error *error) {
    char room[HTTP_PATH_SHOW_MAX];
    char shown[VALUE_SHOW_MAX];
    if (!http_ok_check(&answer->type->ok, envelope, error)) {
        return false;
    }
    if (listed) {
        return true;
    }
    if (answer->type->records.names == NULL) {
        return error_set(error, ERROR_HTTP_SHAPE,
                         "the answer is %s and not a list of records; say where they stand: "
                         "records = \"…\"",
                         value_show(envelope, shown));
    }
    bool is_object = envelope->kind == VALUE_OBJECT;
    const struct value *found = is_object ? path_find(envelope->as.object, &answer->type->records) : NULL;
    struct value missing = {.kind = VALUE_MISSING};
    return error_set(error, ERROR_HTTP_SHAPE, "%s should be the list of records, and is %s",
                     http_path_show(&answer->type->records, room), value_show(found != NULL ? found : &missing, shown));
}

bool http_answer_end(struct http_answer *answer, struct arena *arena, struct value *envelope, bool *proven,
                     struct error *error) {
    *envelope = (struct value){.kind = VALUE_MISSING};
    *proven = true;
    if (answer->is_missing || answer->is_empty) {
        return true;
    }
    if (answer->type->format == HTTP_JSON) {
        bool listed;
        return json_stream_envelope(answer->json, arena, envelope, &listed, error) &&
               shape_check(answer, envelope, listed, error);
    }
    if (!http_head(answer->call, &answer->head, error)) {
        return false;
    }
    *proven = !answer->head.unproven;
    return true;
}
