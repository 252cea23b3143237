#include "server/warm_answer.h"

#include "format/format_json.h"

// W4001 is what the child's error was; another process's words are put under our own code.
static void put_failure(struct exchange *exchange, const struct object *answer) {
    const struct value *said = object_find(answer, TEXT_LITERAL("error"));
    struct text code = {"", 0};
    struct text message = TEXT_LITERAL("the script's process failed");
    int64_t number = 0;
    if (said != NULL && said->kind == VALUE_OBJECT) {
        code = object_text(said->as.object, "code");
        message = object_text(said->as.object, "message");
    }
    if (code.length > 1 && !text_integer((struct text){code.data + 1, code.length - 1}, &number)) {
        number = 0;
    }
    struct error error;
    enum error_code known = error_info((enum error_code)number) != NULL ? (enum error_code)number : ERROR_CHILD_DIED;
    error_set(&error, known, "%.*s", TEXT_ARGS(message));
    exchange_fail(exchange, &error);
}

void warm_answer_put(struct exchange *exchange, struct text line) {
    struct value value;
    struct error error;
    if (line.length == 0) {
        exchange_refuse(exchange, 503, ERROR_CHILD_DIED, "the script's process died; its sync's log may say more");
        return;
    }
    if (!json_read(line, &exchange->arena, NULL, &value, &error) || value.kind != VALUE_OBJECT) {
        exchange_refuse(exchange, 500, ERROR_CHILD_DIED, "the script's process said what is no answer");
        return;
    }
    const struct object *answer = value.as.object;
    if (text_is(object_text(answer, "event"), "failed")) {
        put_failure(exchange, answer);
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    for (uint32_t i = 0; i < answer->shape->count; i++) {
        struct text name = answer->shape->names[i];
        char *copy = arena_copy(&exchange->arena, name.data, name.length);
        if (copy != NULL && !text_is(name, "event")) {
            members_value(members, copy, &answer->values[i]);
        }
    }
    members_close(members);
    exchange_end(exchange);
}
