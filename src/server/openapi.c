#include "server/openapi.h"

#include <stdio.h>
#include <string.h>

#include "format/format_json.h"
#include "format/format_members.h"
#include "server/api.h"
#include "server/route.h"
#include "server/service.h"

enum { NAME_ROOM = 200, REFERENCE_ROOM = 240 };

// The next of the words between spaces; empty at the end.
static struct text word_next(struct text *rest) {
    *rest = text_trim(*rest);
    const char *space = memchr(rest->data, ' ', rest->length);
    struct text word = {rest->data, space != NULL ? (size_t)(space - rest->data) : rest->length};
    *rest = (struct text){rest->data + word.length, rest->length - word.length};
    return word;
}

static void put_reference(struct members *members, const char *name, const char *kind, struct text to) {
    char reference[REFERENCE_ROOM];
    int length = snprintf(reference, sizeof reference, "#/components/%s/%.*s", kind, TEXT_ARGS(to));
    members_open(members, name);
    members_text(members, "$ref", (struct text){reference, (size_t)length});
    members_close(members);
}

// {"application/json":{"schema":…}}, of a schema's name or of a media type.
static void put_content(struct members *members, struct text what) {
    char type[NAME_ROOM];
    bool media = memchr(what.data, '/', what.length) != NULL;
    snprintf(type, sizeof type, "%.*s", TEXT_ARGS(what));
    members_open(members, "content");
    members_open(members, media ? type : "application/json");
    if (!media) {
        put_reference(members, "schema", "schemas", what);
    }
    members_close(members);
    members_close(members);
}

// --- parameters ---

// Of the path: each is named after the last segment before it that is none itself.
static void put_path_parameters(struct members *members, const char *path) {
    struct text segment = {"", 0};
    for (const char *at = path; *at != '\0'; at++) {
        size_t length = strcspn(at + 1, "/");
        if (at[0] == '/' && at[1] == '{') {
            char name[NAME_ROOM];
            snprintf(name, sizeof name, "%.*s.%.*s", TEXT_ARGS(segment), (int)length - 2, at + 2);
            put_reference(members, NULL, "parameters", text_of(name));
        } else if (at[0] == '/') {
            segment = (struct text){at + 1, length};
        }
    }
}

static void put_parameters(struct members *members, const struct route *route) {
    struct text rest = text_of(route->query);
    members_open_list(members, "parameters");
    put_path_parameters(members, route->path);
    for (struct text name = word_next(&rest); name.length > 0; name = word_next(&rest)) {
        put_reference(members, NULL, "parameters", name);
    }
    members_close_list(members);
}

// --- answers ---

static void put_responses(struct members *members, const struct route *route) {
    static const unsigned everybody = MAY_LOOK | MAY_EXCHANGE;
    const struct {
        const char *status;
        bool comes;
    } refusals[] = {
        {"400", true},
        {"401", route->may != MAY_ALL},
        {"403", route->may != MAY_ALL && (route->may & everybody) != everybody},
        {"404", route->may != MAY_ALL}, // another's organisation, at the least
        {"413", route->body_max > 0 || route->begin != NULL},
        {"503", true},
        {"default", true},
    };
    struct text rest = text_of(route->answer);
    members_open(members, "responses");
    for (struct text status = word_next(&rest); status.length > 0; status = word_next(&rest)) {
        struct text what = text_is(status, "204") ? (struct text){"", 0} : word_next(&rest);
        char name[NAME_ROOM];
        snprintf(name, sizeof name, "%.*s", TEXT_ARGS(status));
        members_open(members, name);
        members_string(members, "description",
                       what.length > 0 ? "It is answered" : "It is done, and there is nothing to say");
        if (what.length > 0) {
            put_content(members, what);
        }
        members_close(members);
    }
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (refusals[i].comes) {
            put_reference(members, refusals[i].status, "responses", text_of(refusals[i].status));
        }
    }
    members_close(members);
}

// --- who ---

