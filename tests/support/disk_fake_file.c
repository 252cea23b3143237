#include <fcntl.h>
#include <unistd.h>

#include "disk_fake_internal.h"
#include "test.h"

// What the platter may hold of each file when the power goes.

enum { SECTOR = 512, FORMS_MAX = 8, SIZES_MAX = 8, CACHE_PAGE = 4096 };

// A sector that was written since the last sync. Its newest form is in the real file.
struct disk_sector {
    bool is_stranded; // a sync failed: none will bring it, unless it is written again
    size_t count;
    unsigned char (*forms)[SECTOR]; // it had before, oldest first: the first is the platter's
};

struct disk_node {
    struct disk_node *next;
    char *path;
    size_t folder_length;
    bool is_new;                 // its name is not synced
    bool is_deleted;             // it was deleted, and that is not synced
    unsigned char *deleted_data; // what it held then
    size_t deleted_size;
    struct disk_sector **sectors;
    size_t sector_count;
    size_t size_count;
    sqlite3_int64 sizes[SIZES_MAX]; // it had since its last sync, that of the sync first and its own last
};

static struct disk_node *nodes;

static void *grow(void *old, size_t size) {
    void *new = realloc(old, size);
    CHECK(new != NULL);
    return new;
}

static struct disk_node *node_find(const char *path) {
    struct disk_node *node = nodes;
    while (node != NULL && strcmp(node->path, path) != 0) {
        node = node->next;
    }
    return node;
}

static void node_size_only(struct disk_node *node, sqlite3_int64 size) {
    node->size_count = 1;
    node->sizes[0] = size;
}

static void sector_forget(struct disk_node *node, size_t number) {
    struct disk_sector *sector = node->sectors[number];
    if (sector != NULL) {
        free(sector->forms);
        free(sector);
        node->sectors[number] = NULL;
    }
}

static void node_clean(struct disk_node *node) {
    for (size_t i = 0; i < node->sector_count; i++) {
        sector_forget(node, i);
    }
}

static void deleted_forget(struct disk_node *node) {
    free(node->deleted_data);
    node->deleted_data = NULL;
    node->deleted_size = 0;
    node->is_deleted = false;
}

struct disk_node *disk_node_open(const char *path, sqlite3_file *real, bool is_new) {
    sqlite3_int64 size;
    CHECK(real->pMethods->xFileSize(real, &size) == SQLITE_OK);
    struct disk_node *node = node_find(path);
    if (node == NULL) {
        node = grow(NULL, sizeof *node);
        *node = (struct disk_node){.next = nodes, .path = strdup(path)};
        CHECK(node->path != NULL);
        node->folder_length = (size_t)(strrchr(path, '/') - path);
        // Somebody just made it: weir makes an empty home.db by itself.
        node->is_new = is_new || size == 0;
        node_size_only(node, node->is_new ? 0 : size);
        nodes = node;
    } else if (is_new) {
        // Of a name that is made again before its folder was synced, the file that it had before is left out here.
        node_clean(node);
        deleted_forget(node);
        node->is_new = true;
        node_size_only(node, 0);
    }
    return node;
}

static void sector_keep(struct disk_node *node, sqlite3_file *real, size_t number) {
    if (number >= node->sector_count) {
        size_t count = number + number / 2 + 16;
        node->sectors = grow(node->sectors, count * sizeof node->sectors[0]);
        memset(node->sectors + node->sector_count, 0, (count - node->sector_count) * sizeof node->sectors[0]);
        node->sector_count = count;
    }
    struct disk_sector *sector = node->sectors[number];
    if (sector == NULL) {
        sector = node->sectors[number] = grow(NULL, sizeof *sector);
        *sector = (struct disk_sector){0};
    }
    if (sector->count == FORMS_MAX) {
        return;
    }
    sector->forms = grow(sector->forms, (sector->count + 1) * SECTOR);
    unsigned char *form = sector->forms[sector->count++];
    // Past its end it reads as zeros.
    int status = real->pMethods->xRead(real, form, SECTOR, (sqlite3_int64)number * SECTOR);
    CHECK(status == SQLITE_OK || status == SQLITE_IOERR_SHORT_READ);
}

void disk_node_change(struct disk_node *node, sqlite3_file *real, sqlite3_int64 from, sqlite3_int64 to) {
    for (size_t i = (size_t)from / SECTOR; (sqlite3_int64)i * SECTOR < to; i++) {
        sector_keep(node, real, i);
    }
    // The kernel writes whole pages.
    size_t first = (size_t)from / CACHE_PAGE * (CACHE_PAGE / SECTOR);
    size_t end = ((size_t)to + CACHE_PAGE - 1) / CACHE_PAGE * (CACHE_PAGE / SECTOR);
    for (size_t i = first; i < end && i < node->sector_count; i++) {
        if (node->sectors[i] != NULL) {
            node->sectors[i]->is_stranded = false;
        }
    }
}

