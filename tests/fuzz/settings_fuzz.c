// Any bytes as a sync made of a template, syncs/org/fuzz.json, opened as `weir check` and as `weir run` open it. What
// is refused has a code, a message, and the file's name as its place; what is taken is a part of what the template
// declares: some of its types in its order, one of its ways, one schedule that comes; and both texts are pinned.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/cron.h"
#include "base/log.h"
#include "fuzz.h"
#include "script/script.h"
#include "source/source_http.h"

enum { MEMORY_MAX = 16 << 20, STEPS_MAX = 300000 };

static const char template[] =
    "local weir = require 'weir'\n"
    "return weir.sync { template = true, every = '1h', jitter = '2m', direction = 'both',\n"
    "  params = { base = weir.param.text { default = 'https://a.example' }, n = weir.param.integer { default = 1 },\n"
    "    dry = weir.param.bool { default = false } },\n"
    "  datasource = weir.http { name = 'web', base = weir.param 'base', types = {\n"
    "    well = { path = '/w', key = 'id' }, place = { path = '/p', key = 'id' }, note = { path = '/n', key = 'id' } } "
    "},\n"
    "  datatypes = { well = weir.datatype { name = 'text' }, place = weir.datatype { name = 'text' },\n"
    "    note = weir.datatype { name = 'text' } },\n"
    "  types = { 'well', 'place', 'note' }, push = { well = { n = 'name' }, place = true } }\n";

static char folder[] = "/tmp/weir-settings-fuzz-XXXXXX";
static char path[sizeof folder + 64];

static const char *whole(const char *part) {
    snprintf(path, sizeof path, "%s%s", folder, part);
    return path;
}

static void folders_remove(void) {
    static const char *const parts[] = {
        "/syncs/org/fuzz.json", "/syncs/templates/t.lua", "/syncs/org", "/syncs/templates", "/syncs", ""};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        remove(whole(parts[i]));
    }
}

static int folders_make(void) {
    static const char *const parts[] = {"/syncs", "/syncs/org", "/syncs/templates"};
    demand(mkdtemp(folder) != NULL, "a folder can be made");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        demand(mkdir(whole(parts[i]), 0700) == 0, "a folder can be made");
    }
    atexit(folders_remove);
    int file = open(whole("/syncs/templates/t.lua"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    demand(file >= 0 && write(file, template, sizeof template - 1) == (ssize_t)sizeof template - 1,
           "the template can be written");
    close(file);
    return open(whole("/syncs/org/fuzz.json"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static void check_types(const struct sync *sync) {
    static const char *const names[] = {"well", "place", "note"};
    size_t at = 0;
    demand(sync->type_count > 0, "a sync has a type");
    for (size_t i = 0; i < sync->type_count; i++) {
        while (at < 3 && !text_is(sync->types[i].name, names[at])) {
            at++;
        }
        demand(at++ < 3, "types are the template's, in its order");
        demand(sync->direction != SYNC_PUSH || sync->types[i].pushes, "what only goes out is pushed");
        demand(sync->direction != SYNC_PULL || !sync->types[i].pushes, "what only comes in is not pushed");
    }
}

static void check_plan(const struct sync *sync) {
    struct cron cron;
    const struct zone *zone;
    struct error error;
    demand((sync->once != 0) + (sync->every_us > 0) + (sync->cron.length > 0) <= 1, "there is one schedule");
    demand(sync->every_us == 0 || sync->jitter_us < sync->every_us, "jitter is shorter than every");
    demand((sync->cron.length > 0) == (sync->zone.length > 0), "cron has a zone, and nothing else has");
    demand(sync->cron.length == 0 || (cron_read(sync->cron, &cron, &error) && zone_find(sync->zone, &zone, &error) &&
                                      cron_next(&cron, zone, 0) > 0),
           "what is planned comes");
}

static void load(struct text settings, bool declare_only) {
    static const struct source_type *const sources[] = {&source_http};
    static const struct script_param params[] = {{{"n", 1}, {"5", 1}}};
    struct script *script;
    struct error error;
    struct script_setup setup = {.path = whole("/syncs/org/fuzz.json"),
                                 .params = params,
                                 .param_count = declare_only ? 0 : 1,
                                 .declare_only = declare_only,
                                 .sources = sources,
                                 .source_count = 1,
                                 .clock = &clock_system,
                                 .log = &log_none,
                                 .memory_max = MEMORY_MAX,
                                 .steps_max = STEPS_MAX};
    error_clear(&error);
    if (!script_open(&setup, &script, &error)) {
        demand_error(&error);
        demand(error.code == ERROR_PARAM || strstr(error.place, "fuzz.json") != NULL, "a mistake has a place");
        return;
    }
    const struct sync *sync = script_sync(script);
    demand(text_is(sync->org, "org") && text_is(sync->name, "fuzz") && !sync->is_template, "the file names the sync");
    demand(text_holds(sync->script_text, settings) && text_holds(sync->script_text, text_of(template)),
           "both texts are pinned");
    check_types(sync);
    check_plan(sync);
    script_close(script);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int file = -1;
    struct text settings = {(const char *)data, size};
    file = file < 0 ? folders_make() : file;
    demand(file >= 0 && ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size,
           "the settings can be written");
    load(settings, true);
    load(settings, false);
    return 0;
}
