// The one list of what weir's own tables take. docs/reference/options.md is made from it.

#include "script/script_option.h"

static const struct option option_errors[] = {
    {"retry", OPTION_INTEGER, false, "5", NULL, NULL, "How often a page that failed in passing is tried again."},
    {"stop_after", OPTION_SHARE, false, "100", NULL, NULL,
     "How many records may fail before the run stops: a count, a share of those read such as \"5%\", or 0 for no "
     "limit."},
    {0},
};

static const struct option option_deletes[] = {
    {"at_most", OPTION_SHARE, false, "\"5%\"", NULL, NULL,
     "How many of a type's records one run may delete: a count, or a share such as \"5%\". More wait until somebody "
     "approves them."},
    {0},
};

static const struct option option_limits[] = {
    {"time", OPTION_SPAN, false, NULL, NULL, NULL, "How long a run may take: \"2h\"."},
    {"cpu", OPTION_SPAN, false, NULL, NULL, NULL, "How long a run may compute: \"1h\"; whole seconds count."},
    {"memory", OPTION_SIZE, false, NULL, NULL, NULL, "How much memory a run may take: \"512MB\", 128MB at least."},
    {0},
};

const struct option option_sync[] = {
    {"datasource", OPTION_ANY, true, NULL, NULL, NULL, "The system at the other end: weir.csv { … }, weir.http { … }."},
    {"datatypes", OPTION_ANY, true, NULL, NULL, NULL,
     "The datatypes of home by name, mostly a module: require \"ourwater\"."},
    {"types", OPTION_NAMES, true, NULL, NULL, NULL, "The datatypes to bring over, in this order."},
    {"direction", OPTION_TEXT, false, "\"pull\"", "pull|push|both", NULL,
     "Which way records go: pull brings them home, push takes them from home to the datasource; with both, pull comes "
     "first."},
    {"pull", OPTION_ANY, false, NULL, NULL, NULL,
     "For each type a table of home's fields, or a function of the whole record; without one, fields of the same name "
     "are copied."},
    {"push", OPTION_ANY, false, NULL, NULL, NULL,
     "For each type that goes out a table of the datasource's fields, a function of home's whole record, or true for "
     "fields of the same name. In the table, `when` and `back` are weir's own words."},
    {"conflict", OPTION_ANY, false, NULL, NULL, NULL,
     "Who wins where both sides changed a record: \"datasource\" (without it, what a pull does), \"home\" (a push), "
     "\"fields\" (both: each side's own fields, the datasource's where both changed one), \"newest\", or a "
     "function(base, home, remote) that gives the fields. What loses is kept: weir conflicts."},
    {"deletes", OPTION_TABLE, false, NULL, NULL, option_deletes,
     "Carry deletes over. Without it, what is deleted at one end is kept at the other, and reported."},
    {"every", OPTION_SPAN, false, NULL, NULL, NULL, "How often the sync runs by itself: \"15m\", \"1d\"."},
    {"cron", OPTION_TEXT, false, NULL, NULL, NULL,
     "When the sync runs by itself, by the calendar: \"0 3 * * *\" is every day at three; minute, hour, day of the "
     "month, month, day of the week, or @daily and its like. Instead of every."},
    {"zone", OPTION_TEXT, false, NULL, NULL, NULL, "Whose clock cron goes by: \"Asia/Kolkata\"; without it, UTC's."},
    {"jitter", OPTION_SPAN, false, NULL, NULL, NULL,
     "How much later than planned a run may begin, so that not all begin at once: \"2m\"."},
    {"exclusive", OPTION_BOOL, false, "false", NULL, NULL,
     "Whether the organisation's data is closed to others while the sync runs."},
    {"limits", OPTION_TABLE, false, "{}", NULL, option_limits,
     "What a run that a service starts may take, where that is less than the service allows."},
    {"on_crash", OPTION_TEXT, false, "\"resume\"", "resume|fail", NULL,
     "What a service does with a run whose process died: go on with it, or let it count as failed."},
    {"template", OPTION_BOOL, false, "false", NULL, NULL,
     "Whether syncs may be made of this script: a file NAME.json in an organisation's folder names it and gives its "
     "parameters."},
    {"params", OPTION_ANY, false, NULL, NULL, NULL, "What is given with each run: { file = weir.param.file }."},
    {"once", OPTION_BOOL, false, "false", NULL, NULL, "Whether the sync runs once and is done for good."},
    {"errors", OPTION_TABLE, false, "{}", NULL, option_errors, "How much may go wrong."},
    {"org", OPTION_TEXT, false, NULL, NULL, NULL,
     "The organisation; only for a script that stands elsewhere than in syncs/ORG/."},
    {"name", OPTION_TEXT, false, NULL, NULL, NULL, "The sync's name; without it, the file's."},
    {0},
};

