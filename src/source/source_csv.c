#include "source/source_csv.h"

#include <inttypes.h>

#include "base/memory.h"
#include "format/format_csv.h"
#include "format/format_gzip.h"
#include "format/format_text.h"
#include "source/source_csv_files.h"
#include "source/source_csv_position.h"

enum { FILES_CEILING = 64 * 1024 * 1024 };

struct csv_source {
    struct source source;
    struct arena arena; // the files' names
    struct csv_files files;
    struct print identity; // of the files and how they are read
    enum encoding encoding;
    char delimiter; // NUL: by the file's name
    struct csv_reader *reader;

    size_t index;       // of the file in hand; files.count at the end
    struct stream *raw; // the file itself, owned by `stream`; NULL between files
    struct stream *stream;
    uint64_t before_bytes; // of the files that were read whole
};

// A setting that is one character; `fallback` when it is not there.
static bool take_mark(const struct object *settings, const char *key, char fallback, char *out, struct error *error) {
    struct value value = option_value(settings, key);
    *out = fallback;
    if (value.kind == VALUE_TEXT && value.length <= 1) {
        *out = value.length == 1 ? value.as.text[0] : '\0';
        return value.length == 0 || *out != '\0' || error_set(error, ERROR_OPTION_TYPE, "%s must not be NUL", key);
    }
    return value_empty(&value) || error_set(error, ERROR_OPTION_TYPE, "%s must be one character", key);
}

static bool take_columns(const struct source_setup *setup, struct arena *arena, struct csv_setup *out,
                         struct error *error) {
    struct value columns = option_value(setup->settings, "columns");
    if (columns.kind != VALUE_LIST || columns.length == 0) {
        return true;
    }
    struct text *names = arena_take(arena, columns.length * sizeof *names);
    if (names == NULL) {
        return error_memory(error);
    }
    for (uint32_t i = 0; i < columns.length; i++) {
        names[i] = value_slice(&columns.as.items[i]);
    }
    out->columns = names;
    out->column_count = columns.length;
    return true;
}

static bool open_reader(struct csv_source *csv, const struct source_setup *setup, struct error *error) {
    struct csv_setup reader = {.seed = setup->seed};
    struct value header = option_value(setup->settings, "header");
    struct text encoding = option_text(setup->settings, "encoding");
    reader.header = header.kind != VALUE_BOOL || header.as.boolean;
    csv->encoding = ENCODING_AUTO;
    if ((encoding.length > 0 && !encoding_find(encoding, &csv->encoding, error)) ||
        !take_mark(setup->settings, "delimiter", '\0', &csv->delimiter, error) ||
        !take_mark(setup->settings, "quote", '"', &reader.quote, error) ||
        !take_columns(setup, &csv->arena, &reader, error)) {
        return false;
    }
    reader.delimiter = csv->delimiter != '\0' ? csv->delimiter : ',';
    const char marks[] = {(char)csv->encoding, csv->delimiter, reader.quote, reader.header ? 'h' : '-'};
    csv->identity = print_join(print_of((struct text){marks, sizeof marks}, 0), csv_files_print(&csv->files, 0));
    return csv_open(&reader, &csv->reader, error);
}

// The files stand in the settings of the datasource or of the type, in one of the two.
static bool find_files(struct csv_source *csv, const struct source_setup *setup, struct error *error) {
    struct value shared = option_value(setup->settings, "file");
    struct value own = option_value(setup->type, "file");
    bool has_shared = shared.kind == VALUE_LIST && shared.length > 0;
    bool has_own = own.kind == VALUE_LIST && own.length > 0;
    if (has_shared == has_own) {
        return error_set(error, has_own ? ERROR_OPTION_TYPE : ERROR_OPTION_MISSING,
                         has_own ? "file is given twice, for the datasource and for the type %.*s; leave one out"
                                 : "there is no file for the type %.*s; give file = \"readings.csv\"",
                         TEXT_ARGS(setup->type_name));
    }
    return csv_files_find(has_own ? &own : &shared, setup->folder, &csv->arena, &csv->files, error);
}

static char delimiter_of(const struct csv_source *csv, const char *name, bool packed) {
    if (csv->delimiter != '\0') {
        return csv->delimiter;
    }
    return csv_file_ends(name, packed ? ".tsv.gz" : ".tsv") ? '\t' : ',';
}

static void close_file(struct csv_source *csv) {
    stream_close(csv->stream);
    csv->stream = NULL;
    csv->raw = NULL;
}

// Opens the file in hand and reads its header.
static bool open_file(struct csv_source *csv, struct error *error) {
    const struct csv_file *file = &csv->files.items[csv->index];
    bool packed = csv_file_ends(file->path, ".gz");
    struct stream *raw = NULL;
    if (!file_open(file->path, file->shown, &file->state, &raw, error)) {
        return false;
    }
    struct stream *stream = raw;
    if ((packed && !gzip_open(stream, &stream, error)) || !decode_open(stream, csv->encoding, &stream, error)) {
        return error_place(error, "%s", file->shown);
    }
    csv->raw = raw;
    csv->stream = stream;
    if (!csv_start(csv->reader, stream, delimiter_of(csv, file->path, packed), error)) {
        close_file(csv);
        return error_place(error, "%s", file->shown);
    }
    return true;
}

