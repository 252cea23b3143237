#include "format/format_zip_directory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/memory.h"

enum {
    END_BYTES = 22,
    END_LOCATOR_BYTES = 20,
    END_WIDE_BYTES = 56,
    ENTRY_BYTES = 46,
    HEADER_BYTES = 30,
    TAIL_MAX = END_BYTES + UINT16_MAX + END_LOCATOR_BYTES, // where libzip looks for an end, too
    WINDOW_BYTES = 256 * 1024,                             // over the largest entry: 46 + 3 * 65,535
    SHOWN_BYTES = 60,
};

enum { FLAG_ENCRYPTED = 1, METHOD_STORED = 0, METHOD_DEFLATE = 8, EXTRA_WIDE = 1, UNCHECKED_RATIO = 1024 * 1024 };

static uint64_t little(const unsigned char *bytes, unsigned count) {
    uint64_t value = 0;
    while (count-- > 0) {
        value = value << 8 | bytes[count];
    }
    return value;
}

static bool begins(const unsigned char *bytes, const char *mark) {
    return memcmp(bytes, mark, 4) == 0;
}

static bool damaged(struct error *error, const char *what) {
    return error_set(error, ERROR_ZIP, "the zip is damaged: %s; fetch it or pack it again", what);
}

static bool read_at(int file, uint64_t offset, unsigned char *into, size_t length, struct error *error) {
    while (length > 0) {
        ssize_t got = pread(file, into, length, (off_t)offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return error_set_errno(error, ERROR_FILE_READ, errno, "cannot read the zip");
        }
        if (got == 0) {
            return damaged(error, "it is cut short");
        }
        into += got;
        offset += (uint64_t)got;
        length -= (size_t)got;
    }
    return true;
}

// --- the end ---

struct directory {
    uint64_t start;
    uint64_t bytes;
    uint64_t count;
};

// The one end in the file's last bytes. Where there are two, two readers may take two different zips out of one file.
static bool find_end(const unsigned char *tail, size_t length, size_t *out, struct error *error) {
    size_t found = 0;
    for (size_t i = 0; i + END_BYTES <= length; i++) {
        if (begins(tail + i, "PK\5\6")) {
            *out = i;
            found++;
        }
    }
    if (found == 0) {
        return error_set(error, ERROR_ZIP, "it is no zip, or one that is cut short; fetch it or pack it again");
    }
    if (found > 1) {
        return damaged(error, "its last bytes hold several ends (a zip in a zip is packed with deflate, not stored)");
    }
    return *out + END_BYTES + little(tail + *out + 20, 2) == length ||
           damaged(error, "something stands behind its end");
}

// The end of a zip with large numbers stands before the other: `locator` says where.
static bool read_wide_end(int file, const unsigned char *locator, uint64_t locator_at, struct directory *out,
                          uint64_t *end, struct error *error) {
    unsigned char wide[END_WIDE_BYTES];
    uint64_t at = little(locator + 8, 8);
    if (little(locator + 4, 4) != 0 || little(locator + 16, 4) > 1 || locator_at < END_WIDE_BYTES ||
        at > locator_at - END_WIDE_BYTES) {
        return damaged(error, "its zip64 end is not where it should be");
    }
    if (!read_at(file, at, wide, sizeof wide, error)) {
        return false;
    }
    // The record may have more at its end, up to the locator.
    if (!begins(wide, "PK\6\6") || little(wide + 4, 8) != locator_at - at - 12 || little(wide + 16, 4) != 0 ||
        little(wide + 20, 4) != 0 || little(wide + 24, 8) != little(wide + 32, 8)) {
        return damaged(error, "its zip64 end is no end");
    }
    bool agrees = (out->count == UINT16_MAX || out->count == little(wide + 32, 8)) &&
                  (out->bytes == UINT32_MAX || out->bytes == little(wide + 40, 8)) &&
                  (out->start == UINT32_MAX || out->start == little(wide + 48, 8));
    *out = (struct directory){little(wide + 48, 8), little(wide + 40, 8), little(wide + 32, 8)};
    *end = at;
    return agrees || damaged(error, "its two ends contradict each other");
}

