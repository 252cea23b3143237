#include "server/demo_remote.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>

#include "base/memory.h"
#include "server/demo_records.h"

enum { URL_MAX = 64, BODY_BYTES_MAX = 256 * 1024, ANSWER_BYTES_MAX = 16 * 1024 * 1024, LIMIT_DEFAULT = 100 };

struct remote {
    struct MHD_Daemon *daemon;
    pthread_mutex_t mutex; // of all below
    struct demo_records records;
    char url[URL_MAX];
    size_t writes;
    bool loses_next;
};

// One request while its body comes in.
struct exchange {
    struct buffer body;
};

// --- answers ---

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, struct text text) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(text.length, (void *)(uintptr_t)text.data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *message) {
    char text[ERROR_MESSAGE_MAX + 64];
    int length = snprintf(text, sizeof text, "{\"error\":{\"message\":\"%s\"}}", message);
    return answer(connection, status, (struct text){text, (size_t)length});
}

// --- reading ---

// What a list is asked for: the parameters that are no record's field.
struct wish {
    struct text type;
    struct text since;
    int64_t limit, offset;
    const struct demo_record *record; // that is looked at
    bool fits;
};

static enum MHD_Result take_parameter(void *context, enum MHD_ValueKind kind, const char *key, const char *value) {
    (void)kind;
    struct wish *wish = context;
    struct text text = text_of(value != NULL ? value : "");
    if (strcmp(key, "since") == 0) {
        wish->since = text;
    } else if (strcmp(key, "limit") == 0) {
        (void)!text_integer(text, &wish->limit);
    } else if (strcmp(key, "offset") == 0) {
        (void)!text_integer(text, &wish->offset);
    }
    return MHD_YES;
}

static enum MHD_Result check_field(void *context, enum MHD_ValueKind kind, const char *key, const char *value) {
    (void)kind;
    struct wish *wish = context;
    bool is_field = strcmp(key, "since") != 0 && strcmp(key, "limit") != 0 && strcmp(key, "offset") != 0;
    if (is_field && value != NULL && !demo_record_says(wish->record, text_of(key), text_of(value))) {
        wish->fits = false;
    }
    return MHD_YES;
}

// The member updatedAt, which stands last in a record's text.
static struct text time_of(const struct demo_record *record) {
    enum { TAIL = 2 }; // "}
    size_t end = record->json.length - TAIL;
    size_t start = end;
    while (start > 0 && record->json.data[start - 1] != '"') {
        start--;
    }
    return (struct text){record->json.data + start, end - start};
}

static enum MHD_Result list(struct remote *remote, struct MHD_Connection *connection, struct text type) {
    struct wish wish = {.type = type, .limit = LIMIT_DEFAULT};
    struct buffer out;
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_parameter, &wish);
    buffer_init(&out, ANSWER_BYTES_MAX);
    buffer_byte(&out, '[');
    int64_t met = 0;
    for (size_t i = 0; i < remote->records.count; i++) {
        wish.record = &remote->records.list[i];
        wish.fits = text_is(type, wish.record->type) && text_compare(time_of(wish.record), wish.since) >= 0;
        if (wish.fits) {
            MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, check_field, &wish);
        }
        if (!wish.fits || met++ < wish.offset || met > wish.offset + wish.limit) {
            continue;
        }
        buffer_string(&out, out.length > 1 ? "," : "");
        buffer_text(&out, wish.record->json);
    }
    buffer_byte(&out, ']');
    enum MHD_Result result =
        out.failed ? refuse(connection, 500, "out of memory") : answer(connection, 200, buffer_view(&out));
    buffer_clear(&out);
    return result;
}

// --- writing ---

static enum MHD_Result put(struct remote *remote, struct MHD_Connection *connection, struct text type, int64_t id,
                           struct text body) {
    bool found;
    const struct demo_record *record;
    struct error error;
    if (!demo_records_put(&remote->records, type, id, body, &found, &record, &error)) {
        return refuse(connection, 422, "this is no record");
    }
    if (!found) {
        return refuse(connection, 404, "there is no such record");
    }
    remote->writes++;
    if (id == 0 && remote->loses_next) {
        remote->loses_next = false;
        return MHD_NO; // the record is in, and the connection breaks
    }
    return answer(connection, 200, record->json);
}

