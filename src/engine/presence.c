#include "engine/presence.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

enum { WORDS_FIRST = 1024 };

void presence_init(struct presence *presence) {
    *presence = (struct presence){0};
}

void presence_clear(struct presence *presence) {
    memory_free(presence->words);
    *presence = (struct presence){0};
}

static bool grow(struct presence *presence, size_t wanted, struct error *error) {
    size_t count = presence->word_count > 0 ? presence->word_count : WORDS_FIRST;
    while (count < wanted) {
        count *= 2;
    }
    uint64_t *words = memory_grow(presence->words, count, sizeof *words);
    if (words == NULL) {
        return error_memory(error);
    }
    memset(words + presence->word_count, 0, (count - presence->word_count) * sizeof *words);
    presence->words = words;
    presence->word_count = count;
    return true;
}

bool presence_mark(struct presence *presence, int64_t home, struct error *error) {
    assert(home > 0);
    if (presence->broken) {
        return true;
    }
    if (home > PRESENCE_ID_MAX) {
        presence->broken = true;
        return true;
    }
    size_t word = (size_t)home / 64;
    if (word >= presence->word_count && !grow(presence, word + 1, error)) {
        return false;
    }
    uint64_t bit = UINT64_C(1) << (home % 64);
    presence->count += (presence->words[word] & bit) == 0;
    presence->words[word] |= bit;
    return true;
}

// What nothing can be told of counts as there: it is not deleted.
bool presence_has(const struct presence *presence, int64_t home) {
    if (presence->broken) {
        return true;
    }
    size_t word = (size_t)home / 64;
    return word < presence->word_count && (presence->words[word] >> (home % 64) & 1) != 0;
}