static bool find_directory(int file, uint64_t size, struct directory *out, struct error *error) {
    size_t length = size < TAIL_MAX ? (size_t)size : (size_t)TAIL_MAX;
    unsigned char *tail = memory_take(length + 1);
    if (tail == NULL) {
        return error_memory(error);
    }
    size_t at = 0;
    bool ok = read_at(file, size - length, tail, length, error) && find_end(tail, length, &at, error);
    if (ok) {
        uint64_t end = size - length + at;
        const unsigned char *bytes = tail + at;
        *out = (struct directory){little(bytes + 16, 4), little(bytes + 12, 4), little(bytes + 10, 2)};
        if (little(bytes + 4, 2) != 0 || little(bytes + 6, 2) != 0 || little(bytes + 8, 2) != out->count) {
            ok = error_set(error, ERROR_ZIP, "the zip is a part of a split one; pack it as one file");
        }
        const unsigned char *locator = at >= END_LOCATOR_BYTES ? bytes - END_LOCATOR_BYTES : NULL;
        if (ok && locator != NULL && begins(locator, "PK\6\7")) {
            ok = read_wide_end(file, locator, end - END_LOCATOR_BYTES, out, &end, error);
        }
        if (ok && (out->bytes > end || out->start != end - out->bytes || out->count > out->bytes / ENTRY_BYTES)) {
            ok = damaged(error, "its list of entries is not where it should be");
        }
    }
    memory_free(tail);
    return ok;
}

// --- the entries ---

// The directory, piece by piece.
struct window {
    int file;
    uint64_t at; // of the first byte that was not read
    uint64_t end;
    size_t used, have;
    unsigned char bytes[WINDOW_BYTES];
};

// Gives the next `count` bytes without going on.
static bool window_see(struct window *window, size_t count, const unsigned char **out, struct error *error) {
    if (window->have - window->used < count) {
        memmove(window->bytes, window->bytes + window->used, window->have - window->used);
        window->have -= window->used;
        window->used = 0;
        uint64_t left = window->end - window->at;
        size_t room = sizeof window->bytes - window->have;
        size_t more = left < room ? (size_t)left : room;
        if (window->have + more < count) {
            return damaged(error, "its list of entries ends within one");
        }
        if (!read_at(window->file, window->at, window->bytes + window->have, more, error)) {
            return false;
        }
        window->have += more;
        window->at += more;
    }
    *out = window->bytes + window->used;
    return true;
}

// From where to where an entry's bytes go in the file, its header included.
struct range {
    uint64_t start, end;
};

struct walk {
    int file;
    const struct archive_limits *limits;
    struct directory directory;
    struct arena *arena;
    struct archive_entry *entries;
    struct range *ranges;
    uint64_t total;
    uint64_t index;
    struct text name; // of the entry in hand
};

// An entry for a message: its place and as much of its name as is safe to show.
static bool refuse(const struct walk *walk, enum error_code code, const char *what, struct error *error) {
    char shown[SHOWN_BYTES + 1];
    size_t length = walk->name.length < SHOWN_BYTES ? walk->name.length : SHOWN_BYTES;
    for (size_t i = 0; i < length; i++) {
        char c = walk->name.data[i];
        shown[i] = (char)(c >= ' ' && c <= '~' ? c : '?');
    }
    return error_set(error, code, "entry %" PRIu64 " of the zip (%.*s): %s", walk->index + 1, (int)length, shown, what);
}

