#include "engine/merge.h"

#include "test.h"

// One text field goes through all that base, home and datasource can have in it: nothing (-), a, b, c; the datasource
// may also be silent (.), and the base may be missing as a whole (?).

enum { FIELDS_MAX = 3 };

struct rig {
    struct arena arena;
    struct error error;
    struct field fields[FIELDS_MAX];
    struct text names[FIELDS_MAX];
    struct shape shape;
    struct datatype datatype;
    struct value base[FIELDS_MAX];
    struct value home[FIELDS_MAX];
    struct value remote[FIELDS_MAX];
    struct form form;
    struct merge merge;
    struct merged merged;
};

static void rig_init(struct rig *rig, size_t count) {
    static const char *const names[FIELDS_MAX] = {"name", "value", "extras"};
    static const enum field_type types[FIELDS_MAX] = {FIELD_TEXT, FIELD_DECIMAL, FIELD_JSON};
    memset(rig, 0, sizeof *rig);
    arena_init(&rig->arena, 1024 * 1024);
    for (size_t i = 0; i < count; i++) {
        rig->names[i] = text_of(names[i]);
        rig->fields[i] = (struct field){.name = rig->names[i], .type = types[i]};
    }
    rig->shape = (struct shape){(uint32_t)count, rig->names};
    rig->datatype =
        (struct datatype){.name = TEXT_LITERAL("thing"), .fields = rig->fields, .count = count, .shape = &rig->shape};
    rig->form = (struct form){&rig->datatype, rig->remote, {.kind = VALUE_MISSING}};
    rig->merge = (struct merge){.datatype = &rig->datatype, .base = rig->base, .home = rig->home, .remote = &rig->form};
}

static struct value letter(char c) {
    static const char letters[] = "abc";
    if (c == '.') {
        return (struct value){.kind = VALUE_MISSING};
    }
    return c == '-' ? value_null() : value_text((struct text){strchr(letters, c), 1});
}

static char letter_of(const struct value *value) {
    return value->kind == VALUE_TEXT ? value->as.text[0] : '-';
}

static bool differ(char a, char b) {
    return (a == '.' ? '-' : a) != (b == '.' ? '-' : b);
}

// By field, in words of its own: who changed what, and who is heard.
static char expected_by_field(char base, char home, char remote) {
    if (remote == '.') {
        return home;
    }
    bool by_home = differ(home, base);
    bool by_remote = differ(remote, base);
    return by_remote ? remote : by_home ? home : remote;
}

static void check_cell(struct rig *rig, enum conflict_policy policy, bool newer, char base, char home, char remote) {
    char from = base == '?' ? '-' : base;
    bool home_wins = policy == CONFLICT_HOME || (policy == CONFLICT_NEWEST && newer);
    char wholly = home_wins || remote == '.' ? home : remote;
    char expected = policy == CONFLICT_FIELDS ? expected_by_field(from, home, remote) : wholly;
    char agreed = remote != '.' ? remote : base == '?' ? '-' : base;
    rig->base[0] = letter(from);
    rig->home[0] = letter(home);
    rig->remote[0] = letter(remote);
    rig->merge.base = base == '?' ? NULL : rig->base;
    rig->merge.policy = policy;
    rig->merge.home_is_newer = newer;
    CHECK_OK(merge_forms(&rig->merge, &rig->arena, &rig->merged, &rig->error), &rig->error);
    const struct merged *merged = &rig->merged;
    bool ok = letter_of(&merged->fields[0]) == expected && letter_of(&merged->agreed[0]) == agreed &&
              merged->home_lost == (differ(home, from) && differ(expected, home)) &&
              merged->remote_lost == (remote != '.' && differ(remote, from) && differ(expected, remote)) &&
              merged->same_as_home == !differ(expected, home) && merged->same_as_agreed == !differ(expected, agreed);
    if (!ok) {
        test_fail(__FILE__, __LINE__, "policy %d newer %d: base %c home %c datasource %c gave %c agreed %c lost %d %d",
                  (int)policy, newer, base, home, remote, letter_of(&merged->fields[0]), letter_of(&merged->agreed[0]),
                  merged->home_lost, merged->remote_lost);
    }
}

