#include "base/quote.h"
#include "format/format_json_reader.h"

// Four hex digits, or -1.
static int32_t hex_read(const char *at, const char *end) {
    int32_t sum = 0;
    if (end - at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        sum = sum * 16 + digit;
    }
    return sum;
}

static char *utf8_write(char *to, uint32_t point) {
    if (point < 0x80) {
        *to++ = (char)point;
    } else if (point < 0x800) {
        *to++ = (char)(0xC0 | point >> 6);
        *to++ = (char)(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        *to++ = (char)(0xE0 | point >> 12);
        *to++ = (char)(0x80 | (point >> 6 & 0x3F));
        *to++ = (char)(0x80 | (point & 0x3F));
    } else {
        *to++ = (char)(0xF0 | point >> 18);
        *to++ = (char)(0x80 | (point >> 12 & 0x3F));
        *to++ = (char)(0x80 | (point >> 6 & 0x3F));
        *to++ = (char)(0x80 | (point & 0x3F));
    }
    return to;
}

// Behind `\u`: writes the character, two escapes together when it is a surrogate pair. Moves `at` on.
static char *unicode_read(struct json_reader *reader, const char **at, const char *end, char *to) {
    int32_t high = hex_read(*at, end);
    if (high < 0) {
        json_fail(reader, *at, ERROR_JSON_SYNTAX, "four hexadecimal digits are expected after \\u");
        return NULL;
    }
    uint32_t point = (uint32_t)high;
    const char *next = *at + 4;
    if (point >= 0xD800 && point <= 0xDFFF) {
        bool is_pair = point <= 0xDBFF && end - next >= 6 && next[0] == '\\' && next[1] == 'u';
        int32_t low = is_pair ? hex_read(next + 2, end) : -1;
        if (low < 0xDC00 || low > 0xDFFF) {
            json_fail(reader, *at - 2, ERROR_JSON_SYNTAX,
                      "half of a surrogate pair stands alone; it is no character, remove it");
            return NULL;
        }
        point = 0x10000 + ((point - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
        next += 6;
    }
    *at = next;
    return utf8_write(to, point);
}

static char plain_escape(char letter) {
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return letter;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return '\0';
    }
}

// Copies the raw string from `at` to `end` with its escapes replaced; no escape is shorter than what it stands for.
static bool string_unescape(struct json_reader *reader, const char *at, const char *end, struct text *out) {
    char *data = arena_take(reader->arena, (size_t)(end - at) + 1);
    if (data == NULL) {
        return error_memory(reader->error);
    }
    char *to = data;
    while (at < end) {
        const char *stop = memchr(at, '\\', (size_t)(end - at));
        size_t span = (size_t)((stop != NULL ? stop : end) - at);
        memcpy(to, at, span);
        to += span;
        at += span;
        if (stop == NULL) {
            break;
        }
        char letter = at[1];
        at += 2;
        if (letter == 'u') {
            to = unicode_read(reader, &at, end, to);
            if (to == NULL) {
                return false;
            }
        } else {
            *to = plain_escape(letter);
            if (*to++ == '\0') {
                return json_fail(reader, at - 2, ERROR_JSON_SYNTAX, "an unknown escape; double the backslash");
            }
        }
    }
    *to = '\0';
    *out = (struct text){data, (size_t)(to - data)};
    return true;
}

bool json_string(struct json_reader *reader, struct text *out) {
    const char *start = reader->at;
    const char *end = reader->end;
    const char *at = start;
    unsigned char seen = 0;
    bool has_escape = false;
    for (;;) {
        at = quote_scan(at, end, &seen);
        if (at == end || (*at == '\\' && end - at < 2)) {
            return json_fail(reader, start - 1, ERROR_JSON_SYNTAX, "the string that begins here is not closed");
        }
        if (*at == '"') {
            break;
        }
        if (*at != '\\') {
            return json_fail(reader, at, ERROR_JSON_SYNTAX,
                             "a control character stands in a string; write it as an escape such as \\n");
        }
        has_escape = true;
        at += 2; // what follows the backslash is looked at when it is replaced
    }
    struct text raw = {start, (size_t)(at - start)};
    size_t bad = 0;
    if ((seen & 0x80) != 0 || has_escape) {
        if (!text_utf8(raw, &bad)) {
            return json_fail(reader, start + bad, ERROR_ENCODING, "a string is not valid UTF-8 here");
        }
    }
    reader->at = at + 1;
    if (has_escape) {
        return string_unescape(reader, start, at, out);
    }
    *out = raw;
    return true;
}