// Takes the numbers that did not fit their 32 bits out of the extra field.
static bool read_wide(const struct walk *walk, const unsigned char *extra, size_t length, struct archive_entry *entry,
                      uint64_t *offset, struct error *error) {
    uint64_t *wide[] = {&entry->size, &entry->packed_size, offset};
    if (entry->size != UINT32_MAX && entry->packed_size != UINT32_MAX && *offset != UINT32_MAX) {
        return true;
    }
    for (size_t at = 0; at + 4 <= length;) {
        size_t bytes = (size_t)little(extra + at + 2, 2);
        const unsigned char *next = extra + at + 4;
        if (bytes > length - at - 4) {
            break;
        }
        if (little(extra + at, 2) == EXTRA_WIDE) {
            size_t used = 0;
            for (size_t i = 0; i < 3; i++) {
                if (*wide[i] == UINT32_MAX && used + 8 <= bytes) {
                    *wide[i] = little(next + used, 8);
                    used += 8;
                }
            }
            return true;
        }
        at += 4 + bytes;
    }
    return refuse(walk, ERROR_ZIP, "its size is not given", error);
}

static const char *kind_trouble(const struct archive_entry *entry, uint64_t flags, uint64_t method, uint64_t mode) {
    enum { MODE_TYPE = 0170000, MODE_FILE = 0100000, MODE_FOLDER = 0040000, MODE_LINK = 0120000 };
    uint64_t type = mode & MODE_TYPE;
    if (type == MODE_LINK) {
        return "it is a link";
    }
    if (type != 0 && type != MODE_FILE && type != MODE_FOLDER) {
        return "it is no file";
    }
    if ((flags & FLAG_ENCRYPTED) != 0) {
        return "it is encrypted";
    }
    if (method != METHOD_STORED && method != METHOD_DEFLATE) {
        return "it is packed in another way than deflate";
    }
    if (method == METHOD_STORED && entry->size != entry->packed_size) {
        return "it is stored and has two sizes";
    }
    return entry->is_folder && entry->size > 0 ? "it is a folder with bytes of its own" : NULL;
}

// The header before the entry's bytes says the same as the list, and with the bytes it lies before the list.
static bool check_header(struct walk *walk, const struct archive_entry *entry, uint64_t offset,
                         const unsigned char *listed, unsigned char *room, struct error *error) {
    size_t wanted = HEADER_BYTES + entry->name.length;
    uint64_t end = walk->directory.start;
    if (end < wanted || offset > end - wanted) {
        return refuse(walk, ERROR_ZIP, "it begins where no entry can", error);
    }
    if (!read_at(walk->file, offset, room, wanted, error)) {
        return false;
    }
    if (!begins(room, "PK\3\4") || little(room + 26, 2) != entry->name.length ||
        memcmp(room + HEADER_BYTES, entry->name.data, entry->name.length) != 0 ||
        ((room[6] ^ listed[8]) & FLAG_ENCRYPTED) != 0 || little(room + 8, 2) != little(listed + 10, 2)) {
        return refuse(walk, ERROR_ZIP, "its header is not the one that the list speaks of", error);
    }
    uint64_t start = offset + wanted + little(room + 28, 2);
    if (start > end || entry->packed_size > end - start) {
        return refuse(walk, ERROR_ZIP, "it ends behind the last one", error);
    }
    walk->ranges[walk->index] = (struct range){offset, start + entry->packed_size};
    return true;
}

static bool check_sizes(struct walk *walk, const struct archive_entry *entry, struct error *error) {
    const struct archive_limits *limits = walk->limits;
    if (entry->size > limits->bytes - walk->total) {
        return error_set(error, ERROR_ZIP_LIMIT, "the zip inflates to more than %" PRIu64 " bytes", limits->bytes);
    }
    walk->total += entry->size;
    uint64_t packed = entry->packed_size > 0 ? entry->packed_size : 1;
    if (entry->size > UNCHECKED_RATIO && entry->size / packed >= limits->ratio) {
        return refuse(walk, ERROR_ZIP_LIMIT, "it inflates to more times its size than any data does", error);
    }
    return true;
}