// Goes to where an earlier pass stood.
static bool resume(struct csv_source *csv, struct text text, struct error *error) {
    struct csv_position position = {.line = 1};
    if (text.length > 0 && (!csv_position_read(text, &position) || !print_same(position.identity, csv->identity) ||
                            position.index > csv->files.count)) {
        return error_set(error, ERROR_SOURCE_CHANGED,
                         "the files are not what they were when this pass began; they are read from the beginning");
    }
    for (csv->index = 0; csv->index < position.index; csv->index++) {
        csv->before_bytes += csv->files.items[csv->index].state.size;
    }
    if (csv->index == csv->files.count) {
        return true;
    }
    if (!open_file(csv, error)) {
        return false;
    }
    struct csv_mark mark = {position.offset, position.line, position.header};
    return !position.started || csv_seek(csv->reader, &mark, error) ||
           error_place(error, "%s", csv->files.items[csv->index].shown);
}

static void csv_source_close(struct source *source) {
    struct csv_source *csv = (struct csv_source *)source;
    if (csv != NULL) {
        close_file(csv);
        csv_close(csv->reader);
        arena_clear(&csv->arena);
        memory_free(csv);
    }
}

static bool csv_source_open(const struct source_setup *setup, struct source **out, struct error *error) {
    struct csv_source *csv = memory_zero(1, sizeof *csv);
    if (csv == NULL) {
        return error_memory(error);
    }
    csv->source.type = &source_csv;
    arena_init(&csv->arena, FILES_CEILING);
    if (!find_files(csv, setup, error) || !open_reader(csv, setup, error) || !resume(csv, setup->position, error)) {
        csv_source_close(&csv->source);
        return false;
    }
    *out = &csv->source;
    return true;
}

// Where the next pass would go on, and how far this one is.
static bool tell(const struct csv_source *csv, size_t shown, struct batch *batch, struct error *error) {
    struct csv_position position = {.index = csv->index, .line = 1, .identity = csv->identity};
    if (csv->stream != NULL) {
        struct csv_mark mark = csv_mark(csv->reader);
        position.started = true;
        position.offset = mark.offset;
        position.line = mark.line;
        position.header = mark.header;
    }
    struct text place = text_of(csv->files.items[shown].shown);
    if (!csv_position_write(&position, &batch->arena, &batch->position) ||
        !arena_text(&batch->arena, place, &batch->place)) {
        return error_memory(error);
    }
    batch->done_bytes = csv->before_bytes + (csv->raw != NULL ? file_done(csv->raw) : 0);
    batch->total_bytes = csv->files.total_bytes;
    batch->last = csv->index == csv->files.count;
    return true;
}

static bool csv_source_read(struct source *source, struct batch *batch, struct error *error) {
    struct csv_source *csv = (struct csv_source *)source;
    if (csv->index == csv->files.count) { // a pass that went on at the very end
        return tell(csv, csv->index - 1, batch, error);
    }
    if (csv->stream == NULL && !open_file(csv, error)) {
        return false;
    }
    size_t shown = csv->index;
    bool end = false;
    if (!csv_read(csv->reader, batch, &end, error)) {
        return error_place(error, "%s, from line %" PRIu64 " on", csv->files.items[shown].shown,
                           csv_mark(csv->reader).line);
    }
    if (end) {
        close_file(csv);
        csv->before_bytes += csv->files.items[shown].state.size;
        csv->index++;
    }
    return tell(csv, shown, batch, error);
}

static const struct option type_options[] = {
    {.key = "key",
     .type = OPTION_ANY,
     .required = true,
     .help = "The column whose value tells one record from another, or a list of columns that do so together."},
    {.key = "file",
     .type = OPTION_NAMES,
     .help = "The file or files of this type, when the datasource itself names none: a path, a glob, or a list."},
    {0},
};

static const struct option_list type_list = {
    "weir.csv.types",
    "One type of record that CSV files hold.",
    type_options,
};

static const struct option options[] = {
    {.key = "name",
     .type = OPTION_TEXT,
     .required = true,
     .help = "What this datasource is called; links to its records are kept under this name."},
    {.key = "file",
     .type = OPTION_NAMES,
     .help = "The file to read: a path, a glob such as \"readings-*.csv\", or a list of them, read in this order (a "
             "glob's files by name). Relative paths start in the script's folder. A name ending in .gz is inflated, "
             "and .tsv means tabs."},
    {.key = "delimiter",
     .type = OPTION_TEXT,
     .help = "The character between two fields. Left out, it is a tab for .tsv files and a comma for all others."},
    {.key = "quote",
     .type = OPTION_TEXT,
     .fallback = "\"\\\"\"",
     .help = "The character around fields that hold a delimiter, a quote or a line end; empty for none."},
    {.key = "header",
     .type = OPTION_BOOL,
     .fallback = "true",
     .help = "Whether the first line of each file names the columns."},
    {.key = "columns",
     .type = OPTION_NAMES,
     .help = "Names for the columns, in their order: needed without a header, and with one they take its place."},
    {.key = "encoding",
     .type = OPTION_TEXT,
     .fallback = "\"auto\"",
     .choices = ENCODING_NAMES,
     .help = "How the text is encoded. auto goes by the byte order mark and takes files without one for UTF-8."},
    {.key = "types",
     .type = OPTION_MAP,
     .required = true,
     .inner = type_options,
     .help = "The types of record that the files hold, by name: types = { reading = { key = \"id\" } }."},
    {0},
};

static const struct option_list option_list = {
    "weir.csv",
    "A datasource of CSV or TSV files. Rows that do not fit their header become dead letters with their line, column "
    "and reason; all others go in.",
    options,
};

const struct source_type source_csv = {
    .kind = "csv",
    .options = &option_list,
    .type_options = &type_list,
    .open = csv_source_open,
    .read = csv_source_read,
    .close = csv_source_close,
};
