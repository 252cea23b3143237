#include "server/sync_json.h"

static const struct value *said(const struct catalog_sync *sync, const char *name) {
    static const struct value nothing = {.kind = VALUE_NULL};
    const struct value *value =
        sync->declared.kind == VALUE_OBJECT ? object_find(sync->declared.as.object, text_of(name)) : NULL;
    return value != NULL ? value : &nothing;
}

void sync_put(struct members *members, const struct catalog_sync *sync) {
    static const char *const copied[] = {"direction", "datasource", "types", "params",    "once",
                                         "every_us",  "cron",       "zone",  "exclusive", "template"};
    members_text(members, "id", sync->name);
    members_text(members, "org", sync->org);
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
        members_value(members, copied[i], said(sync, copied[i]));
    }
    members_bool(members, "paused", sync->paused);
    members_time(members, "next", sync->paused ? 0 : sync->next_us);
    if (sync->broken.length > 0) {
        members_text(members, "broken", sync->broken);
    } else {
        members_null(members, "broken");
    }
    members_bool(members, "runnable", sync->manifest.length > 0);
}
