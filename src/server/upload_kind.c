#include "server/upload_kind.h"

#include <strings.h>

static const char *const names[UPLOAD_KINDS] = {"unknown", "csv", "tsv", "json", "zip", "csv.gz", "tsv.gz", "json.gz"};

const char *upload_kind_name(enum upload_kind kind) {
    return names[kind];
}

bool upload_kind_of(struct text name, enum upload_kind *out) {
    for (int kind = 0; kind < UPLOAD_KINDS; kind++) {
        if (text_is(name, names[kind])) {
            *out = (enum upload_kind)kind;
            return true;
        }
    }
    return false;
}

static bool ends(struct text name, const char *ending) {
    size_t length = strlen(ending);
    return name.length >= length && strncasecmp(name.data + name.length - length, ending, length) == 0;
}

static enum upload_kind packed(enum upload_kind kind) {
    switch (kind) {
    case UPLOAD_TSV:
        return UPLOAD_TSV_GZ;
    case UPLOAD_JSON:
        return UPLOAD_JSON_GZ;
    default:
        return UPLOAD_CSV_GZ;
    }
}

enum upload_kind upload_kind_by_name(struct text name) {
    static const struct {
        const char *ending;
        enum upload_kind kind;
    } endings[] = {{".csv", UPLOAD_CSV},     {".txt", UPLOAD_CSV},   {".tsv", UPLOAD_TSV},
                   {".tab", UPLOAD_TSV},     {".json", UPLOAD_JSON}, {".jsonl", UPLOAD_JSON},
                   {".ndjson", UPLOAD_JSON}, {".zip", UPLOAD_ZIP},   {".gz", UPLOAD_CSV_GZ}};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (ends(name, endings[i].ending)) {
            if (endings[i].kind != UPLOAD_CSV_GZ) {
                return endings[i].kind;
            }
            return packed(upload_kind_by_name((struct text){name.data, name.length - strlen(".gz")}));
        }
    }
    return UPLOAD_UNTOLD;
}

// By what stands in a plain text: an object or a list is JSON, and a first line with more tabs than commas is TSV.
static enum upload_kind kind_of_text(struct text head) {
    size_t tabs = 0, commas = 0;
    if (head.length >= 3 && memcmp(head.data, "\xEF\xBB\xBF", 3) == 0) {
        head = (struct text){head.data + 3, head.length - 3};
    }
    struct text trimmed = text_trim(head);
    if (trimmed.length > 0 && (trimmed.data[0] == '{' || trimmed.data[0] == '[')) {
        return UPLOAD_JSON;
    }
    for (size_t i = 0; i < head.length && head.data[i] != '\n' && head.data[i] != '\r'; i++) {
        tabs += head.data[i] == '\t';
        commas += head.data[i] == ',';
    }
    return tabs > commas ? UPLOAD_TSV : UPLOAD_CSV;
}

bool upload_kind_find(struct text name, struct text head, enum upload_kind *out, struct error *error) {
    enum upload_kind named = upload_kind_by_name(name);
    bool is_zip = head.length >= 4 && (memcmp(head.data, "PK\3\4", 4) == 0 || memcmp(head.data, "PK\5\6", 4) == 0);
    bool is_gzip = head.length >= 2 && memcmp(head.data, "\x1F\x8B", 2) == 0;
    if (is_zip) {
        *out = UPLOAD_ZIP;
    } else if (is_gzip) {
        *out = named >= UPLOAD_CSV_GZ ? named : packed(named);
    } else if (named == UPLOAD_ZIP || named >= UPLOAD_CSV_GZ) {
        return error_set(error, ERROR_UPLOAD_DIFFERS,
                         "the upload is called a %s and is none; delete it and send the file again",
                         named == UPLOAD_ZIP ? "zip" : "gzip file");
    } else {
        *out = named != UPLOAD_UNTOLD ? named : kind_of_text(head);
    }
    return true;
}
