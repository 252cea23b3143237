#include "base/visible.h"

#include <stdint.h>
#include <stdio.h>

// One thing to write: the bytes themselves when they are harmless, else an escape.
struct glyph {
    struct text bytes;
    size_t width;
    char escape[12];
};

// Code points that take two columns; close enough for tables, without the machine's locale.
static const uint32_t wide[][2] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

// Marks that sit on the character before them.
static const uint32_t combining[][2] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};

// C1 controls, invisible marks and everything that turns the direction of reading.
static const uint32_t hidden[][2] = {
    {0x0080, 0x009F}, {0x061C, 0x061C}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x2069}, {0xFEFF, 0xFEFF},
};

static bool is_within(const uint32_t ranges[][2], size_t count, uint32_t code) {
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i][0] && code <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}
#define IS_WITHIN(ranges, code) is_within(ranges, sizeof(ranges) / sizeof(ranges)[0], code)

static size_t sequence_length(unsigned char first) {
    return first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
}

static uint32_t code_of(const char *data, size_t length) {
    unsigned char first = (unsigned char)data[0];
    uint32_t code = length == 1 ? first : first & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        code = code << 6 | ((unsigned char)data[i] & 0x3Fu);
    }
    return code;
}

static void escape_byte(struct glyph *glyph, unsigned char byte) {
    static const char *const names[] = {['\t'] = "\\t", ['\n'] = "\\n", ['\r'] = "\\r"};
    if (byte < sizeof names / sizeof names[0] && names[byte] != NULL) {
        snprintf(glyph->escape, sizeof glyph->escape, "%s", names[byte]);
    } else {
        snprintf(glyph->escape, sizeof glyph->escape, "\\x%02x", byte);
    }
    glyph->bytes = text_of(glyph->escape);
    glyph->width = glyph->bytes.length;
}

// Takes the next character off the text.
static void glyph_next(struct text *text, struct glyph *glyph) {
    unsigned char first = (unsigned char)text->data[0];
    size_t length = sequence_length(first);
    if (length == 0 || length > text->length || !text_utf8((struct text){text->data, length}, NULL)) {
        length = 1;
        escape_byte(glyph, first);
    } else if (first < 0x20 || first == 0x7F) {
        escape_byte(glyph, first);
    } else {
        uint32_t code = code_of(text->data, length);
        if (IS_WITHIN(hidden, code)) {
            snprintf(glyph->escape, sizeof glyph->escape, "\\u%04x", (unsigned)code);
            glyph->bytes = text_of(glyph->escape);
            glyph->width = glyph->bytes.length;
        } else {
            glyph->bytes = (struct text){text->data, length};
            glyph->width = IS_WITHIN(combining, code) ? 0 : IS_WITHIN(wide, code) ? 2 : 1;
        }
    }
    text->data += length;
    text->length -= length;
}

size_t visible_width(struct text text) {
    size_t width = 0;
    while (text.length > 0) {
        struct glyph glyph;
        glyph_next(&text, &glyph);
        width += glyph.width;
    }
    return width;
}

// Whether the rest of the text fits into `width` columns; looks no further than it must.
static bool rest_fits(struct text text, size_t width) {
    size_t used = 0;
    while (text.length > 0) {
        struct glyph glyph;
        glyph_next(&text, &glyph);
        used += glyph.width;
        if (used > width) {
            return false;
        }
    }
    return true;
}

size_t visible_write(struct buffer *buffer, struct text text, size_t width) {
    bool cut = width > 0 && !rest_fits(text, width);
    size_t room = cut ? width - 1 : SIZE_MAX; // one column for the ellipsis
    size_t used = 0;
    while (text.length > 0) {
        struct glyph glyph;
        glyph_next(&text, &glyph);
        if (glyph.width > room - used) {
            break;
        }
        buffer_text(buffer, glyph.bytes);
        used += glyph.width;
    }
    if (cut) {
        buffer_string(buffer, "…");
        used++;
    }
    return used;
}