static enum MHD_Result act(struct remote *remote, struct MHD_Connection *connection, const char *url,
                           const char *method, struct text body) {
    struct text rest = text_of(url[0] == '/' ? url + 1 : url);
    const char *slash = memchr(rest.data, '/', rest.length);
    struct text type = {rest.data, slash != NULL ? (size_t)(slash - rest.data) : rest.length};
    int64_t id = 0;
    if (type.length == 0 || (slash != NULL && (!text_integer(text_of(slash + 1), &id) || id <= 0))) {
        return refuse(connection, 404, "there is nothing here");
    }
    if (strcmp(method, "GET") == 0 && id == 0) {
        return list(remote, connection, type);
    }
    if ((strcmp(method, "POST") == 0 && id == 0) || (strcmp(method, "PATCH") == 0 && id != 0)) {
        return put(remote, connection, type, id, body);
    }
    if (strcmp(method, "DELETE") == 0 && id != 0) {
        bool there = demo_records_delete(&remote->records, type, id);
        remote->writes += there;
        return there ? answer(connection, 200, TEXT_LITERAL("{}")) : refuse(connection, 404, "there is no such record");
    }
    return refuse(connection, 405, "this can't be done here");
}

// --- requests ---

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *bytes, size_t *count, void **state) {
    (void)version;
    struct remote *remote = context;
    struct exchange *exchange = *state;
    if (exchange == NULL) {
        exchange = memory_zero(1, sizeof *exchange);
        if (exchange == NULL) {
            return MHD_NO;
        }
        buffer_init(&exchange->body, BODY_BYTES_MAX);
        *state = exchange;
        return MHD_YES;
    }
    if (*count > 0) {
        buffer_append(&exchange->body, bytes, *count);
        *count = 0;
        return MHD_YES;
    }
    if (exchange->body.failed) {
        return refuse(connection, 413, "the body is too large");
    }
    pthread_mutex_lock(&remote->mutex);
    enum MHD_Result result = act(remote, connection, url, method, buffer_view(&exchange->body));
    pthread_mutex_unlock(&remote->mutex);
    return result;
}

static void on_end(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode how) {
    (void)context;
    (void)connection;
    (void)how;
    struct exchange *exchange = *state;
    if (exchange != NULL) {
        buffer_clear(&exchange->body);
        memory_free(exchange);
        *state = NULL;
    }
}

// --- the contract ---

static void remote_stop(struct remote *remote) {
    if (remote == NULL) {
        return;
    }
    if (remote->daemon != NULL) {
        MHD_stop_daemon(remote->daemon);
    }
    demo_records_clear(&remote->records);
    pthread_mutex_destroy(&remote->mutex);
    memory_free(remote);
}

static bool remote_start(struct remote **out, struct error *error) {
    struct remote *remote = memory_zero(1, sizeof *remote);
    if (remote == NULL) {
        return error_memory(error);
    }
    pthread_mutex_init(&remote->mutex, NULL);
    demo_records_init(&remote->records);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    remote->daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, remote, MHD_OPTION_SOCK_ADDR,
                         (struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        remote->daemon != NULL ? MHD_get_daemon_info(remote->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (info == NULL) {
        remote_stop(remote);
        return error_set(error, ERROR_HTTP_CONNECT, "the demo's counterpart could not listen on 127.0.0.1");
    }
    snprintf(remote->url, sizeof remote->url, "http://127.0.0.1:%u", (unsigned)info->port);
    *out = remote;
    return true;
}

static const char *remote_url(const struct remote *remote) {
    return remote->url;
}

static bool remote_put(struct remote *remote, struct text type, int64_t id, struct text json, struct error *error) {
    bool found;
    const struct demo_record *record;
    pthread_mutex_lock(&remote->mutex);
    bool ok = demo_records_put(&remote->records, type, id, json, &found, &record, error);
    pthread_mutex_unlock(&remote->mutex);
    return ok && (found || error_set(error, ERROR_NOT_THERE, "the counterpart has no such record"));
}

static void remote_lose_next(struct remote *remote) {
    pthread_mutex_lock(&remote->mutex);
    remote->loses_next = true;
    pthread_mutex_unlock(&remote->mutex);
}

static size_t remote_writes(struct remote *remote) {
    pthread_mutex_lock(&remote->mutex);
    size_t writes = remote->writes;
    pthread_mutex_unlock(&remote->mutex);
    return writes;
}

static bool remote_each(struct remote *remote, struct text type, bool (*row)(void *context, struct text json),
                        void *context, struct error *error) {
    bool ok = true;
    pthread_mutex_lock(&remote->mutex);
    for (size_t i = 0; ok && i < remote->records.count; i++) {
        if (text_is(type, remote->records.list[i].type)) {
            ok = row(context, remote->records.list[i].json);
        }
    }
    pthread_mutex_unlock(&remote->mutex);
    return ok || error_memory(error);
}

static bool count_one(void *context, struct text json) {
    (void)json;
    ++*(size_t *)context;
    return true;
}

static size_t remote_count(struct remote *remote, struct text type) {
    size_t count = 0;
    struct error error;
    (void)!remote_each(remote, type, count_one, &count, &error);
    return count;
}

const struct remote_type demo_remote = {
    .start = remote_start,
    .stop = remote_stop,
    .url = remote_url,
    .put = remote_put,
    .lose_next = remote_lose_next,
    .writes = remote_writes,
    .count = remote_count,
    .each = remote_each,
};
