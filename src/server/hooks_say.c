#include "server/hooks_say.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "format/format_json.h"
#include "format/format_members.h"

static const char cut[] = "…";
static const int64_t second_us = 1000 * 1000;

void hooks_name(const struct delivery *delivery, char out[HOOKS_NAME]) {
    snprintf(out, HOOKS_NAME, "%lld-%lld", (long long)delivery->id, (long long)delivery->at_us);
}

// --- what the run had come to ---

static bool said_read(const struct delivery *delivery, struct arena *arena, const struct object **out,
                      struct error *error) {
    static const struct shape no_names = {0, NULL};
    static const struct object nothing = {&no_names, NULL};
    struct value value;
    *out = &nothing;
    if (delivery->said.length == 0) {
        return true;
    }
    if (!json_read(delivery->said, arena, NULL, &value, error)) {
        return false;
    }
    *out = value.kind == VALUE_OBJECT ? value.as.object : &nothing;
    return true;
}

// --- as JSON ---

static void put_text_or_null(struct members *members, const char *name, struct text text) {
    if (text.length > 0) {
        members_text(members, name, text);
    } else {
        members_null(members, name);
    }
}

static void put_run(struct members *members, const struct delivery *delivery, const struct job *job,
                    const struct object *said) {
    static const struct shape no_names = {0, NULL};
    static const struct object nothing = {&no_names, NULL};
    const struct value none = value_object(&nothing);
    const struct value *counts = object_find(said, TEXT_LITERAL("counts"));
    members_integer(members, "run", delivery->job);
    if (job != NULL) {
        members_text(members, "sync", job->sync);
        members_json(members, "params", job->params);
        members_text(members, "method", job->method);
        members_text(members, "cause", job->cause);
        members_text(members, "asked_by", job->asked_by);
        members_time(members, "asked", job->asked_us);
    }
    members_text(members, "status", delivery->event);
    members_time(members, "started", object_integer(said, "started_us"));
    members_time(members, "ended", object_integer(said, "ended_us"));
    members_integer(members, "attempts", object_integer(said, "attempts"));
    members_value(members, "counts", counts != NULL ? counts : &none);
    put_text_or_null(members, "code", object_text(said, "code"));
    put_text_or_null(members, "message", object_text(said, "message"));
}

static void say_json(struct buffer *out, const struct delivery *delivery, const struct job *job,
                     const struct object *said) {
    char name[HOOKS_NAME];
    struct members members = members_begin(out);
    hooks_name(delivery, name);
    members_open(&members, NULL);
    members_text(&members, "event", delivery->event);
    members_string(&members, "delivery", name);
    members_time(&members, "at", delivery->at_us);
    members_text(&members, "org", delivery->hook.org);
    if (delivery->job != 0) {
        put_run(&members, delivery, job, said);
    }
    members_close(&members);
}

// --- as a line that Slack shows ---

// Three characters begin something else there.
static void add_plain(struct buffer *line, struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        if (byte == '&' || byte == '<' || byte == '>') {
            buffer_string(line, byte == '&' ? "&amp;" : byte == '<' ? "&lt;" : "&gt;");
        } else {
            buffer_byte(line, byte);
        }
    }
}

static void add_counts(struct buffer *line, const struct object *said) {
    const struct value *counts = object_find(said, TEXT_LITERAL("counts"));
    const char *before = ": ";
    for (uint32_t i = 0; counts != NULL && counts->kind == VALUE_OBJECT && i < counts->as.object->shape->count; i++) {
        const struct value *count = &counts->as.object->values[i];
        if (count->kind == VALUE_INTEGER && count->as.integer > 0) {
            buffer_print(line, "%s%lld ", before, (long long)count->as.integer);
            add_plain(line, counts->as.object->shape->names[i]);
            before = ", ";
        }
    }
}