void disk_node_sized(struct disk_node *node, sqlite3_int64 size) {
    if (node->sizes[node->size_count - 1] == size) {
        return;
    }
    if (node->size_count == SIZES_MAX) {
        node->size_count--;
    }
    node->sizes[node->size_count++] = size;
}

void disk_node_synced(struct disk_node *node) {
    for (size_t i = 0; i < node->sector_count; i++) {
        if (node->sectors[i] != NULL && !node->sectors[i]->is_stranded) {
            sector_forget(node, i);
        }
    }
    node_size_only(node, node->sizes[node->size_count - 1]);
}

void disk_node_stranded(struct disk_node *node) {
    for (size_t i = 0; i < node->sector_count; i++) {
        if (node->sectors[i] != NULL) {
            node->sectors[i]->is_stranded = true;
        }
    }
}

void disk_node_deleted(const char *path) {
    struct disk_node *node = node_find(path);
    FILE *file = node != NULL ? fopen(path, "rb") : NULL;
    if (file == NULL) {
        return;
    }
    deleted_forget(node);
    size_t size = (size_t)node->sizes[node->size_count - 1];
    node->deleted_data = grow(NULL, size + 1);
    node->deleted_size = fread(node->deleted_data, 1, size, file);
    fclose(file);
    node->is_deleted = true;
}

void disk_names_synced(const char *folder, size_t length) {
    for (struct disk_node *node = nodes; node != NULL; node = node->next) {
        if (node->folder_length == length && memcmp(node->path, folder, length) == 0) {
            node->is_new = false;
            deleted_forget(node);
        }
    }
    disk_posix_names_synced(folder, length);
}

void disk_node_names_synced(const struct disk_node *node) {
    disk_names_synced(node->path, node->folder_length);
}

static void put(int file, const void *data, size_t size, size_t at) {
    CHECK(pwrite(file, data, size, (off_t)at) == (ssize_t)size);
}

// Of each sector one of its forms. What a truncate took is there when the truncate isn't.
static void sectors_settle(struct disk_node *node, int file, size_t size) {
    size_t now = (size_t)node->sizes[node->size_count - 1];
    for (size_t i = 0; i < node->sector_count && i * SECTOR < size; i++) {
        struct disk_sector *sector = node->sectors[i];
        if (sector == NULL || (i * SECTOR < now && disk_keeps() && (!sector->is_stranded || disk_draw(2) == 0))) {
            continue;
        }
        size_t which = sector->is_stranded || disk_draw(2) == 0 ? 0 : disk_draw(sector->count);
        size_t left = size - i * SECTOR;
        put(file, sector->forms[which], left < SECTOR ? left : SECTOR, i * SECTOR);
    }
}

static void node_power_off(struct disk_node *node) {
    bool is_there = access(node->path, F_OK) == 0;
    if (!is_there && node->is_deleted && !disk_keeps()) {
        int file = open(node->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        CHECK(file >= 0);
        put(file, node->deleted_data, node->deleted_size, 0);
        close(file);
        is_there = true;
    }
    if (is_there && node->is_new && !disk_keeps()) {
        CHECK(unlink(node->path) == 0);
    } else if (is_there) {
        int file = open(node->path, O_RDWR | O_CLOEXEC);
        CHECK(file >= 0);
        size_t which = disk_keeps() ? node->size_count - 1 : disk_draw(node->size_count);
        size_t size = (size_t)node->sizes[which];
        sectors_settle(node, file, size);
        CHECK(ftruncate(file, (off_t)size) == 0);
        close(file);
    }
    // What is left is on the platter.
    node_clean(node);
    deleted_forget(node);
    node->is_new = false;
    int file = open(node->path, O_RDONLY | O_CLOEXEC);
    node_size_only(node, file >= 0 ? (sqlite3_int64)lseek(file, 0, SEEK_END) : 0);
    if (file >= 0) {
        close(file);
    }
}

void disk_nodes_power_off(void) {
    for (struct disk_node *node = nodes; node != NULL; node = node->next) {
        node_power_off(node);
    }
}

void disk_nodes_forget(void) {
    while (nodes != NULL) {
        struct disk_node *node = nodes;
        nodes = node->next;
        node_clean(node);
        deleted_forget(node);
        free(node->sectors);
        free(node->path);
        free(node);
    }
}
