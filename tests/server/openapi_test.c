// The document and the table of routes say the same, and every name leads somewhere.

#include "server/openapi.h"

#include "format/format_json.h"
#include "server/route.h"
#include "test.h"

struct document {
    struct arena arena;
    struct buffer text;
    struct value whole;
};

static void document_make(struct document *document) {
    struct error error;
    arena_init(&document->arena, 64 * 1024 * 1024);
    buffer_init(&document->text, 16 * 1024 * 1024);
    CHECK_OK(openapi_write(&document->text, "1.2.3", &document->arena, &error), &error);
    CHECK_OK(json_read(buffer_view(&document->text), &document->arena, NULL, &document->whole, &error), &error);
    CHECK_INT(document->whole.kind, VALUE_OBJECT);
}

static void document_clear(struct document *document) {
    buffer_clear(&document->text);
    arena_clear(&document->arena);
}

// What stands at "a/b/c", or NULL.
static const struct value *at(const struct value *value, struct text path) {
    while (path.length > 0 && value != NULL) {
        const char *slash = memchr(path.data, '/', path.length);
        struct text name = {path.data, slash != NULL ? (size_t)(slash - path.data) : path.length};
        value = value->kind == VALUE_OBJECT ? object_find(value->as.object, name) : NULL;
        path = (struct text){path.data + name.length, path.length - name.length};
        path = path.length > 0 ? (struct text){path.data + 1, path.length - 1} : path;
    }
    return value;
}

static struct text text_at(const struct value *value, const char *path) {
    const struct value *found = at(value, text_of(path));
    if (found == NULL || found->kind != VALUE_TEXT) {
        test_fail(__FILE__, __LINE__, "there is no text at %s", path);
    }
    return value_slice(found);
}

// --- every reference ---

static int references_follow(const struct value *whole, const struct value *value) {
    int count = 0;
    if (value->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < value->length; i++) {
            count += references_follow(whole, &value->as.items[i]);
        }
    } else if (value->kind == VALUE_OBJECT) {
        const struct object *object = value->as.object;
        for (uint32_t i = 0; i < object->shape->count; i++) {
            count += references_follow(whole, &object->values[i]);
            if (text_is(object->shape->names[i], "$ref")) {
                struct text to = value_slice(&object->values[i]);
                CHECK(to.length > 2 && memcmp(to.data, "#/", 2) == 0);
                if (at(whole, (struct text){to.data + 2, to.length - 2}) == NULL) {
                    test_fail(__FILE__, __LINE__, "openapi_parts.json lacks %.*s", TEXT_ARGS(to));
                }
                count++;
            }
        }
    }
    return count;
}

TEST(server_openapi, every_name_of_a_route_is_described) {
    struct document document;
    document_make(&document);
    CHECK(references_follow(&document.whole, &document.whole) > 100);
    CHECK_TEXT(text_at(&document.whole, "openapi"), "3.1.0");
    CHECK_TEXT(text_at(&document.whole, "info/version"), "1.2.3");
    document_clear(&document);
}

// --- every route ---

static const struct value *operation_of(const struct value *whole, const struct route *route) {
    const struct value *paths = at(whole, TEXT_LITERAL("paths"));
    const struct value *path = object_find(paths->as.object, text_of(route->path));
    char method[16] = "";
    for (size_t i = 0; route->method[i] != '\0'; i++) {
        method[i] = (char)(route->method[i] | 0x20);
    }
    return path != NULL ? at(path, text_of(method)) : NULL;
}

static void has_tag(const struct value *whole, const char *tag) {
    const struct value *tags = at(whole, TEXT_LITERAL("tags"));
    for (uint32_t i = 0; i < tags->length; i++) {
        if (text_is(text_at(&tags->as.items[i], "name"), tag)) {
            return;
        }
    }
    test_fail(__FILE__, __LINE__, "openapi_parts.json has no tag %s", tag);
}

