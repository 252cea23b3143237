#include "contract/store_contract_kit.h"

// Opening a home, and making it fit its datatypes.

static const struct field code = {.name = {"code", 4}, .type = FIELD_TEXT, .required = true};
static const struct field name = {.name = {"name", 4}, .type = FIELD_TEXT};

static bool prepare(struct kit *kit, const struct datatype *datatype) {
    return store_prepare(kit->store, &datatype, 1, TEXT_LITERAL("return {}"), &kit->error);
}

static bool refused(struct kit *kit, const struct datatype *datatype) {
    return !prepare(kit, datatype) && kit->error.code == ERROR_SCHEMA_CHANGE;
}

static const struct datatype *known(struct kit *kit, const char *datatype) {
    const struct datatype *out;
    CHECK_OK(kit->type->datatype(kit->store, text_of(datatype), kit->arena, &out, &kit->error), &kit->error);
    return out;
}

void contract_open_missing_home(const struct store_type *type, const char *folder) {
    struct error error;
    struct store *store;
    struct store_setup setup = {.folder = text_of(folder)};
    CHECK(!store_open(type, &setup, &store, &error));
    CHECK_INT(error.code, ERROR_HOME_MISSING);
    CHECK(store == NULL);
    setup.read_only = true;
    CHECK(!store_open(type, &setup, &store, &error));
    CHECK_INT(error.code, ERROR_HOME_MISSING);
    store_close(NULL);
}

void contract_open_again(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "1");
    kit_reopen(&kit);
    CHECK_INT(kit_record(&kit, kit.group, made.id).id, made.id);
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, made.id);
    kit_close(&kit);
}

void contract_open_read_only(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "1");
    struct kit reader = kit;
    struct store_setup setup = {.folder = kit.folder, .read_only = true};
    CHECK_OK(store_open(type, &setup, &reader.store, &reader.error), &reader.error);
    const struct datatype *group = known(&reader, "group");
    CHECK(group != NULL);
    CHECK_TEXT(value_slice(&kit_record(&reader, group, made.id).fields[shape_find(group->shape, code.name)]), "A");
    CHECK_INT(kit_link(&reader, kit_linkset(&reader, "wells", group, false), "a").home, made.id);
    store_close(reader.store);
    kit_close(&kit);
}

void contract_open_two_stores(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct kit other = kit;
    other.store = kit_another(&kit);
    other.groups = kit_linkset(&other, "wells", kit.group, false);
    struct effect first = kit_add_group(&kit, "a", "A", "1");
    struct effect second = kit_add_group(&other, "b", "B", "1");
    CHECK(first.id != second.id);
    CHECK_INT(kit_link(&other, other.groups, "a").home, first.id);
    CHECK_INT(kit_link(&kit, kit.groups, "b").home, second.id);
    CHECK_INT(kit_seq(&kit), 2);
    CHECK_INT(kit_seq(&other), 2);
    store_close(other.store);
    kit_close(&kit);
}

void contract_prepare_creates(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open_bare(&kit, type, folder);
    CHECK(known(&kit, "group") == NULL);
    kit_prepare(&kit);
    CHECK(known(&kit, "group") != NULL);
    CHECK(known(&kit, "reading") != NULL);
    CHECK(known(&kit, "grou") == NULL);
    struct kit_rows rows;
    kit_datatypes(&kit, &rows);
    CHECK_INT(rows.count, 2);
    bool in_order = text_is(rows.as.datatypes[0], "group");
    CHECK_TEXT(rows.as.datatypes[in_order ? 0 : 1], "group");
    CHECK_TEXT(rows.as.datatypes[in_order ? 1 : 0], "reading");
    kit_close(&kit);
}

void contract_prepare_again(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "1");
    int64_t seq = kit_seq(&kit);
    kit_prepare(&kit);
    CHECK_INT(kit_seq(&kit), seq);
    CHECK_INT(kit_record(&kit, kit.group, made.id).seq, seq);
    kit_close(&kit);
}

