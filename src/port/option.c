#include "port/option.h"

struct value option_value(const struct object *settings, const char *key) {
    const struct value *found = settings != NULL ? object_find(settings, text_of(key)) : NULL;
    return found != NULL ? *found : (struct value){.kind = VALUE_MISSING};
}

struct text option_text(const struct object *settings, const char *key) {
    return object_text(settings, key);
}

int64_t option_integer(const struct object *settings, const char *key) {
    return object_integer(settings, key);
}

bool option_bool(const struct object *settings, const char *key) {
    return object_bool(settings, key);
}
