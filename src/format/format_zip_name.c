#include "format/format_zip_name.h"

#include <stdlib.h>

#include "base/map.h"

static bool has_control(struct text name) {
    for (size_t i = 0; i < name.length; i++) {
        unsigned char byte = (unsigned char)name.data[i];
        if (byte < 0x20 || byte == 0x7F) {
            return true;
        }
    }
    return false;
}

static bool is_absolute(struct text name) {
    bool has_drive =
        name.length > 1 && name.data[1] == ':' && ((name.data[0] | 0x20) >= 'a') && ((name.data[0] | 0x20) <= 'z');
    return name.data[0] == '/' || has_drive;
}

// Whether every part between slashes is a plain name; one slash at the end makes a folder.
static bool has_plain_parts(struct text name) {
    size_t from = 0;
    for (size_t i = 0; i <= name.length; i++) {
        if (i < name.length && name.data[i] != '/') {
            continue;
        }
        struct text part = {name.data + from, i - from};
        bool is_end = i == name.length && part.length == 0 && i > 0;
        if (!is_end && (part.length == 0 || text_is(part, ".") || text_is(part, ".."))) {
            return false;
        }
        from = i + 1;
    }
    return true;
}

static const char *trouble_of(struct text name) {
    if (name.length == 0) {
        return "it has no name";
    }
    if (!text_utf8(name, NULL)) {
        return "its name is no UTF-8";
    }
    if (has_control(name)) {
        return "its name holds a control character";
    }
    if (memchr(name.data, '\\', name.length) != NULL) {
        return "its name holds a backslash";
    }
    if (is_absolute(name)) {
        return "its name is that of a place outside of the zip";
    }
    return has_plain_parts(name) ? NULL : "a part of its name is empty, . or ..";
}

bool archive_names_check(struct archive_list *list, struct error *error) {
    struct map seen;
    map_init(&seen);
    bool ok = true;
    for (size_t i = 0; ok && i < list->count; i++) {
        struct archive_entry *entry = &list->entries[i];
        const char *slash = entry->name.length > 0 ? memchr(entry->name.data, '/', entry->name.length) : NULL;
        entry->folder = (struct text){entry->name.data, slash != NULL ? (size_t)(slash - entry->name.data) : 0};
        const char *trouble = trouble_of(entry->name);
        const uint64_t *earlier = map_find(&seen, entry->name);
        if (earlier != NULL) {
            trouble = "its name is there twice";
            list->entries[*earlier].trouble = trouble; // nobody knows which of them is meant
        } else {
            ok = map_put(&seen, entry->name, i) || error_memory(error);
        }
        entry->trouble = trouble != NULL ? trouble : entry->trouble;
    }
    map_clear(&seen);
    return ok;
}

static int by_name(const void *a, const void *b) {
    return text_compare(((const struct archive_folder *)a)->name, ((const struct archive_folder *)b)->name);
}

static void count_in(struct archive_folder *folder, const struct archive_entry *entry) {
    if (entry->trouble != NULL) {
        folder->troubled++;
    } else if (!entry->is_folder) {
        folder->files++;
        folder->bytes += entry->size;
    }
}

bool archive_folders_make(const struct archive_list *list, struct arena *arena, struct archive_folder **out,
                          size_t *count, struct error *error) {
    struct map places;
    map_init(&places);
    size_t folders = 0;
    bool ok = true;
    // First how many there are: a zip of 100,000 files mostly has a few.
    for (size_t i = 0; ok && i < list->count; i++) {
        if (map_find(&places, list->entries[i].folder) == NULL) {
            ok = map_put(&places, list->entries[i].folder, folders++) || error_memory(error);
        }
    }
    struct archive_folder *made = ok ? arena_take_zero(arena, folders + 1, sizeof *made) : NULL;
    if (ok && made == NULL) {
        ok = error_memory(error);
    }
    for (size_t i = 0; ok && i < list->count; i++) {
        struct archive_folder *folder = &made[*map_find(&places, list->entries[i].folder)];
        folder->name = list->entries[i].folder;
        count_in(folder, &list->entries[i]);
    }
    map_clear(&places);
    if (ok && folders > 1) {
        qsort(made, folders, sizeof *made, by_name);
    }
    *out = made;
    *count = folders;
    return ok;
}