void contract_prepare_remembers(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open_bare(&kit, type, folder);
    const struct field fields[] = {
        code,
        {.name = TEXT_LITERAL("size"), .type = FIELD_DECIMAL, .required = true, .fallback = kit_decimal("12.50")},
        {.name = TEXT_LITERAL("part_of"), .type = FIELD_REF, .target = TEXT_LITERAL("area")},
        {.name = TEXT_LITERAL("more"), .type = FIELD_JSON},
        {.name = TEXT_LITERAL("seen_at"), .type = FIELD_TIME},
    };
    const uint32_t key[] = {2, 0};
    CHECK_OK(prepare(&kit, kit_datatype(&kit, "plot", fields, 5, key, 2, true)), &kit.error);
    kit_reopen(&kit);
    const struct datatype *plot = known(&kit, "plot");
    CHECK(plot != NULL);
    CHECK_INT(plot->count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        uint32_t place = shape_find(plot->shape, fields[i].name);
        CHECK(place < 5);
        const struct field *field = &plot->fields[place];
        CHECK(text_same(field->name, fields[i].name));
        CHECK_INT(field->type, fields[i].type);
        CHECK(field->required == fields[i].required);
        CHECK(text_same(field->target, fields[i].target));
        CHECK_INT(field->fallback.kind, fields[i].fallback.kind);
    }
    CHECK_TEXT(value_slice(&plot->fields[shape_find(plot->shape, text_of("size"))].fallback), "12.50");
    CHECK_INT(plot->key_count, 2);
    CHECK_TEXT(plot->fields[plot->key[0]].name, "part_of");
    CHECK_TEXT(plot->fields[plot->key[1]].name, "code");
    CHECK(plot->keeps_extra);
    CHECK(!known(&kit, "reading")->keeps_extra);
    kit_close(&kit);
}

void contract_prepare_extends(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "1");
    const struct field fields[] = {
        {.name = TEXT_LITERAL("first"), .type = FIELD_INTEGER},
        code,
        name,
        {.name = TEXT_LITERAL("size"), .type = FIELD_DECIMAL, .required = true, .fallback = kit_decimal("1.50")},
    };
    const uint32_t key[] = {1};
    const struct datatype *wider = kit_datatype(&kit, "group", fields, 4, key, 1, true);
    CHECK_OK(prepare(&kit, wider), &kit.error);
    CHECK_INT(known(&kit, "group")->count, 4);
    struct home_row row = kit_record(&kit, wider, made.id);
    CHECK_INT(row.fields[0].kind, VALUE_NULL);
    CHECK_TEXT(value_slice(&row.fields[1]), "A");
    CHECK_TEXT(value_slice(&row.fields[2]), "a group");
    CHECK_INT(row.fields[3].kind, VALUE_DECIMAL);
    CHECK_TEXT(value_slice(&row.fields[3]), "1.50");

    const struct value values[] = {value_integer(5), kit_text("B"), value_null(), kit_decimal("2")};
    kit.groups = kit_linkset(&kit, "wells", wider, false);
    struct effect other = kit_create(&kit, wider, kit.groups, "b", values, "1");
    kit_commit_effects(&kit, &other, 1);
    row = kit_record(&kit, wider, other.id);
    CHECK_INT(row.fields[0].as.integer, 5);
    CHECK_TEXT(value_slice(&row.fields[3]), "2");
    kit_close(&kit);
}

void contract_prepare_required_needs_default(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct field fields[] = {code, name, {.name = TEXT_LITERAL("size"), .type = FIELD_DECIMAL, .required = true}};
    const uint32_t key[] = {0};
    const struct datatype *wider = kit_datatype(&kit, "group", fields, 3, key, 1, true);
    kit_add_group(&kit, "a", "A", "1");
    CHECK(refused(&kit, wider));
    CHECK_INT(known(&kit, "group")->count, 2);
    kit_close(&kit);
}

void contract_prepare_required_on_empty_table(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct field fields[] = {code, name, {.name = TEXT_LITERAL("size"), .type = FIELD_DECIMAL, .required = true}};
    const uint32_t key[] = {0};
    CHECK_OK(prepare(&kit, kit_datatype(&kit, "group", fields, 3, key, 1, true)), &kit.error);
    CHECK_INT(known(&kit, "group")->count, 3);
    kit_close(&kit);
}

