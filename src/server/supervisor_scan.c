// Scripts: what changed in the folder, and what they declare. A changed folder is copied whole, and each sync in the
// copy is read by a `manifest` child; a good one goes over to the copy, a broken one stays with what it had.

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "format/format_json.h"
#include "server/scrub.h"
#include "server/supervisor_work.h"
#include "server/warm.h"
#include "server/web.h"

enum {
    SCAN_ARENA_MAX = 64 * 1024 * 1024,
    MANIFESTS_AT_ONCE = 2,
    MANIFEST_BYTES_MAX = 256 * 1024,
    MANIFEST_CPU_SECONDS = 10,
    MANIFEST_MEMORY = 512 * 1024 * 1024,
};
static const int64_t scan_every_us = 2 * 1000 * 1000;
static const int64_t manifest_us = 20 * 1000 * 1000;

static struct scanned_org *org_find(struct supervisor *supervisor, struct text org) {
    struct scanned_org *found = supervisor->orgs;
    while (found != NULL && !text_is(org, found->org)) {
        found = found->next;
    }
    if (found == NULL) {
        found = memory_zero(1, sizeof *found + org.length + 1);
        if (found != NULL) {
            memcpy(found->org, org.data, org.length);
            found->next = supervisor->orgs;
            supervisor->orgs = found;
        }
    }
    return found;
}

static bool wanted_is(const struct supervisor *supervisor, const struct scanned_org *org, struct text name) {
    for (const struct wanted *wanted = supervisor->wanted; wanted != NULL; wanted = wanted->next) {
        if (wanted->org == org && text_is(name, wanted->name)) {
            return true;
        }
    }
    return false;
}

static bool want(struct supervisor *supervisor, struct scanned_org *org, struct text name, struct error *error) {
    if (wanted_is(supervisor, org, name)) {
        return true; // it will be read from what is newest then
    }
    struct wanted *wanted = memory_zero(1, sizeof *wanted + name.length + 1);
    if (wanted == NULL) {
        return error_memory(error);
    }
    memcpy(wanted->name, name.data, name.length);
    wanted->org = org;
    wanted->supervisor = supervisor;
    buffer_init(&wanted->said, MANIFEST_BYTES_MAX);
    wanted->next = supervisor->wanted;
    supervisor->wanted = wanted;
    return true;
}

// Syncs whose scripts have gone are none any more.
static bool drop_gone(struct supervisor *supervisor, struct text org, const struct text *names, size_t count,
                      struct arena *arena, struct error *error) {
    struct catalog_sync *syncs;
    size_t sync_count;
    if (!catalog_list(supervisor->service->catalog, org, arena, &syncs, &sync_count, error)) {
        return false;
    }
    for (size_t i = 0; i < sync_count; i++) {
        bool there = false;
        for (size_t j = 0; j < count && !there; j++) {
            there = text_same(names[j], syncs[i].name);
        }
        if (!there && !catalog_drop(supervisor->service->catalog, syncs[i].org, syncs[i].name, error)) {
            return false;
        }
    }
    return true;
}

static bool scan_org(struct supervisor *supervisor, struct text org, struct arena *arena, struct error *error) {
    const struct service_setup *setup = supervisor->service->setup;
    struct scanned_org *known = org_find(supervisor, org);
    struct print signature;
    struct text *names;
    size_t count;
    char hash[TREE_HASH_ROOM];
    if (known == NULL) {
        return error_memory(error);
    }
    known->seen = true;
    if (!tree_signature(setup->syncs, org, &signature, error)) {
        return false;
    }
    if (print_same(signature, known->signature)) {
        return true;
    }
    if (!tree_keep(setup->syncs, setup->data, org, hash, error) ||
        !tree_syncs(setup->data, hash, org, arena, &names, &count, error)) {
        return false;
    }
    memcpy(known->hash, hash, sizeof hash);
    for (size_t i = 0; i < count; i++) {
        if (!want(supervisor, known, names[i], error)) {
            return false;
        }
    }
    if (!drop_gone(supervisor, org, names, count, arena, error)) {
        return false;
    }
    known->signature = signature;
    supervisor->scanning = true;
    return true;
}

// Organisations whose folder has gone have no syncs.
static void forget_orgs(struct supervisor *supervisor, struct arena *arena) {
    struct error error;
    for (struct scanned_org *org = supervisor->orgs; org != NULL; org = org->next) {
        if (!org->seen && org->hash[0] != '\0') {
            if (drop_gone(supervisor, text_of(org->org), NULL, 0, arena, &error)) {
                org->hash[0] = '\0';
                org->signature = (struct print){0, 0};
            }
        }
        org->seen = false;
    }
}

struct use {
    struct supervisor *supervisor;
    struct arena *arena;
    struct catalog_sync *syncs;
    size_t count;
    bool unknown; // something couldn't be read: everything is kept
    struct text hashes[RUNS_MOST];
    size_t hash_count;
};