static void put_roles(struct members *members, const struct route *route) {
    char description[NAME_ROOM + REFERENCE_ROOM];
    size_t length = (size_t)snprintf(description, sizeof description, "%s.", route->summary);
    if (route->may == MAY_ALL) {
        snprintf(description + length, sizeof description - length, " Open to all: no token is asked for.");
        members_string(members, "description", description);
        members_open_list(members, "x-roles");
        members_close_list(members);
        members_open_list(members, "security");
        members_close_list(members);
        return;
    }
    const char *before = " For tokens of ";
    for (unsigned role = 1; role <= ROLE_DATASOURCE; role *= 2) {
        if ((route->may & role) != 0 && length < sizeof description) {
            length += (size_t)snprintf(description + length, sizeof description - length, "%s%s", before,
                                       role_name((enum role)role));
            before = ", ";
        }
    }
    members_string(members, "description", description);
    members_open_list(members, "x-roles");
    for (unsigned role = 1; role <= ROLE_DATASOURCE; role *= 2) {
        if ((route->may & role) != 0) {
            members_string(members, NULL, role_name((enum role)role));
        }
    }
    members_close_list(members);
}

// --- operations ---

static void put_operation(struct members *members, const struct route *route) {
    char method[NAME_ROOM] = "";
    for (size_t i = 0; route->method[i] != '\0' && i + 1 < sizeof method; i++) {
        method[i] = (char)(route->method[i] | 0x20);
    }
    members_open(members, method);
    members_string(members, "operationId", route->operation);
    members_open_list(members, "tags");
    members_string(members, NULL, route->tag);
    members_close_list(members);
    members_string(members, "summary", route->summary);
    put_roles(members, route);
    put_parameters(members, route);
    if (route->request != NULL) {
        members_open(members, "requestBody");
        put_content(members, text_of(route->request));
        members_close(members);
    }
    put_responses(members, route);
    members_close(members);
}

static bool path_was(const struct route *route) {
    for (const struct route *before = routes; before < route; before++) {
        if (strcmp(before->path, route->path) == 0) {
            return true;
        }
    }
    return false;
}

static void put_paths(struct members *members) {
    members_open(members, "paths");
    for (const struct route *route = routes; route->method != NULL; route++) {
        if (path_was(route)) {
            continue;
        }
        members_open(members, route->path);
        for (const struct route *same = route; same->method != NULL; same++) {
            if (strcmp(same->path, route->path) == 0) {
                put_operation(members, same);
            }
        }
        members_close(members);
    }
    members_close(members);
}

// --- the document ---

static void put_info(struct members *members, const struct object *info, const char *version) {
    members_open(members, "info");
    for (uint32_t i = 0; i < info->shape->count; i++) {
        char name[NAME_ROOM];
        snprintf(name, sizeof name, "%.*s", TEXT_ARGS(info->shape->names[i]));
        members_value(members, name, &info->values[i]);
    }
    members_string(members, "version", version);
    members_close(members);
}

bool openapi_write(struct buffer *out, const char *version, struct arena *arena, struct error *error) {
    struct value parts;
    struct text text = {(const char *)openapi_parts[0].text, openapi_parts[0].length};
    if (!json_read(text, arena, NULL, &parts, error)) {
        return false;
    }
    if (parts.kind != VALUE_OBJECT) {
        return error_set(error, ERROR_JSON_SYNTAX, "%s is no JSON object", openapi_parts[0].name);
    }
    const struct object *object = parts.as.object;
    struct members members = members_begin(out);
    members_open(&members, NULL);
    for (uint32_t i = 0; i < object->shape->count; i++) {
        char name[NAME_ROOM];
        snprintf(name, sizeof name, "%.*s", TEXT_ARGS(object->shape->names[i]));
        if (strcmp(name, "info") == 0 && object->values[i].kind == VALUE_OBJECT) {
            put_info(&members, object->values[i].as.object, version);
        } else {
            members_value(&members, name, &object->values[i]);
        }
    }
    members_open_list(&members, "security");
    members_open(&members, NULL);
    members_open_list(&members, "bearer");
    members_close_list(&members);
    members_close(&members);
    members_close_list(&members);
    put_paths(&members);
    members_close(&members);
    buffer_byte(out, '\n');
    return !out->failed || error_memory(error);
}

void api_openapi(struct exchange *exchange) {
    buffer_text(&exchange->answer, buffer_view(&exchange->service->openapi));
    exchange_text(exchange, 200, "application/json");
}
