#include "reference_api.h"

#include <stdio.h>

#include "format/format_json.h"
#include "server/openapi.h"

enum { DOCUMENT_BYTES_MAX = 16 * 1024 * 1024 };

static const struct value *whole;

// --- finding ---

static const struct value *member(const struct value *value, const char *name) {
    return value != NULL && value->kind == VALUE_OBJECT ? object_find(value->as.object, text_of(name)) : NULL;
}

static struct text text_in(const struct value *value, const char *name) {
    const struct value *found = member(value, name);
    return found != NULL && found->kind == VALUE_TEXT ? value_slice(found) : (struct text){"", 0};
}

// The last word of "#/components/schemas/Run".
static struct text name_of(struct text reference) {
    size_t start = reference.length;
    while (start > 0 && reference.data[start - 1] != '/') {
        start--;
    }
    return (struct text){reference.data + start, reference.length - start};
}

static const struct value *component(const char *kind, struct text name) {
    const struct value *list = member(member(whole, "components"), kind);
    return list != NULL ? object_find(list->as.object, name) : NULL;
}

static const struct value *followed(const char *kind, const struct value *value) {
    struct text reference = text_in(value, "$ref");
    return reference.length > 0 ? component(kind, name_of(reference)) : value;
}

static bool listed(const struct value *list, struct text name) {
    for (uint32_t i = 0; list != NULL && list->kind == VALUE_LIST && i < list->length; i++) {
        if (list->as.items[i].kind == VALUE_TEXT && text_same(value_slice(&list->as.items[i]), name)) {
            return true;
        }
    }
    return false;
}

// --- what something is, in words ---

static void print_link(struct text name) {
    printf("[%.*s](#", TEXT_ARGS(name));
    for (size_t i = 0; i < name.length; i++) {
        putchar(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] | 0x20 : name.data[i]);
    }
    putchar(')');
}

static void print_texts(const struct value *list, const char *between, bool quoted) {
    for (uint32_t i = 0; i < list->length; i++) {
        const char *quote = quoted ? "`" : "";
        printf("%s%s%.*s%s", i > 0 ? between : "", quote, TEXT_ARGS(value_slice(&list->as.items[i])), quote);
    }
}

static void print_type(const struct value *schema) {
    const struct value *type = member(schema, "type");
    struct text reference = text_in(schema, "$ref");
    if (reference.length > 0) {
        print_link(name_of(reference));
    } else if (member(schema, "enum") != NULL) {
        print_texts(member(schema, "enum"), ", ", true);
    } else if (type == NULL) {
        printf("anything");
    } else if (type->kind == VALUE_LIST) {
        print_texts(type, " or ", false);
    } else if (text_is(value_slice(type), "array")) {
        printf("list of ");
        print_type(member(schema, "items"));
    } else if (text_in(schema, "format").length > 0) {
        printf("%.*s", TEXT_ARGS(text_in(schema, "format")));
    } else {
        printf("%.*s", TEXT_ARGS(value_slice(type)));
    }
}

// --- an operation ---

static void print_parameters(const struct value *operation) {
    const struct value *parameters = member(operation, "parameters");
    bool first = true;
    for (uint32_t i = 0; i < parameters->length; i++) {
        const struct value *parameter = followed("parameters", &parameters->as.items[i]);
        if (text_is(text_in(parameter, "name"), "org")) {
            continue; // nearly all take it: the page begins with it
        }
        printf(first ? "\n| parameter | in | takes | meaning |\n|---|---|---|---|\n" : "");
        first = false;
        printf("| `%.*s` | %.*s | ", TEXT_ARGS(text_in(parameter, "name")), TEXT_ARGS(text_in(parameter, "in")));
        print_type(member(parameter, "schema"));
        printf(" | %.*s |\n", TEXT_ARGS(text_in(parameter, "description")));
    }
}

static void print_content(const struct value *content) {
    const struct object *object = content->as.object;
    for (uint32_t i = 0; i < object->shape->count; i++) {
        const struct value *schema = member(&object->values[i], "schema");
        printf(i > 0 ? ", " : " ");
        if (schema != NULL) {
            print_type(schema);
        } else {
            printf("`%.*s`", TEXT_ARGS(object->shape->names[i]));
        }
    }
}

// Refusals are the same everywhere: they have a chapter of their own.
static void print_answers(const struct value *operation) {
    const struct object *answers = member(operation, "responses")->as.object;
    printf("- Gives:");
    for (uint32_t i = 0; i < answers->shape->count; i++) {
        if (text_in(&answers->values[i], "$ref").length > 0) {
            continue;
        }
        const struct value *content = member(&answers->values[i], "content");
        printf("%s %.*s", i > 0 ? "," : "", TEXT_ARGS(answers->shape->names[i]));
        if (content != NULL) {
            print_content(content);
        }
    }
    printf("\n");
}