TEST(engine_merge, every_cell_of_every_policy_f11) {
    struct rig rig;
    rig_init(&rig, 1);
    static const char bases[] = "-abc?";
    static const char homes[] = "-abc";
    static const char remotes[] = "-abc.";
    static const enum conflict_policy policies[] = {CONFLICT_DATASOURCE, CONFLICT_HOME, CONFLICT_NEWEST,
                                                    CONFLICT_FIELDS};
    int cells = 0;
    for (size_t p = 0; p < 4; p++) {
        for (size_t b = 0; bases[b] != '\0'; b++) {
            for (size_t h = 0; homes[h] != '\0'; h++) {
                for (size_t r = 0; remotes[r] != '\0'; r++, cells++) {
                    check_cell(&rig, policies[p], false, bases[b], homes[h], remotes[r]);
                    check_cell(&rig, policies[p], true, bases[b], homes[h], remotes[r]);
                }
            }
        }
    }
    CHECK_INT(cells, 4 * 5 * 4 * 5);
    arena_clear(&rig.arena);
}

// A few cells by hand, so that the table above isn't the only reading of the rules.
TEST(engine_merge, each_side_keeps_its_own_change_f11) {
    struct rig rig;
    rig_init(&rig, 2);
    rig.merge.policy = CONFLICT_FIELDS;
    rig.base[0] = letter('a');
    rig.base[1] = value_decimal(text_of("12.50"));
    rig.home[0] = letter('b'); // home renamed it
    rig.home[1] = value_decimal(text_of("12.5"));
    rig.remote[0] = letter('a');
    rig.remote[1] = value_decimal(text_of("13")); // the datasource measured anew
    CHECK_OK(merge_forms(&rig.merge, &rig.arena, &rig.merged, &rig.error), &rig.error);
    CHECK_TEXT(value_slice(&rig.merged.fields[0]), "b");
    CHECK_TEXT(value_slice(&rig.merged.fields[1]), "13");
    CHECK_TEXT(value_slice(&rig.merged.agreed[0]), "a");
    CHECK(!rig.merged.home_lost && !rig.merged.remote_lost);
    CHECK(!rig.merged.same_as_home && !rig.merged.same_as_agreed);
    arena_clear(&rig.arena);
}

TEST(engine_merge, numbers_and_json_are_compared_by_meaning) {
    struct rig rig;
    rig_init(&rig, 3);
    rig.merge.policy = CONFLICT_FIELDS;
    static const struct text names[] = {{"x", 1}, {"y", 1}};
    static const struct text turned[] = {{"y", 1}, {"x", 1}};
    static const struct shape shape = {2, names}, other = {2, turned};
    struct value xy[2] = {value_integer(1), value_integer(2)};
    struct value yx[2] = {value_integer(2), value_integer(1)};
    struct value changed[2] = {value_integer(1), value_integer(3)};
    struct object base = {&shape, xy}, home = {&other, yx}, remote = {&shape, changed};
    rig.base[0] = rig.home[0] = rig.remote[0] = letter('a');
    rig.base[1] = value_decimal(text_of("12.50"));
    rig.home[1] = value_decimal(text_of("12.5"));
    rig.remote[1] = value_decimal(text_of("12.500"));
    rig.base[2] = value_object(&base);
    rig.home[2] = value_object(&home);
    rig.remote[2] = value_object(&remote);
    CHECK_OK(merge_forms(&rig.merge, &rig.arena, &rig.merged, &rig.error), &rig.error);
    CHECK(value_same(&rig.merged.fields[2], &rig.remote[2])); // a JSON field is one value: no merge inside it
    CHECK(!rig.merged.home_lost && !rig.merged.remote_lost && rig.merged.same_as_agreed);
    arena_clear(&rig.arena);
}