static bool is_used(void *context, const char *hash) {
    struct use *use = context;
    bool used = use->unknown;
    for (size_t i = 0; !used && i < use->count; i++) {
        used = text_is(use->syncs[i].snapshot, hash);
    }
    for (size_t i = 0; !used && i < use->hash_count; i++) {
        used = text_is(use->hashes[i], hash);
    }
    for (struct scanned_org *org = use->supervisor->orgs; !used && org != NULL; org = org->next) {
        used = strcmp(org->hash, hash) == 0;
    }
    return used;
}

static bool note_job(void *context, const struct job *job, struct error *error) {
    struct use *use = context;
    if (job->snapshot.length == 0) {
        return true;
    }
    for (size_t i = 0; i < use->hash_count; i++) {
        if (text_same(use->hashes[i], job->snapshot)) {
            return true;
        }
    }
    use->unknown = use->unknown || use->hash_count == RUNS_MOST;
    return use->unknown || arena_text(use->arena, job->snapshot, &use->hashes[use->hash_count++]) ||
           error_memory(error);
}

// Copies that no sync and no live run needs go.
static void sweep(struct supervisor *supervisor, struct arena *arena) {
    struct error error;
    struct use *use = arena_take_zero(arena, 1, sizeof *use);
    struct job_filter live = {.states = TEXT_LITERAL("live")};
    if (use == NULL) {
        return;
    }
    use->supervisor = supervisor;
    use->arena = arena;
    use->unknown =
        !catalog_list(supervisor->service->catalog, (struct text){"", 0}, arena, &use->syncs, &use->count, &error) ||
        !ledger_job_scan(supervisor->service->ledger, &live, note_job, use, &error);
    tree_sweep(supervisor->service->setup->data, is_used, use);
}

void supervisor_scan(struct supervisor *supervisor) {
    struct arena arena;
    struct error error;
    struct text *orgs;
    size_t count;
    arena_init(&arena, SCAN_ARENA_MAX);
    supervisor->scan_us = clock_coarse_us() + scan_every_us;
    supervisor->rescan = false;
    if (!tree_orgs(supervisor->service->setup->syncs, &arena, &orgs, &count, &error)) {
        supervisor_log(supervisor, LOG_ERROR, "the scripts can't be read: %s", error.message);
        arena_clear(&arena);
        return;
    }
    // A folder that is put in another's place is gone for a moment: nothing is forgotten for that.
    bool away = count == 0 && access(supervisor->service->setup->syncs, F_OK) != 0;
    if (away && !supervisor->away && supervisor->orgs != NULL) {
        supervisor_log(supervisor, LOG_WARNING, "the folder %s is away; its syncs stay as they were",
                       supervisor->service->setup->syncs);
    }
    supervisor->away = away;
    for (size_t i = 0; i < count; i++) {
        if (!scan_org(supervisor, orgs[i], &arena, &error)) {
            supervisor_log(supervisor, LOG_ERROR, "the scripts of %.*s can't be read: %s", TEXT_ARGS(orgs[i]),
                           error.message);
        }
    }
    if (!away) {
        forget_orgs(supervisor, &arena);
    }
    if (supervisor->wanted == NULL && supervisor->manifests == 0) {
        if (supervisor->scanning) {
            sweep(supervisor, &arena);
        }
        supervisor->scanning = false;
        supervisor->scans++;
        web_wake(supervisor->service->web);
    }
    arena_clear(&arena);
}

// --- manifests ---

static void on_line(struct child *child, struct text line) {
    struct wanted *wanted = child_owner(child);
    buffer_reset(&wanted->said);
    buffer_text(&wanted->said, line); // the last line counts
}

// What a child said: a manifest, or why there is none.
static bool read_said(struct wanted *wanted, struct child *child, int status, struct arena *arena,
                      const struct object **manifest, struct text *broken) {
    struct value value;
    struct error error;
    bool ok = !wanted->said.failed && wanted->said.length > 0 &&
              json_read(buffer_view(&wanted->said), arena, NULL, &value, &error) && value.kind == VALUE_OBJECT;
    if (ok && status == 0) {
        *manifest = value.as.object;
        return true;
    }
    const struct value *reason = ok ? object_find(value.as.object, TEXT_LITERAL("error")) : NULL;
    const struct value *message =
        reason != NULL && reason->kind == VALUE_OBJECT ? object_find(reason->as.object, TEXT_LITERAL("message")) : NULL;
    const struct value *place = message != NULL ? object_find(reason->as.object, TEXT_LITERAL("place")) : NULL;
    struct text said = message != NULL && message->kind == VALUE_TEXT ? value_slice(message) : child_tail(child);
    struct text at = place != NULL && place->kind == VALUE_TEXT ? value_slice(place) : (struct text){"", 0};
    const char *late = child_overdue(child) ? "the script takes too long to load; "
                       : said.length == 0   ? "the script's process died while it was read"
                                            : "";
    char *text = arena_print(arena, "%s%.*s%s%.*s", late, TEXT_ARGS(said), at.length > 0 ? " at " : "", TEXT_ARGS(at));
    *broken = text != NULL ? scrub_text(wanted->supervisor->service, text_of(text), arena)
                           : TEXT_LITERAL("the script can't be read");
    return false;
}

