#include "server/web_head.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

struct heads {
    int lengths, hosts, encodings, broken;
    const char *end; // of the line before: NULs in the place of its CRLF
};

static bool has_control(const char *value) {
    while (*value != '\0' && ((unsigned char)*value >= ' ' || *value == '\t') && *value != 0x7F) {
        value++;
    }
    return *value != '\0';
}

// The library ends names and values with NULs where they stand, so a line whose end was anything but CRLF, one that was
// left out, and one that was put together of two are told by where the next one stands.
static enum MHD_Result on_head(void *context, enum MHD_ValueKind kind, const char *key, size_t key_size,
                               const char *value, size_t value_size) {
    (void)kind;
    struct heads *heads = context;
    if (value == NULL || key != heads->end + 2 || key_size == 0 || strlen(key) != key_size ||
        strlen(value) != value_size || key[strcspn(key, " \t\r\n")] != '\0' || has_control(value)) {
        heads->broken++;
        return MHD_NO;
    }
    heads->end = value + value_size;
    heads->lengths += strcasecmp(key, "Content-Length") == 0;
    heads->hosts += strcasecmp(key, "Host") == 0;
    heads->encodings += strcasecmp(key, "Transfer-Encoding") == 0;
    return MHD_YES;
}

static const char *value_of(struct MHD_Connection *connection, const char *name) {
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value != NULL ? value : "";
}

static bool length_is_plain(const char *length) {
    int64_t bytes;
    return length[0] >= '0' && length[0] <= '9' && text_integer(text_of(length), &bytes);
}

bool web_head_check(struct MHD_Connection *connection, const char *version, const char **wrong) {
    struct heads heads = {.end = version + strlen(version)};
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, on_head, &heads);
    // Behind the last line there is the empty one and nothing else.
    for (size_t i = 0; heads.broken == 0 && i < 4; i++) {
        heads.broken += heads.end[i] != '\0';
    }
    bool needs_host = strcmp(version, "HTTP/1.1") == 0;
    *wrong = heads.broken > 0                       ? "a header is broken"
             : heads.lengths > 1                    ? "there is more than one Content-Length"
             : heads.hosts > 1                      ? "there is more than one Host"
             : heads.encodings > 1                  ? "there is more than one Transfer-Encoding"
             : heads.lengths > 0 && heads.encodings ? "a Content-Length stands beside a Transfer-Encoding"
             : heads.hosts == 0 && needs_host       ? "there is no Host"
                                                    : NULL;
    if (*wrong == NULL && heads.encodings > 0 &&
        strcasecmp(value_of(connection, "Transfer-Encoding"), "chunked") != 0) {
        *wrong = "the Transfer-Encoding is not chunked";
    }
    if (*wrong == NULL && heads.encodings > 0 && !needs_host) {
        *wrong = "a Transfer-Encoding needs HTTP/1.1";
    }
    if (*wrong == NULL && heads.lengths > 0 && !length_is_plain(value_of(connection, "Content-Length"))) {
        *wrong = "the Content-Length is no number";
    }
    return *wrong == NULL;
}