const struct option option_datatype[] = {
    {"key", OPTION_NAMES, false, NULL, NULL, NULL, "The fields that together tell one record from another."},
    {"extra", OPTION_TEXT, false, "\"refuse\"", "refuse|keep", NULL,
     "What becomes of fields that are not declared: refuse the record, or keep them in the column extra."},
    {"derive", OPTION_ANY, false, NULL, NULL, NULL,
     "Fields that are computed: { field = function(record, refs) … end }, whenever the record changes or one that it "
     "refers to. refs.other is the record that the reference `other` leads to."},
    {0},
};

const struct option option_field[] = {
    {"required", OPTION_BOOL, false, "false", NULL, NULL, "Whether a record without this field is refused."},
    {"default", OPTION_ANY, false, NULL, NULL, NULL, "The value of a new record that says nothing of this field."},
    {0},
};

const struct option option_time[] = {
    {"formats", OPTION_NAMES, false, "\"iso\"", NULL, NULL,
     "How the time is written: \"YYYY/MM/DD\", \"iso\", \"epoch_ms\"; with several, the first that fits is taken."},
    {"zone", OPTION_TEXT, false, "\"UTC\"", NULL, NULL,
     "Where the clock stood when the text does not say: \"Asia/Kolkata\", \"+05:30\"."},
    {0},
};

const struct option option_map[] = {
    {"default", OPTION_ANY, false, NULL, NULL, NULL,
     "What a value becomes that is not in the map; without one, its record fails."},
    {0},
};

const struct option option_ref[] = {
    {"datasource", OPTION_TEXT, false, NULL, NULL, NULL,
     "Whose ids these are, when they are not the sync's own datasource's."},
    {0},
};

const struct option option_link[] = {
    {"part", OPTION_INTEGER, false, NULL, NULL, NULL, "Which part of an id of several parts, from 1; without it, all."},
    {"number", OPTION_BOOL, false, "false", NULL, NULL, "Whether the datasource wants it as a number, not as a text."},
    {"datasource", OPTION_TEXT, false, NULL, NULL, NULL,
     "Whose id is meant, when it is not the sync's own datasource's."},
    {0},
};

// Not read as options: the other names in the table are the datasource's fields.
static const struct option option_push[] = {
    {"when", OPTION_FUNCTION, false, NULL, NULL, NULL, "Given home's record: whether it goes out at all."},
    {"back", OPTION_ANY, false, NULL, NULL, NULL,
     "What the datasource's reply gives back into home: home's fields, each with a field of the reply, a rule such as "
     "weir.text \"number\", or a function(record, reply)."},
    {0},
};

const struct option option_param[] = {
    {"default", OPTION_ANY, false, NULL, NULL, NULL, "The value when none is given; without one, it must be given."},
    {"help", OPTION_TEXT, false, NULL, NULL, NULL, "What the parameter is for, in one sentence."},
    {0},
};

const struct option option_datasource[] = {
    {"name", OPTION_TEXT, true, NULL, NULL, NULL,
     "The name under which home remembers this datasource's ids. Syncs with the same name share them."},
    {"types", OPTION_MAP, true, NULL, NULL, NULL,
     "The types of records that the datasource has, each with its options."},
    {0},
};

const struct option option_type_common[] = {
    {"key", OPTION_ANY, true, NULL, NULL, NULL,
     "The source's fields that together are a record's id: \"id\", { \"postcode\", \"id\" }, weir.path(\"a\", \"b\")."},
    {0},
};

static const struct option_list list_sync = {
    "weir.sync", "What a script returns: where records come from, which way they go, and how they change on it.",
    option_sync};
static const struct option_list list_datatype = {
    "weir.datatype",
    "A kind of record in home. Every other name in the table is a field with its type: \"text\", "
    "\"integer\", \"decimal\", \"bool\", \"time\", \"json\", weir.ref \"other\" or weir.field.",
    option_datatype};
static const struct option_list list_field = {"weir.field", "A field with more to say than its type.", option_field};
static const struct option_list list_time = {"weir.time", "A date or a time read from a text or a number.",
                                             option_time};
static const struct option_list list_map = {"weir.map", "One value for another, by a table.", option_map};
static const struct option_list list_ref = {"weir.ref", "Another record, found by its id in a datasource.", option_ref};
static const struct option_list list_link = {
    "weir.link", "In push: the id by which the datasource knows the record that a reference leads to.", option_link};
static const struct option_list list_push = {
    "a type of push",
    "How a record of home goes out. Every other name is a field of the datasource with what goes into it.",
    option_push};
static const struct option_list list_param = {
    "weir.param", "A parameter of a sync: weir.param.text, .integer, .bool or .file.", option_param};
static const struct option_list list_datasource = {
    "a datasource", "What weir.csv and every other datasource takes beside its own options.", option_datasource};
static const struct option_list list_type = {
    "a datasource's type", "What each of a datasource's types takes beside its own options.", option_type_common};

const struct option_list *const *script_options(size_t *count) {
    static const struct option_list *const lists[] = {&list_sync,  &list_push,       &list_datatype, &list_field,
                                                      &list_time,  &list_map,        &list_ref,      &list_link,
                                                      &list_param, &list_datasource, &list_type};
    *count = sizeof lists / sizeof *lists;
    return lists;
}