static bool take_entry(struct walk *walk, struct window *window, unsigned char *room, struct error *error) {
    const unsigned char *bytes;
    if (!window_see(window, ENTRY_BYTES, &bytes, error)) {
        return false;
    }
    size_t name = (size_t)little(bytes + 28, 2), extra = (size_t)little(bytes + 30, 2);
    size_t whole = ENTRY_BYTES + name + extra + (size_t)little(bytes + 32, 2);
    if (!begins(bytes, "PK\1\2") || !window_see(window, whole, &bytes, error)) {
        return damaged(error, "its list of entries has something else in it");
    }
    struct archive_entry *entry = &walk->entries[walk->index];
    walk->name = (struct text){(const char *)bytes + ENTRY_BYTES, name};
    if (name > walk->limits->name_bytes) {
        return refuse(walk, ERROR_ZIP_LIMIT, "its name is longer than names may be", error);
    }
    if (!arena_text(walk->arena, walk->name, &entry->name)) {
        return error_memory(error);
    }
    entry->packed_size = little(bytes + 20, 4);
    entry->size = little(bytes + 24, 4);
    entry->is_folder = name > 0 && walk->name.data[name - 1] == '/';
    uint64_t offset = little(bytes + 42, 4);
    if (!read_wide(walk, bytes + ENTRY_BYTES + name, extra, entry, &offset, error) ||
        !check_header(walk, entry, offset, bytes, room, error) || !check_sizes(walk, entry, error)) {
        return false;
    }
    entry->trouble = kind_trouble(entry, little(bytes + 8, 2), little(bytes + 10, 2), little(bytes + 40, 2));
    window->used += whole;
    return true;
}

static int by_start(const void *a, const void *b) {
    uint64_t x = ((const struct range *)a)->start, y = ((const struct range *)b)->start;
    return (x > y) - (x < y);
}

static bool check_ranges(struct range *ranges, size_t count, struct error *error) {
    if (count > 1) {
        qsort(ranges, count, sizeof *ranges, by_start);
    }
    for (size_t i = 1; i < count; i++) {
        if (ranges[i].start < ranges[i - 1].end) {
            return damaged(error, "two of its entries share their bytes");
        }
    }
    return true;
}

static bool take_entries(struct walk *walk, struct error *error) {
    struct window *window = memory_take(sizeof *window);
    unsigned char *room = memory_take(HEADER_BYTES + (size_t)walk->limits->name_bytes);
    walk->ranges = memory_zero((size_t)walk->directory.count + 1, sizeof *walk->ranges);
    walk->entries = arena_take_zero(walk->arena, (size_t)walk->directory.count + 1, sizeof *walk->entries);
    bool ok = (window != NULL && room != NULL && walk->ranges != NULL && walk->entries != NULL) || error_memory(error);
    if (ok) {
        window->file = walk->file;
        window->at = walk->directory.start;
        window->end = walk->directory.start + walk->directory.bytes;
        window->used = window->have = 0;
    }
    for (walk->index = 0; ok && walk->index < walk->directory.count; walk->index++) {
        ok = take_entry(walk, window, room, error);
    }
    if (ok && (window->at < window->end || window->used < window->have)) {
        ok = damaged(error, "its list has more in it than entries");
    }
    ok = ok && check_ranges(walk->ranges, (size_t)walk->directory.count, error);
    memory_free(window);
    memory_free(room);
    memory_free(walk->ranges);
    return ok;
}

bool archive_list_read(int file, uint64_t size, const struct archive_limits *limits, struct arena *arena,
                       struct archive_list *out, struct error *error) {
    struct walk walk = {.file = file, .limits = limits, .arena = arena};
    if (!find_directory(file, size, &walk.directory, error)) {
        return false;
    }
    if (walk.directory.count > limits->entries) {
        return error_set(error, ERROR_ZIP_LIMIT, "the zip has %" PRIu64 " entries; %" PRIu64 " is the most",
                         walk.directory.count, limits->entries);
    }
    if (walk.directory.bytes > ARCHIVE_DIRECTORY_MAX) {
        return error_set(error, ERROR_ZIP_LIMIT, "the zip's list of entries is longer than %d bytes",
                         (int)ARCHIVE_DIRECTORY_MAX);
    }
    if (!take_entries(&walk, error)) {
        return false;
    }
    *out = (struct archive_list){walk.entries, (size_t)walk.directory.count};
    return true;
}
