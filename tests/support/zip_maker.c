#include "zip_maker.h"

#include <stdlib.h>
#include <zlib.h>

#include "test.h"

enum { CEILING = 1 << 28 };

static void put(struct buffer *out, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++) {
        buffer_byte(out, (char)(value >> 8 * i & 0xFF));
    }
}

void zip_maker_init(struct zip_maker *maker) {
    buffer_init(&maker->bytes, CEILING);
    buffer_init(&maker->list, CEILING);
    maker->count = maker->last = 0;
}

void zip_maker_clear(struct zip_maker *maker) {
    buffer_clear(&maker->bytes);
    buffer_clear(&maker->list);
}

// What both headers say in the same words.
struct told {
    uint64_t method, crc, packed, size, at;
};

static void put_common(struct buffer *out, const struct zip_made *entry, const struct told *told, bool wide) {
    put(out, entry->wide ? 45 : 20, 2);
    put(out, entry->flags, 2);
    put(out, told->method, 2);
    put(out, 0x5A210000, 4); // a date
    put(out, told->crc, 4);
    put(out, wide ? UINT32_MAX : told->packed, 4);
    put(out, wide ? UINT32_MAX : told->size, 4);
}

static void put_list(struct zip_maker *maker, const struct zip_made *entry, const struct told *told) {
    struct buffer *out = &maker->list;
    buffer_string(out, "PK\1\2");
    put(out, 3 << 8 | 20, 2); // made on Unix
    put_common(out, entry, told, entry->wide);
    put(out, entry->name.length, 2);
    put(out, entry->wide ? 28 : 0, 2);
    put(out, 0, 2); // comment
    put(out, 0, 2); // disk
    put(out, 0, 2);
    put(out, (uint64_t)entry->mode << 16, 4);
    put(out, entry->wide ? UINT32_MAX : told->at, 4);
    buffer_text(out, entry->name);
    if (entry->wide) {
        put(out, 1, 2);
        put(out, 24, 2);
        put(out, told->size, 8);
        put(out, told->packed, 8);
        put(out, told->at, 8);
    }
    maker->count++;
}

static size_t pack(struct text content, unsigned char *room, size_t size) {
    z_stream deflater = {0};
    CHECK(deflateInit2(&deflater, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    deflater.next_in = (unsigned char *)(uintptr_t)content.data;
    deflater.avail_in = (unsigned)content.length;
    deflater.next_out = room;
    deflater.avail_out = (unsigned)size;
    CHECK(deflate(&deflater, Z_FINISH) == Z_STREAM_END);
    size_t packed = deflater.total_out;
    deflateEnd(&deflater);
    return packed;
}

void zip_maker_add(struct zip_maker *maker, const struct zip_made *entry) {
    size_t room = entry->content.length + entry->content.length / 1000 + 64;
    unsigned char *packed = malloc(room);
    CHECK(packed != NULL);
    struct text bytes = entry->content;
    if (entry->deflate) {
        bytes = (struct text){(const char *)packed, pack(entry->content, packed, room)};
    }
    struct text name = entry->header.length > 0 ? entry->header : entry->name;
    struct told told = {.method = entry->deflate ? 8 : 0, .packed = bytes.length, .size = entry->content.length};
    told.crc = crc32(0, (const unsigned char *)entry->content.data, (unsigned)entry->content.length);
    told.crc = entry->said_crc != 0 ? entry->said_crc : told.crc;
    told.size = entry->said_size != 0 ? entry->said_size : told.size;
    told.method = entry->method != 0 ? entry->method : told.method;
    if (!entry->shares) {
        maker->last = maker->bytes.length;
        buffer_string(&maker->bytes, "PK\3\4");
        put_common(&maker->bytes, entry, &told, false);
        put(&maker->bytes, name.length, 2);
        put(&maker->bytes, 0, 2);
        buffer_text(&maker->bytes, name);
        buffer_text(&maker->bytes, bytes);
    }
    told.at = maker->last + entry->shifted_by;
    put_list(maker, entry, &told);
    CHECK(!maker->bytes.failed && !maker->list.failed);
    free(packed);
}

void zip_maker_file(struct zip_maker *maker, const char *name, struct text content) {
    zip_maker_add(maker, &(struct zip_made){.name = text_of(name), .content = content, .deflate = true});
}

struct text zip_maker_end(struct zip_maker *maker, bool wide) {
    struct buffer *out = &maker->bytes;
    uint64_t start = out->length;
    buffer_text(out, buffer_view(&maker->list));
    uint64_t end = out->length;
    if (wide) {
        buffer_string(out, "PK\6\6");
        put(out, 44, 8);
        put(out, 45 << 16 | 45, 4);
        put(out, 0, 8); // disks
        put(out, maker->count, 8);
        put(out, maker->count, 8);
        put(out, maker->list.length, 8);
        put(out, start, 8);
        buffer_string(out, "PK\6\7");
        put(out, 0, 4);
        put(out, end, 8);
        put(out, 1, 4);
    }
    buffer_string(out, "PK\5\6");
    put(out, 0, 4);
    put(out, wide ? UINT16_MAX : maker->count, 2);
    put(out, wide ? UINT16_MAX : maker->count, 2);
    put(out, wide ? UINT32_MAX : maker->list.length, 4);
    put(out, wide ? UINT32_MAX : start, 4);
    put(out, 0, 2);
    CHECK(!out->failed);
    return buffer_view(out);
}
