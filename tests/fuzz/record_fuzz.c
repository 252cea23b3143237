// A JSON record through Lua and back: read as a view, walked, copied, changed and returned in every way that a script
// has. What is not touched must come back the same; what is copied must say the same but for nulls and rounding;
// nothing may crash, leak or leave the sandbox unusable.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/format_json.h"
#include "port/mapper.h"
#include "script/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
    "local weir = require 'weir'\n"
    "local function walk(v, depth)\n"
    "  local n = 0\n"
    "  if type(v) ~= 'userdata' then return 1 end\n"
    "  tostring(v)\n"
    "  local keys = {}\n"
    "  if not pcall(function() for k in pairs(v) do keys[#keys + 1] = k end end) then return 0 end\n"
    "  for _, k in ipairs(keys) do\n"
    "    weir.exact(v, k)\n"
    "    local ok, inner = pcall(function() return v[k] end)\n"
    "    if ok then n = n + walk(inner, depth + 1) end\n"
    "  end\n"
    "  return n\n"
    "end\n"
    "local function touch(v)\n"
    "  for _, k in ipairs { 'a', 'b', 1, 'new' } do\n"
    "    pcall(function()\n"
    "      local inner = v[k]\n"
    "      if type(inner) == 'userdata' then touch(inner) else v[k] = inner end\n"
    "      if k == 'b' then v[k] = nil end\n"
    "      if k == 'new' then v[k] = weir.list { inner, v[k] } end\n"
    "    end)\n"
    "  end\n"
    "end\n"
    "return weir.sync { org = 'fuzz', types = { 'same', 'copy', 'changed', 'walked' },\n"
    "  datasource = weir.table { name = 'h', types = { same = { key = 'id' }, copy = { key = 'id' },\n"
    "    changed = { key = 'id' }, walked = { key = 'id' } } },\n"
    "  datatypes = { same = weir.datatype { a = 'json' }, copy = weir.datatype { a = 'json' },\n"
    "    changed = weir.datatype { a = 'json' }, walked = weir.datatype { a = 'json' } },\n"
    "  pull = {\n"
    "    same = function(r) for k, v in pairs(r) do local _ = v end return r end,\n"
    "    copy = { a = function(r) return weir.copy(r) end },\n"
    "    changed = function(r) touch(r) return r end,\n"
    "    walked = { a = function(r) return { n = walk(r, 0), whole = r, copy = weir.copy(weir.copy(r)) } end } } }\n";

static struct script *script;

static void open_script(void) {
    static const struct option none[] = {{0}};
    static const struct option_list list = {"weir.table", "A table.", none};
    static const struct source_type table = {.kind = "table", .options = &list, .type_options = &list};
    static const struct source_type *const sources[] = {&table};
    struct error error;
    char path[] = "/tmp/weir-record-fuzz-XXXXXX";
    int file = mkstemp(path);
    if (file < 0 || write(file, text, sizeof text - 1) != (ssize_t)(sizeof text - 1)) {
        abort();
    }
    close(file);
    struct script_setup setup = {
        .path = path, .sources = sources, .source_count = 1, .memory_max = 16 << 20, .steps_max = 10000000};
    if (!script_open(&setup, &script, &error)) {
        fprintf(stderr, "%s: %s\n", error.place, error.message);
        abort();
    }
    unlink(path);
}

// What home would see of a value that was copied: null fields of objects are gone, decimals are doubles.
static bool same_copied(const struct value *from, const struct value *to) {
    if (from->kind == VALUE_DECIMAL) {
        char a[600];
        char b[600];
        snprintf(a, sizeof a, "%.*s", (int)from->length, from->as.text);
        snprintf(b, sizeof b, "%.*s", (int)to->length, to->as.text);
        return to->kind == VALUE_DECIMAL && strtod(a, NULL) == strtod(b, NULL);
    }
    if (from->kind == VALUE_LIST) {
        bool same = to->kind == VALUE_LIST && to->length == from->length;
        for (uint32_t i = 0; same && i < from->length; i++) {
            same = same_copied(&from->as.items[i], &to->as.items[i]);
        }
        return same;
    }
    if (from->kind == VALUE_OBJECT) {
        const struct object *object = from->as.object;
        bool same = to->kind == VALUE_OBJECT;
        uint32_t left = 0;
        for (uint32_t i = 0; same && i < object->shape->count; i++) {
            if (!value_empty(&object->values[i])) {
                const struct value *found = object_find(to->as.object, object->shape->names[i]);
                same = found != NULL && same_copied(&object->values[i], found);
                left++;
            }
        }
        return same && left == to->as.object->shape->count;
    }
    return value_same(from, to);
}

static void check(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct value value;
    struct error error;
    struct mapped mapped;
    if (script == NULL) {
        open_script();
    }
    arena_init(&arena, 64 << 20);
    const struct sync *sync = script_sync(script);
    if (json_read((struct text){(const char *)data, size}, &arena, NULL, &value, &error) &&
        value.kind == VALUE_OBJECT && value.as.object->shape->count > 0) {
        const struct object *record = value.as.object;
        if (mapper_record(sync->mapper, sync->types[0].pull.function, record, &arena, &mapped, &error)) {
            struct value back = value_object(&mapped.records[0].fields);
            check(mapped.count == 1 && value_same(&value, &back), "an untouched record changed");
        }
        if (mapper_field(sync->mapper, sync->types[1].pull.rules[0].function, record, &arena, &mapped, &error)) {
            check(same_copied(&value, &mapped.value), "a copy differs");
        }
        mapper_record(sync->mapper, sync->types[2].pull.function, record, &arena, &mapped, &error);
        if (mapper_field(sync->mapper, sync->types[3].pull.rules[0].function, record, &arena, &mapped, &error)) {
            const struct value *whole = object_find(mapped.value.as.object, TEXT_LITERAL("whole"));
            check(whole != NULL && value_same(&value, whole), "a record inside a table changed");
        }
    }
    mapper_release(sync->mapper);
    arena_clear(&arena);
    return 0;
}
