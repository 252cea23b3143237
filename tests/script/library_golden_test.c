// What a script reaches through require "weir", all of it, against tests/script/library_golden.txt, as
// sandbox_library_test.c does it for the globals. What is no table there can't be looked into, and not be changed.

#include <unistd.h>

#include "script_case.h"
#include "test.h"

static const char walker[] = "local weir = require 'weir'\n"
                             "local lines, seen = {}, {}\n"
                             "local function walk(path, value)\n"
                             "  lines[#lines + 1] = path .. ' ' .. type(value)\n"
                             "  if type(value) == 'userdata' then\n"
                             "    assert(getmetatable(value) == nil, path .. ' shows its metatable')\n"
                             "    assert(not pcall(function() value.x = 1 end), path .. ' can be written to')\n"
                             "    assert(not pcall(setmetatable, value, {}), path .. ' takes a metatable')\n"
                             "    assert(not pcall(rawset, value, 'x', 1), path .. ' can be set')\n"
                             "  elseif type(value) == 'table' and not seen[value] then\n"
                             "    seen[value] = true\n"
                             "    assert(getmetatable(value) == nil or type(getmetatable(value)) == 'table')\n"
                             "    for key, inner in next, value do walk(path .. '.' .. tostring(key), inner) end\n"
                             "    if getmetatable(value) then walk(path .. '(metatable)', getmetatable(value)) end\n"
                             "  end\n"
                             "end\n"
                             "walk('weir', weir)\n"
                             "assert(getmetatable('') == nil and not pcall(setmetatable, '', {}))\n"
                             "assert(weir == require 'weir')\n"
                             "table.sort(lines)\n"
                             "for _, line in ipairs(lines) do print(line) end\n";

static size_t walk(char *out, size_t size) {
    struct script_case c = {0};
    CHECK(!case_open(&c, walker));
    CHECK_INT(c.error.code, ERROR_SCRIPT_SHAPE); // it came to its end, and returned no sync
    size_t length = (size_t)snprintf(out, size, "%s", c.logged);
    CHECK(length < sizeof c.logged - 1 && length > 0); // nothing was cut
    case_close(&c);
    return length;
}

TEST(script_library, is_the_golden_list) {
    alarm(30);
    static char now[8192], golden[8192];
    size_t length = walk(now, sizeof now);
    const char *path = test_source_path("tests/script/library_golden.txt");
    const char *renew = getenv("WEIR_GOLDEN");
    if (renew != NULL && strcmp(renew, "renew") == 0) {
        test_write(path, now, length);
    }
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    golden[fread(golden, 1, sizeof golden - 1, file)] = '\0';
    fclose(file);
    CHECK_TEXT(text_of(now), golden);
}
