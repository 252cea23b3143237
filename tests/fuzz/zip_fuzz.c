// Any bytes as a zip. Whatever they are: it is refused with a word, or every entry is either marked or gives what the
// list says, and no entry's bytes are another's.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "format/format_zip.h"
#include "fuzz.h"

static int file = -1;
static char path[64];

static void write_file(const uint8_t *data, size_t size) {
    if (file < 0) {
        file = memfd_create("zip", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    demand(file >= 0 && ftruncate(file, 0) == 0, "a file in memory");
    demand(pwrite(file, data, size, 0) == (ssize_t)size, "a file in memory takes the input");
}

static void read_entry(struct archive *archive, size_t index, const struct archive_entry *entry) {
    struct error error = {0};
    struct stream *stream = NULL;
    if (!archive_read(archive, index, &stream, &error)) {
        demand_error(&error);
        return;
    }
    demand(entry->trouble == NULL && !entry->is_folder, "what is marked is not read");
    char piece[1000];
    uint64_t done = 0;
    size_t got = 1;
    bool ok = true;
    while (ok && got > 0) {
        ok = stream_read(stream, piece, sizeof piece, &got, &error);
        done += ok ? got : 0;
        demand(done <= entry->size, "no more comes than is listed");
    }
    demand(!ok || done == entry->size, "all comes that is listed");
    stream_close(stream);
    if (!ok) {
        demand_error(&error);
    }
}

static void check_name(struct text name) {
    demand(name.length > 0 && text_utf8(name, NULL) && name.data[0] != '/', "a name that can be read is plain");
    demand(!text_holds(name, TEXT_LITERAL("\\")) && !text_holds(name, TEXT_LITERAL("//")), "slashes are single");
    demand(memchr(name.data, '\0', name.length) == NULL, "no name holds a NUL");
    while (name.length > 0) {
        struct text part = take_until(&name, '/');
        demand(!text_is(part, "..") && !text_is(part, "."), "no name leads upwards");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct archive_limits limits = {.entries = 20, .name_bytes = 50, .bytes = 4000000, .ratio = 200};
    struct error error = {0};
    struct archive *archive = NULL;
    write_file(data, size);
    if (!archive_open(path, "input", &limits, &archive, &error)) {
        demand_error(&error);
        return 0;
    }
    size_t count, folders;
    const struct archive_entry *entries = archive_entries(archive, &count);
    const struct archive_folder *folder = archive_folders(archive, &folders);
    uint64_t packed = 0, files = 0, listed = 0;
    demand(count <= limits.entries && folders <= count, "the limits hold");
    for (size_t i = 0; i < count; i++) {
        packed += entries[i].packed_size;
        demand(entries[i].name.length <= limits.name_bytes, "no name is too long");
        if (entries[i].trouble == NULL) {
            check_name(entries[i].name);
            files += !entries[i].is_folder;
        }
        read_entry(archive, i, &entries[i]);
    }
    for (size_t i = 0; i < folders; i++) {
        listed += folder[i].files;
    }
    demand(listed == files, "every file is in a folder of the list");
    demand(packed <= size, "no two entries share their bytes");
    archive_close(archive);
    return 0;
}