static void say_slack(struct buffer *out, const struct delivery *delivery, const struct job *job,
                      const struct object *said) {
    enum { LINE_BYTES_MAX = 4000 };
    struct buffer line;
    struct members members = members_begin(out);
    buffer_init(&line, LINE_BYTES_MAX);
    add_plain(&line, delivery->hook.org);
    if (delivery->job == 0) {
        buffer_string(&line, ": a test of this webhook");
    } else {
        buffer_string(&line, "/");
        add_plain(&line, job != NULL ? job->sync : (struct text){"?", 1});
        buffer_print(&line, ": run %lld ", (long long)delivery->job);
        add_plain(&line, text_is(delivery->event, "waiting")   ? TEXT_LITERAL("waits")
                         : text_is(delivery->event, "warning") ? TEXT_LITERAL("is done, with warnings")
                         : text_is(delivery->event, "done")    ? TEXT_LITERAL("is done")
                         : text_is(delivery->event, "failed")  ? TEXT_LITERAL("has failed")
                                                               : TEXT_LITERAL("was "));
        if (text_is(delivery->event, "interrupted") || text_is(delivery->event, "cancelled")) {
            add_plain(&line, delivery->event);
        }
        add_counts(&line, said);
        if (object_text(said, "message").length > 0) {
            buffer_string(&line, " (");
            add_plain(&line, object_text(said, "code"));
            buffer_string(&line, object_text(said, "code").length > 0 ? ": " : "");
            add_plain(&line, object_text(said, "message"));
            buffer_string(&line, ")");
        }
    }
    members_open(&members, NULL);
    members_text(&members, "text", buffer_view(&line));
    members_close(&members);
    buffer_clear(&line);
}

bool hooks_body(struct buffer *out, const struct delivery *delivery, const struct job *job, struct arena *arena,
                struct error *error) {
    const struct object *said;
    if (!said_read(delivery, arena, &said, error)) {
        return false;
    }
    if (text_is(delivery->hook.form, "slack")) {
        say_slack(out, delivery, job, said);
    } else {
        say_json(out, delivery, job, said);
    }
    return !out->failed || error_memory(error);
}

// --- its signature ---

bool hooks_sign(struct text secret, int64_t now_us, struct text body, char out[HOOKS_SIGNATURE]) {
    struct buffer whole;
    unsigned char seal[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    buffer_init(&whole, body.length + HOOKS_SIGNATURE);
    buffer_print(&whole, "%lld.", (long long)(now_us / second_us));
    buffer_text(&whole, body);
    bool ok = !whole.failed && HMAC(EVP_sha256(), secret.data, (int)secret.length, (const unsigned char *)whole.data,
                                    whole.length, seal, &length) != NULL;
    buffer_clear(&whole);
    int at = snprintf(out, HOOKS_SIGNATURE, "t=%lld,v1=", (long long)(now_us / second_us));
    for (unsigned i = 0; ok && i < length && at + 2 < HOOKS_SIGNATURE; i++) {
        at += snprintf(out + at, HOOKS_SIGNATURE - (size_t)at, "%02x", seal[i]);
    }
    return ok;
}

// --- what may be shown ---

// Where the path begins, behind "scheme://host".
static size_t host_end(struct text url) {
    const char *host = memmem(url.data, url.length, "://", 3);
    size_t at = host != NULL ? (size_t)(host - url.data) + 3 : 0;
    while (at < url.length && url.data[at] != '/' && url.data[at] != '?' && url.data[at] != '#') {
        at++;
    }
    return at;
}

void hooks_show_url(struct buffer *out, struct text url) {
    size_t path = host_end(url);
    size_t end = path;
    while (end < url.length && url.data[end] != '?' && url.data[end] != '#') {
        end++;
    }
    bool queried = end < url.length;
    while (end > path && url.data[end - 1] != '/') {
        end--;
    }
    buffer_append(out, url.data, end);
    if (queried || end < url.length) {
        buffer_string(out, cut);
    }
}

void hooks_show_message(struct buffer *out, struct text message) {
    while (message.length > 0) {
        const char *scheme = memmem(message.data, message.length, "://", 3);
        size_t before = scheme != NULL ? (size_t)(scheme - message.data) : message.length;
        buffer_append(out, message.data, before);
        message = (struct text){message.data + before, message.length - before};
        size_t end = 0;
        while (end < message.length && message.data[end] != ' ' && message.data[end] != '\'') {
            end++;
        }
        struct text url = {message.data, end};
        size_t path = host_end(url);
        // "http://host/path: why": what follows the address belongs to the sentence.
        bool colon = end > path && message.data[end - 1] == ':';
        buffer_append(out, url.data, path);
        if (path + (colon ? 1 : 0) < end) {
            buffer_string(out, "/…");
        }
        if (colon) {
            buffer_byte(out, ':');
        }
        message = (struct text){message.data + end, message.length - end};
    }
}
