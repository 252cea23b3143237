#include "port/option.h"

struct value option_value(const struct object *settings, const char *key) {
    const struct value *found = settings != NULL ? object_find(settings, text_of(key)) : NULL;
    return found != NULL ? *found : (struct value){.kind = VALUE_MISSING};
}

struct text option_text(const struct object *settings, const char *key) {
    struct value value = option_value(settings, key);
    return value.kind == VALUE_TEXT ? value_slice(&value) : (struct text){"", 0};
}

int64_t option_integer(const struct object *settings, const char *key) {
    struct value value = option_value(settings, key);
    return value.kind == VALUE_INTEGER ? value.as.integer : 0;
}

bool option_bool(const struct object *settings, const char *key) {
    struct value value = option_value(settings, key);
    return value.kind == VALUE_BOOL && value.as.boolean;
}
