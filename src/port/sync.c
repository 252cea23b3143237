#include "port/sync.h"

const struct datatype *sync_datatype(const struct sync *sync, struct text name) {
    for (size_t i = 0; i < sync->datatype_count; i++) {
        if (text_same(sync->datatypes[i]->name, name)) {
            return sync->datatypes[i];
        }
    }
    return NULL;
}

bool sync_key(const struct sync *sync, struct arena *arena, struct text *out) {
    bool bare = sync->params.length == 0 || text_is(sync->params, "{}");
    const char *space = bare ? "" : " ";
    struct text params = bare ? (struct text){"", 0} : sync->params;
    char *key =
        arena_print(arena, "%.*s/%.*s%s%.*s", TEXT_ARGS(sync->org), TEXT_ARGS(sync->name), space, TEXT_ARGS(params));
    if (key == NULL) {
        return false;
    }
    *out = text_of(key);
    return true;
}