static void print_operation(struct text method, struct text path, const struct value *operation) {
    char verb[16] = "";
    for (size_t i = 0; i < method.length && i + 1 < sizeof verb; i++) {
        verb[i] = (char)(method.data[i] & ~0x20);
    }
    const struct value *roles = member(operation, "x-roles");
    const struct value *body = member(operation, "requestBody");
    printf("\n### `%s %.*s`\n\n%.*s.\n\n- Who may: ", verb, TEXT_ARGS(path), TEXT_ARGS(text_in(operation, "summary")));
    if (roles->length > 0) {
        print_texts(roles, ", ", false);
    } else {
        printf("everybody, without a token");
    }
    printf("\n");
    if (body != NULL) {
        printf("- Takes:");
        print_content(member(body, "content"));
        printf("\n");
    }
    print_answers(operation);
    print_parameters(operation);
}

static void print_tag(struct text tag) {
    const struct object *paths = member(whole, "paths")->as.object;
    for (uint32_t i = 0; i < paths->shape->count; i++) {
        const struct object *methods = paths->values[i].as.object;
        for (uint32_t j = 0; j < methods->shape->count; j++) {
            if (listed(member(&methods->values[j], "tags"), tag)) {
                print_operation(methods->shape->names[j], paths->shape->names[i], &methods->values[j]);
            }
        }
    }
}

// --- schemas and refusals ---

static void print_members(const struct value *schema) {
    const struct value *properties = member(schema, "properties");
    for (uint32_t i = 0; properties != NULL && i < properties->as.object->shape->count; i++) {
        struct text name = properties->as.object->shape->names[i];
        const struct value *value = &properties->as.object->values[i];
        printf("| `%.*s` | ", TEXT_ARGS(name));
        print_type(value);
        printf(" | %s | %.*s |\n", listed(member(schema, "required"), name) ? "yes" : "",
               TEXT_ARGS(text_in(value, "description")));
    }
}

static void print_schema(struct text name, const struct value *schema) {
    const struct value *all = member(schema, "allOf");
    printf("\n### %.*s\n\n%.*s", TEXT_ARGS(name), TEXT_ARGS(text_in(schema, "description")));
    if (all != NULL) {
        printf(": what ");
        print_type(&all->as.items[0]);
        printf(" has, and");
        schema = &all->as.items[1];
    }
    if (member(schema, "enum") != NULL) {
        printf(": ");
        print_type(schema);
    }
    printf(all != NULL ? "\n" : ".\n");
    if (member(schema, "properties") != NULL) {
        printf("\n| member | is | always | meaning |\n|---|---|---|---|\n");
        print_members(schema);
    }
}

static void print_refusals(void) {
    const struct object *responses = member(member(whole, "components"), "responses")->as.object;
    printf("\n## Refusals\n\nEach is an [Error](#error), with a [code](errors.md) that never changes its meaning.\n\n"
           "| status | means |\n|---|---|\n");
    for (uint32_t i = 0; i < responses->shape->count; i++) {
        bool any = text_is(responses->shape->names[i], "default");
        printf("| %.*s | %.*s |\n", any ? 5 : (int)responses->shape->names[i].length,
               any ? "other" : responses->shape->names[i].data,
               TEXT_ARGS(text_in(&responses->values[i], "description")));
    }
}

static void print_page(void) {
    const struct value *tags = member(whole, "tags");
    const struct object *schemas = member(member(whole, "components"), "schemas")->as.object;
    printf(
        "# The server's API\n\n%.*s\n\nA token is sent as `Authorization: Bearer TOKEN`. Programs find all of this at "
        "`/openapi.json`, as OpenAPI 3.1. How the\nserver is run stands in [its own page](../howto/serve.md).\n"
        "This page is made from the table of routes by `make docs`.\n",
        TEXT_ARGS(text_in(member(whole, "info"), "description")));
    for (uint32_t i = 0; i < tags->length; i++) {
        struct text name = text_in(&tags->as.items[i], "name");
        printf("\n## %c%.*s\n\n%.*s.\n", name.data[0] & ~0x20, (int)name.length - 1, name.data + 1,
               TEXT_ARGS(text_in(&tags->as.items[i], "description")));
        print_tag(name);
    }
    print_refusals();
    printf("\n## What is sent and answered\n");
    for (uint32_t i = 0; i < schemas->shape->count; i++) {
        print_schema(schemas->shape->names[i], &schemas->values[i]);
    }
}

bool reference_api(void) {
    struct arena arena;
    struct buffer text;
    struct value document;
    struct error error;
    arena_init(&arena, DOCUMENT_BYTES_MAX);
    buffer_init(&text, DOCUMENT_BYTES_MAX);
    bool ok =
        openapi_write(&text, "", &arena, &error) && json_read(buffer_view(&text), &arena, NULL, &document, &error);
    if (ok) {
        whole = &document;
        print_page();
    } else {
        fprintf(stderr, "the document can't be made: %s\n", error.message);
    }
    buffer_clear(&text);
    arena_clear(&arena);
    return ok;
}