TEST(server_openapi, every_route_is_an_operation_of_its_own) {
    struct document document;
    document_make(&document);
    for (const struct route *route = routes; route->method != NULL; route++) {
        const struct value *operation = operation_of(&document.whole, route);
        if (operation == NULL || !text_is(text_at(operation, "operationId"), route->operation)) {
            test_fail(__FILE__, __LINE__, "%s %s isn't in the document", route->method, route->path);
        }
        has_tag(&document.whole, route->tag);
        for (const struct route *other = route + 1; other->method != NULL; other++) {
            if (strcmp(route->operation, other->operation) == 0) {
                test_fail(__FILE__, __LINE__, "two routes are called %s", route->operation);
            }
        }
    }
    document_clear(&document);
}

// --- its parameters, roles and refusals ---

static const struct value *parameter_at(const struct value *whole, const struct value *operation, uint32_t i) {
    struct text to = text_at(&at(operation, TEXT_LITERAL("parameters"))->as.items[i], "$ref");
    return at(whole, (struct text){to.data + 2, to.length - 2});
}

static void has_path_parameter(const struct value *whole, const struct value *operation, struct text name,
                               const struct route *route) {
    const struct value *parameters = at(operation, TEXT_LITERAL("parameters"));
    int count = 0;
    for (uint32_t i = 0; i < parameters->length; i++) {
        const struct value *parameter = parameter_at(whole, operation, i);
        count += text_is(text_at(parameter, "in"), "path") && text_same(text_at(parameter, "name"), name);
    }
    if (count != 1) {
        test_fail(__FILE__, __LINE__, "%s declares %.*s %d times", route->path, TEXT_ARGS(name), count);
    }
}

TEST(server_openapi, what_stands_in_a_path_is_declared_and_nothing_else) {
    struct document document;
    document_make(&document);
    for (const struct route *route = routes; route->method != NULL; route++) {
        const struct value *operation = operation_of(&document.whole, route);
        const struct value *parameters = at(operation, TEXT_LITERAL("parameters"));
        uint32_t in_path = 0;
        for (const char *open = strchr(route->path, '{'); open != NULL; open = strchr(open + 1, '{')) {
            has_path_parameter(&document.whole, operation, (struct text){open + 1, strcspn(open + 1, "}")}, route);
            in_path++;
        }
        for (uint32_t i = 0; i < parameters->length; i++) {
            const struct value *parameter = parameter_at(&document.whole, operation, i);
            in_path -= text_is(text_at(parameter, "in"), "path");
        }
        CHECK_INT(in_path, 0);
    }
    document_clear(&document);
}

TEST(server_openapi, who_may_and_what_is_refused_is_the_tables) {
    struct document document;
    document_make(&document);
    for (const struct route *route = routes; route->method != NULL; route++) {
        const struct value *operation = operation_of(&document.whole, route);
        const struct value *roles = at(operation, TEXT_LITERAL("x-roles"));
        unsigned may = 0;
        for (uint32_t i = 0; i < roles->length; i++) {
            enum role role;
            CHECK(role_find(value_slice(&roles->as.items[i]), &role));
            may |= (unsigned)role;
        }
        CHECK_INT(may, route->may);
        CHECK((at(operation, TEXT_LITERAL("security")) != NULL) == (route->may == MAY_ALL));
        CHECK((at(operation, TEXT_LITERAL("responses/401")) != NULL) == (route->may != MAY_ALL));
        CHECK((at(operation, TEXT_LITERAL("responses/404")) != NULL) == (route->may != MAY_ALL));
        CHECK((at(operation, TEXT_LITERAL("responses/403")) != NULL) ==
              (route->may != MAY_ALL && route->may != 2 * ROLE_DATASOURCE - 1)); // not all roles
        CHECK((at(operation, TEXT_LITERAL("responses/413")) != NULL) == (route->body_max > 0 || route->begin != NULL));
        CHECK((at(operation, TEXT_LITERAL("requestBody")) != NULL) == (route->request != NULL));
        CHECK(at(operation, TEXT_LITERAL("responses/400")) != NULL);
        CHECK(at(operation, TEXT_LITERAL("responses/503")) != NULL);
        char status[32];
        snprintf(status, sizeof status, "responses/%.3s", route->answer);
        CHECK(at(operation, text_of(status)) != NULL);
    }
    document_clear(&document);
}
