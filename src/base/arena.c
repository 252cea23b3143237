#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif
#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

enum { ALIGNMENT = 16, CHUNK_BYTES = 64 * 1024 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; // of data
    _Alignas(ALIGNMENT) char data[];
};

void arena_init(struct arena *arena, size_t ceiling) {
    *arena = (struct arena){.ceiling = ceiling};
}

void arena_clear(struct arena *arena) {
    struct arena_chunk *chunk = arena->first;
    while (chunk != NULL) {
        struct arena_chunk *next = chunk->next;
        ASAN_UNPOISON_MEMORY_REGION(chunk->data, chunk->size);
        memory_free(chunk);
        chunk = next;
    }
    arena_init(arena, arena->ceiling);
}

static void arena_enter(struct arena *arena, struct arena_chunk *chunk) {
    arena->current = chunk;
    arena->next = chunk->data;
    arena->end = chunk->data + chunk->size;
    ASAN_POISON_MEMORY_REGION(chunk->data, chunk->size);
}

void arena_reset(struct arena *arena) {
    if (arena->first == NULL) {
        return;
    }
    for (struct arena_chunk *chunk = arena->first; chunk != NULL; chunk = chunk->next) {
        ASAN_POISON_MEMORY_REGION(chunk->data, chunk->size);
    }
    arena->current = NULL;
    arena->next = NULL;
    arena->end = NULL;
}

// Takes the kept chunk behind `link` that fits `size` best out of the list; NULL when none does. Large chunks wait for
// large pieces: used up by small ones they would be asked for again in every round.
static struct arena_chunk *arena_unlink(struct arena_chunk **link, size_t size) {
    struct arena_chunk **best = NULL;
    for (; *link != NULL; link = &(*link)->next) {
        size_t held = (*link)->size;
        if (held >= size && (best == NULL || held < (*best)->size)) {
            best = link;
            if (held <= CHUNK_BYTES) {
                break;
            }
        }
    }
    if (best == NULL) {
        return NULL;
    }
    struct arena_chunk *chunk = *best;
    *best = chunk->next;
    return chunk;
}

// Gives kept chunks back to the heap until `size` more bytes fit under the ceiling; false when they can't.
static bool arena_make_room(struct arena *arena, struct arena_chunk **link, size_t size) {
    if (size > arena->ceiling) {
        return false;
    }
    while (*link != NULL && arena->held > arena->ceiling - size) {
        struct arena_chunk *chunk = *link;
        *link = chunk->next;
        arena->held -= chunk->size;
        ASAN_UNPOISON_MEMORY_REGION(chunk->data, chunk->size);
        memory_free(chunk);
    }
    return arena->held <= arena->ceiling - size;
}

// Moves on to a chunk that holds `size` bytes: one kept from an earlier round if any is large enough, else a new one.
static bool arena_advance(struct arena *arena, size_t size) {
    struct arena_chunk **link = arena->current != NULL ? &arena->current->next : &arena->first;
    struct arena_chunk *chunk = arena_unlink(link, size);
    if (chunk == NULL) {
        if (!arena_make_room(arena, link, size)) {
            return false;
        }
        // Near the ceiling a chunk takes what is left.
        size_t left = (arena->ceiling - arena->held) & ~(size_t)(ALIGNMENT - 1);
        size_t usual = left < CHUNK_BYTES ? left : CHUNK_BYTES;
        size_t data = size > usual ? size : usual;
        chunk = memory_take(sizeof *chunk + data);
        if (chunk == NULL) {
            return false;
        }
        chunk->size = data;
        arena->held += data;
    }
    chunk->next = *link;
    *link = chunk;
    arena_enter(arena, chunk);
    return true;
}

void *arena_take(struct arena *arena, size_t size) {
    if (size > arena->ceiling) {
        return NULL;
    }
    size_t rounded = (size + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
    if (rounded < size) {
        return NULL;
    }
    if (rounded == 0) {
        rounded = ALIGNMENT;
    }
    if ((size_t)(arena->end - arena->next) < rounded && !arena_advance(arena, rounded)) {
        return NULL;
    }
    void *taken = arena->next;
    arena->next += rounded;
    ASAN_UNPOISON_MEMORY_REGION(taken, size);
    return taken;
}

void *arena_take_zero(struct arena *arena, size_t count, size_t size) {
    if (size != 0 && count > arena->ceiling / size) {
        return NULL;
    }
    void *taken = arena_take(arena, count * size);
    if (taken != NULL) {
        memset(taken, 0, count * size);
    }
    return taken;
}

char *arena_copy(struct arena *arena, const char *data, size_t length) {
    if (length >= arena->ceiling) {
        return NULL;
    }
    char *copy = arena_take(arena, length + 1);
    if (copy != NULL) {
        if (length > 0) {
            memcpy(copy, data, length);
        }
        copy[length] = '\0';
    }
    return copy;
}

bool arena_text(struct arena *arena, struct text source, struct text *out) {
    char *copy = arena_copy(arena, source.data, source.length);
    if (copy == NULL) {
        return false;
    }
    *out = (struct text){copy, source.length};
    return true;
}

char *arena_print(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *out = length >= 0 ? arena_take(arena, (size_t)length + 1) : NULL;
    if (out != NULL) {
        vsnprintf(out, (size_t)length + 1, format, again);
    }
    va_end(again);
    return out;
}
