// Making a sync of a template: a file of settings beside the scripts, judged by the same child as they are.

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "format/format_json.h"
#include "server/api.h"
#include "server/job_json.h"
#include "server/script_tree.h"
#include "server/service.h"
#include "server/supervisor.h"
#include "server/sync_json.h"
#include "server/sync_params.h"

enum { PATH_ROOM = 4096, NAME_MAX_BYTES = 100 };
static const int64_t judge_us = 30 * 1000 * 1000;

// A file's name that is nothing else: no dot, no slash, nothing that a shell would take apart.
static bool is_plain(struct text name) {
    bool plain = name.length > 0 && name.length <= NAME_MAX_BYTES && name.data[0] != '-';
    for (size_t i = 0; plain && i < name.length; i++) {
        char c = name.data[i];
        plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }
    return plain;
}

static bool path_print(char out[PATH_ROOM], const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool path_print(char out[PATH_ROOM], const char *format, ...) {
    va_list values;
    va_start(values, format);
    int length = vsnprintf(out, PATH_ROOM, format, values);
    va_end(values);
    return length > 0 && length < PATH_ROOM;
}

static bool write_whole(const char *path, struct text bytes, struct error *error) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t at = 0;
    ssize_t count = 0;
    while (file >= 0 && at < bytes.length && (count = write(file, bytes.data + at, bytes.length - at)) > 0) {
        at += (size_t)count;
    }
    bool ok = file >= 0 && at == bytes.length && fsync(file) == 0;
    ok = ok || error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot write the settings");
    if (file >= 0) {
        close(file);
    }
    return ok;
}

// Puts the file where it isn't yet: whoever comes second is told so.
static bool settings_put(const char *part, const char *path, struct text bytes, bool *taken, struct error *error) {
    *taken = false;
    if (!write_whole(part, bytes, error)) {
        return false;
    }
    bool ok = link(part, path) == 0;
    *taken = !ok && errno == EEXIST;
    ok = ok || *taken || error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot write the settings");
    unlink(part);
    return ok;
}

// --- waiting for the verdict ---

struct making {
    struct text broken; // why it was refused: told when it is forgotten, so that the name is free
    char name[NAME_MAX_BYTES + 1];
    char path[PATH_ROOM];
};

static void making_end(struct exchange *exchange) {
    memory_free(exchange->state);
}

static bool judged(struct exchange *exchange, bool late) {
    struct service *service = exchange->service;
    struct making *making = exchange->state;
    struct actor who = job_actor(exchange);
    struct catalog_sync sync;
    struct error error;
    bool found;
    if (!catalog_find(service->catalog, exchange->org, text_of(making->name), &exchange->arena, &found, &sync,
                      &error)) {
        exchange_fail(exchange, &error);
        return true;
    }
    if (making->broken.length > 0) {
        if (!found || late) {
            exchange_refuse(exchange, 422, ERROR_SCRIPT_SHAPE, "%.*s", TEXT_ARGS(making->broken));
        }
        return exchange->status != 0;
    }
    if (!found && !late) {
        return false;
    }
    if (!found) {
        exchange_refuse(exchange, 503, ERROR_SERVER_BUSY,
                        "the settings are kept and will be read; look for the sync soon");
        return true;
    }
    if (sync.broken.length > 0) {
        unlink(making->path);
        supervisor_rescan(service->supervisor);
        making->broken = sync.broken; // in the exchange's arena
        return false;
    }
    if (!ledger_audit(service->ledger, &who, "sync created", text_of(making->name), &error)) {
        exchange_fail(exchange, &error);
        return true;
    }
    struct members *members = exchange_begin(exchange, 201);
    members_open(members, NULL);
    sync_put(members, &sync);
    members_close(members);
    exchange_end(exchange);
    return true;
}

// The template that is meant: the organisation's own goes first, as it does where a run looks for it.
static bool template_find(struct exchange *exchange, struct text name, struct catalog_sync *out) {
    struct catalog *catalog = exchange->service->catalog;
    struct error error;
    bool found;
    if (!catalog_find(catalog, exchange->org, name, &exchange->arena, &found, out, &error) ||
        (!found && !catalog_find(catalog, TEXT_LITERAL(TREE_TEMPLATES), name, &exchange->arena, &found, out, &error))) {
        exchange_fail(exchange, &error);
        return false;
    }
    const struct value *offered = found && out->declared.kind == VALUE_OBJECT
                                      ? object_find(out->declared.as.object, TEXT_LITERAL("template"))
                                      : NULL;
    if (offered == NULL || offered->kind != VALUE_BOOL || !offered->as.boolean) {
        exchange_refuse(exchange, 422, ERROR_REQUEST, "there is no template %.*s; GET /v1/templates lists them",
                        TEXT_ARGS(name));
        return false;
    }
    return true;
}

// The parameters as the file says them: an upload's number has become its path.
static bool params_text(struct exchange *exchange, const struct object *body, struct text *out) {
    struct text name = {"", 0};
    struct catalog_sync sync;
    const struct value *params = object_find(body, TEXT_LITERAL("params"));
    *out = TEXT_LITERAL("{}");
    if (!exchange_member_text(exchange, body, "template", &name) || !template_find(exchange, name, &sync)) {
        return false;
    }
    if (params == NULL || params->kind == VALUE_NULL) {
        return true;
    }
    if (params->kind != VALUE_OBJECT) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "\"params\" is an object of names and values");
        return false;
    }
    return sync_params_read(exchange, &sync, params->as.object, true, out);
}