static void take_manifest(struct supervisor *supervisor, struct wanted *wanted, struct child *child, int status) {
    struct arena arena;
    struct error error;
    struct catalog_sync known;
    const struct object *manifest = NULL;
    bool found;
    struct sync_row row = {.org = text_of(wanted->org->org), .name = text_of(wanted->name)};
    arena_init(&arena, SCAN_ARENA_MAX);
    bool ok = catalog_find(supervisor->service->catalog, row.org, row.name, &arena, &found, &known, &error);
    struct text known_snapshot = ok && found ? known.snapshot : (struct text){"", 0};
    if (ok && found) {
        row.manifest = known.manifest;
        row.snapshot = known.snapshot;
        row.planned_us = known.planned_us;
        row.next_us = known.next_us;
    }
    if (ok && read_said(wanted, child, status, &arena, &manifest, &row.broken)) {
        row.manifest = buffer_view(&wanted->said);
        row.snapshot = text_of(wanted->hash);
        supervisor_plan_next(supervisor, manifest, &row);
    } else if (ok) {
        supervisor_log(supervisor, LOG_WARNING, "%s/%s is broken: %.*s%s", wanted->org->org, wanted->name,
                       TEXT_ARGS(row.broken), row.manifest.length > 0 ? " (the last good script is kept)" : "");
    }
    if (ok && !catalog_put(supervisor->service->catalog, &row, &error)) {
        supervisor_log(supervisor, LOG_ERROR, "%s/%s can't be kept: %s", wanted->org->org, wanted->name, error.message);
    }
    if (ok && !text_same(row.snapshot, known_snapshot)) {
        warm_changed(supervisor->service->warm, row.org, row.name);
    }
    arena_clear(&arena);
}

static void wanted_free(struct wanted *wanted) {
    buffer_clear(&wanted->said);
    memory_free(wanted);
}

static void on_end(struct child *child, int status) {
    struct wanted *wanted = child_owner(child);
    struct supervisor *supervisor = wanted->supervisor;
    // A folder that changed meanwhile is read again: its newer word is what counts.
    if (strcmp(wanted->hash, wanted->org->hash) == 0 && !supervisor->stop) {
        take_manifest(supervisor, wanted, child, status);
    }
    wanted_free(wanted);
    supervisor->manifests--;
    if (supervisor->manifests == 0 && supervisor->wanted == NULL) {
        supervisor->rescan = true; // the round is whole when nothing has changed since
    }
}

static bool manifest_start(struct supervisor *supervisor, struct wanted *wanted, struct error *error) {
    static const struct child_type type = {.line = on_line, .end = on_end};
    const struct service_setup *service = supervisor->service->setup;
    struct arena arena;
    struct child *child;
    char parent[32];
    char cpu[32];
    char memory[32];
    arena_init(&arena, SCAN_ARENA_MAX);
    memcpy(wanted->hash, wanted->org->hash, sizeof wanted->hash);
    char *path =
        tree_path(service->data, text_of(wanted->hash), text_of(wanted->org->org), text_of(wanted->name), &arena);
    snprintf(parent, sizeof parent, "%d", (int)getpid());
    snprintf(cpu, sizeof cpu, "%d", MANIFEST_CPU_SECONDS);
    snprintf(memory, sizeof memory, "%d", MANIFEST_MEMORY);
    const char *arguments[] = {"manifest", path,   "--data",   service->data, "--cpu", cpu,
                               "--memory", memory, "--parent", parent,        NULL};
    struct child_setup setup = {
        .arguments = arguments, .type = &type, .owner = wanted, .deadline_us = clock_coarse_us() + manifest_us};
    bool ok = (path != NULL || error_memory(error)) && children_start(supervisor->children, &setup, &child, error);
    arena_clear(&arena);
    return ok;
}

void supervisor_read(struct supervisor *supervisor) {
    while (supervisor->wanted != NULL && supervisor->manifests < MANIFESTS_AT_ONCE) {
        struct error error;
        struct wanted *wanted = supervisor->wanted;
        if (!manifest_start(supervisor, wanted, &error)) {
            supervisor_log(supervisor, LOG_ERROR, "%s/%s can't be read: %s", wanted->org->org, wanted->name,
                           error.message);
            return; // the next round tries again
        }
        supervisor->wanted = wanted->next;
        supervisor->manifests++;
    }
}

void supervisor_scan_clear(struct supervisor *supervisor) {
    while (supervisor->wanted != NULL) {
        struct wanted *wanted = supervisor->wanted;
        supervisor->wanted = wanted->next;
        wanted_free(wanted);
    }
    while (supervisor->orgs != NULL) {
        struct scanned_org *org = supervisor->orgs;
        supervisor->orgs = org->next;
        memory_free(org);
    }
}