TEST(engine_merge, a_json_field_is_one_value) {
    struct rig rig;
    rig_init(&rig, 3);
    rig.merge.policy = CONFLICT_FIELDS;
    static const struct text names[] = {{"x", 1}, {"y", 1}};
    static const struct shape shape = {2, names};
    struct value at_base[2] = {value_integer(1), value_integer(1)};
    struct value at_home[2] = {value_integer(2), value_integer(1)};
    struct value at_remote[2] = {value_integer(1), value_integer(2)};
    struct object base = {&shape, at_base}, home = {&shape, at_home}, remote = {&shape, at_remote};
    rig.base[2] = value_object(&base);
    rig.home[2] = value_object(&home);
    rig.remote[2] = value_object(&remote);
    CHECK_OK(merge_forms(&rig.merge, &rig.arena, &rig.merged, &rig.error), &rig.error);
    CHECK(value_same(&rig.merged.fields[2], &rig.remote[2]));
    CHECK(rig.merged.home_lost && !rig.merged.remote_lost);
    arena_clear(&rig.arena);
}

// --- the script's own function ---

struct answers {
    struct mapper mapper;
    struct mapper_type type;
    bool base_was_nil;
    int what; // 0 base's, 1 home's, 2 the datasource's, 3 a table of its own, 4 nothing, 5 skip, 6 raises
    const char *name_of_home;
};

static bool answer(struct mapper *mapper, uint32_t function, const struct object *const *objects, size_t count,
                   struct arena *arena, struct mapped *out, struct error *error) {
    struct answers *answers = (struct answers *)mapper;
    static const struct text names[] = {{"name", 4}};
    static const struct shape shape = {1, names};
    static struct value value;
    static const struct object own = {&shape, &value};
    (void)arena;
    CHECK_INT(count, 3);
    CHECK_INT(function, 7);
    *out = (struct mapped){0};
    answers->base_was_nil = objects[0] == NULL;
    value = value_text(text_of("c"));
    if (answers->what == 6) {
        return error_set(error, ERROR_TRANSFORM, "it raised");
    }
    out->skipped = answers->what == 5;
    if (answers->what < 4) {
        out->value = value_object(answers->what == 3 ? &own : objects[answers->what]);
    }
    return true;
}

static bool ask(struct rig *rig, struct answers *answers, int what) {
    *answers = (struct answers){.what = what};
    answers->type.call = answer;
    answers->mapper.type = &answers->type;
    rig->merge.policy = CONFLICT_FUNCTION;
    rig->merge.mapper = &answers->mapper;
    rig->merge.function = 7;
    error_clear(&rig->error);
    return merge_forms(&rig->merge, &rig->arena, &rig->merged, &rig->error);
}

TEST(engine_merge, a_function_says_how_it_ends_f11) {
    struct rig rig;
    struct answers answers;
    rig_init(&rig, 2);
    rig.base[0] = letter('a');
    rig.home[0] = letter('b');
    rig.remote[0] = letter('a');
    rig.base[1] = value_integer(1);
    rig.home[1] = value_integer(2);
    rig.remote[1] = letter('.'); // not said
    CHECK_OK(ask(&rig, &answers, 1), &rig.error);
    CHECK(!answers.base_was_nil && rig.merged.same_as_home && !rig.merged.home_lost);
    CHECK_OK(ask(&rig, &answers, 2), &rig.error);
    CHECK_TEXT(value_slice(&rig.merged.fields[0]), "a");
    CHECK_INT(rig.merged.fields[1].as.integer, 2); // what its answer leaves out stays home's
    CHECK(rig.merged.home_lost && !rig.merged.same_as_agreed);
    CHECK_OK(ask(&rig, &answers, 3), &rig.error);
    CHECK_TEXT(value_slice(&rig.merged.fields[0]), "c");
    CHECK(rig.merged.home_lost && !rig.merged.remote_lost);
    rig.merge.base = NULL;
    CHECK_OK(ask(&rig, &answers, 1), &rig.error);
    CHECK(answers.base_was_nil);
    arena_clear(&rig.arena);
}

TEST(engine_merge, a_function_that_gives_nothing_is_an_error) {
    struct rig rig;
    struct answers answers;
    rig_init(&rig, 1);
    for (int what = 4; what <= 6; what++) {
        CHECK(!ask(&rig, &answers, what));
        CHECK(rig.error.code == ERROR_TRANSFORM && rig.error.scope == ERROR_RECORD);
    }
    arena_clear(&rig.arena);
}