// The body without its "name" is what the file says.
static bool settings_text(struct exchange *exchange, const struct object *body, struct text *out) {
    struct buffer buffer;
    struct text params;
    if (!params_text(exchange, body, &params)) {
        return false;
    }
    buffer_init(&buffer, 64 * 1024);
    struct members members = members_begin(&buffer);
    members_open(&members, NULL);
    for (uint32_t i = 0; i < body->shape->count; i++) {
        struct text name = body->shape->names[i];
        char *copy = arena_copy(&exchange->arena, name.data, name.length);
        if (copy != NULL && !text_is(name, "name") && !text_is(name, "params") && !value_empty(&body->values[i])) {
            members_value(&members, copy, &body->values[i]);
        }
    }
    members_json(&members, "params", params);
    members_close(&members);
    buffer_byte(&buffer, '\n');
    bool ok = !buffer.failed && arena_text(&exchange->arena, buffer_view(&buffer), out);
    buffer_clear(&buffer);
    if (!ok) {
        exchange_refuse(exchange, 413, ERROR_LIMIT, "the settings are too long");
    }
    return ok;
}

static bool paths_make(const struct exchange *exchange, struct text name, char script[PATH_ROOM], char part[PATH_ROOM],
                       struct making *making) {
    const char *syncs = exchange->service->setup->syncs;
    char folder[PATH_ROOM];
    if (!path_print(folder, "%s/%.*s", syncs, TEXT_ARGS(exchange->org))) {
        return false;
    }
    mkdir(folder, 0755);
    memcpy(making->name, name.data, name.length);
    return path_print(script, "%s/%.*s.lua", folder, TEXT_ARGS(name)) &&
           path_print(making->path, "%s/%.*s.json", folder, TEXT_ARGS(name)) &&
           path_print(part, "%s/.%.*s.%lld.part", folder, TEXT_ARGS(name), (long long)exchange->at_us);
}

void api_syncs_create(struct exchange *exchange) {
    static const char *const known[] = {"name", "template", "params", "direction", "types",
                                        "once", "every",    "cron",   "zone",      NULL};
    struct service *service = exchange->service;
    const struct object *body;
    struct text name = {"", 0};
    struct text settings;
    struct error error;
    char script[PATH_ROOM];
    char part[PATH_ROOM];
    bool taken = false;
    if (!exchange_object(exchange, &body) || !exchange_members_known(exchange, body, known) ||
        !exchange_member_text(exchange, body, "name", &name)) {
        return;
    }
    if (!is_plain(name)) {
        exchange_refuse(exchange, 422, ERROR_REQUEST, "\"name\" is made of a-z, 0-9, _ and -, %d at most",
                        NAME_MAX_BYTES);
        return;
    }
    if (!settings_text(exchange, body, &settings)) {
        return;
    }
    struct making *making = memory_zero(1, sizeof *making);
    exchange->state = making;
    exchange->end = making_end;
    if (making == NULL || !paths_make(exchange, name, script, part, making)) {
        exchange_refuse(exchange, 503, ERROR_MEMORY, "there is no memory for this, or its path is too long");
        return;
    }
    if (access(script, F_OK) != 0 && settings_put(part, making->path, settings, &taken, &error) && !taken) {
        supervisor_rescan(service->supervisor);
        exchange->until_us = exchange->at_us + judge_us;
        exchange->ready = judged;
    } else if (access(script, F_OK) == 0 || taken) {
        exchange_refuse(exchange, 409, ERROR_REQUEST, "there is a sync %.*s already", TEXT_ARGS(name));
    } else {
        exchange_fail(exchange, &error);
    }
}

// Answered when it is known no more: the name is free then.
static bool removed(struct exchange *exchange, bool late) {
    struct catalog_sync sync;
    struct error error;
    bool found;
    if (!catalog_find(exchange->service->catalog, exchange->org, exchange->params[0], &exchange->arena, &found, &sync,
                      &error)) {
        exchange_fail(exchange, &error);
        return true;
    }
    if (found && !late) {
        return false;
    }
    exchange_empty(exchange);
    return true;
}

// What was made here can be taken away here; scripts are their authors'.
void api_syncs_remove(struct exchange *exchange) {
    struct service *service = exchange->service;
    struct actor who = job_actor(exchange);
    struct catalog_sync sync;
    struct error error;
    char path[PATH_ROOM];
    if (!sync_find(exchange, &sync)) {
        return;
    }
    if (!path_print(path, "%s/%.*s/%.*s.json", service->setup->syncs, TEXT_ARGS(sync.org), TEXT_ARGS(sync.name)) ||
        access(path, F_OK) != 0) {
        exchange_refuse(exchange, 409, ERROR_REQUEST,
                        "%.*s is a script; only what was made of a template is removed here", TEXT_ARGS(sync.name));
        return;
    }
    if (!ledger_audit(service->ledger, &who, "sync removed", sync.name, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    if (unlink(path) != 0) {
        error_set_errno(&error, ERROR_FILE_WRITE, errno, "cannot remove the settings");
        exchange_fail(exchange, &error);
        return;
    }
    supervisor_rescan(service->supervisor);
    exchange->until_us = exchange->at_us + judge_us;
    exchange->ready = removed;
}