void contract_prepare_refuses_changed_type(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "1");
    const struct field fields[] = {code, {.name = TEXT_LITERAL("name"), .type = FIELD_INTEGER}};
    const uint32_t key[] = {0};
    CHECK(refused(&kit, kit_datatype(&kit, "group", fields, 2, key, 1, true)));
    CHECK(strstr(kit.error.message, "name") != NULL);
    CHECK_INT(known(&kit, "group")->fields[1].type, FIELD_TEXT);
    CHECK_TEXT(value_slice(&kit_record(&kit, kit.group, made.id).fields[GROUP_NAME]), "a group");
    kit_close(&kit);
}

void contract_prepare_refuses_lost_data(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect made = kit_add_group(&kit, "a", "A", "1");
    const uint32_t key[] = {0};
    CHECK(refused(&kit, kit_datatype(&kit, "group", &code, 1, key, 1, true)));
    CHECK(strstr(kit.error.message, "name") != NULL);
    CHECK_INT(known(&kit, "group")->count, 2);
    CHECK_TEXT(value_slice(&kit_record(&kit, kit.group, made.id).fields[GROUP_NAME]), "a group");
    kit_close(&kit);
}

void contract_prepare_drops_empty_field(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct value fields[GROUP_FIELDS] = {kit_text("A"), value_null()};
    struct effect made = kit_create(&kit, kit.group, kit.groups, "a", fields, "1");
    kit_commit_effects(&kit, &made, 1);
    const uint32_t key[] = {0};
    const struct datatype *narrower = kit_datatype(&kit, "group", &code, 1, key, 1, true);
    CHECK_OK(prepare(&kit, narrower), &kit.error);
    CHECK_TEXT(value_slice(&kit_record(&kit, narrower, made.id).fields[0]), "A");
    kit_close(&kit);
}

void contract_prepare_is_all_or_nothing(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_add_group(&kit, "a", "A", "1");
    const struct field wider[] = {code, name, {.name = TEXT_LITERAL("size"), .type = FIELD_DECIMAL}};
    const uint32_t key[] = {0};
    const struct datatype *datatypes[] = {
        kit_datatype(&kit, "plot", &code, 1, key, 1, false),
        kit_datatype(&kit, "reading", wider, 3, key, 1, false), // all its fields are lost, but it holds nothing
        kit_datatype(&kit, "group", &code, 1, key, 1, true),
    };
    CHECK(!store_prepare(kit.store, datatypes, 3, TEXT_LITERAL("return 2"), &kit.error));
    CHECK_INT(kit.error.code, ERROR_SCHEMA_CHANGE);
    CHECK(known(&kit, "plot") == NULL);
    CHECK_INT(known(&kit, "reading")->count, READING_FIELDS);
    kit_add_reading(&kit, "r", 5, "1");
    kit_reopen(&kit);
    CHECK(known(&kit, "plot") == NULL);
    kit_close(&kit);
}

void contract_prepare_many_fields(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open_bare(&kit, type, folder);
    static struct field fields[DATATYPE_FIELDS_MAX];
    static struct value values[DATATYPE_FIELDS_MAX];
    for (size_t i = 0; i < DATATYPE_FIELDS_MAX; i++) {
        char *text = arena_print(kit.arena, "field_%zu", i);
        CHECK(text != NULL);
        fields[i] = (struct field){.name = text_of(text), .type = FIELD_INTEGER};
        values[i] = value_integer((int64_t)i);
    }
    const struct datatype *wide = kit_datatype(&kit, "order", fields, DATATYPE_FIELDS_MAX, NULL, 0, false);
    CHECK_OK(prepare(&kit, wide), &kit.error);
    struct effect made = kit_create(&kit, wide, kit_linkset(&kit, "wells", wide, false), "a", values, "1");
    kit_commit_effects(&kit, &made, 1);
    struct home_row row = kit_record(&kit, wide, made.id);
    for (size_t i = 0; i < DATATYPE_FIELDS_MAX; i++) {
        CHECK_INT(row.fields[i].as.integer, i);
    }
    kit_close(&kit);
}
