#include "format/format_feed.h"

enum {
    BLOCK_BYTES = 256 * 1024,
    STEP_BYTES = 32 * 1024, // read at once: at most so much is left over when a page ends, and copied once more
};

void feed_init(struct feed *feed) {
    *feed = (struct feed){0};
    buffer_init(&feed->carry, 2 * FEED_PIECE_MAX);
}

void feed_clear(struct feed *feed) {
    buffer_clear(&feed->carry);
}

void feed_start(struct feed *feed, struct stream *stream) {
    feed->stream = stream;
    feed->ended = false;
    feed->is_long = false;
    // Many short streams share a block: what the one before didn't fill is used on.
    feed->length = feed->block != NULL ? feed->length : 0;
    feed->start = feed->length;
    feed->at = feed->length;
    buffer_reset(&feed->carry);
}

// A new block that begins with the piece in hand.
static bool block_renew(struct feed *feed, struct arena *arena, struct error *error) {
    bool is_carried = feed->block == NULL;
    size_t part = is_carried ? feed->carry.length : feed->length - feed->start;
    size_t size = part > BLOCK_BYTES / 2 ? part * 2 : BLOCK_BYTES;
    char *block = arena_take(arena, size);
    if (block == NULL) {
        return error_memory(error);
    }
    if (part > 0) {
        memcpy(block, is_carried ? feed->carry.data : feed->block + feed->start, part);
    }
    feed->at -= feed->start;
    feed->start = 0;
    feed->length = part;
    feed->block = block;
    feed->size = size;
    buffer_reset(&feed->carry);
    return true;
}

// A piece that has grown over its limit: from now on its bytes go by.
static void piece_cut(struct feed *feed) {
    size_t looked = feed->at - feed->start;
    feed->is_long = feed->is_long || looked > FEED_PIECE_MAX;
    if (feed->is_long && looked > FEED_PIECE_KEPT) {
        memmove(feed->block + feed->start + FEED_PIECE_KEPT, feed->block + feed->at, feed->length - feed->at);
        feed->length -= looked - FEED_PIECE_KEPT;
        feed->at = feed->start + FEED_PIECE_KEPT;
    }
}

bool feed_more(struct feed *feed, struct arena *arena, struct error *error) {
    if (feed->block == NULL && feed->carry.length > 0) {
        return block_renew(feed, arena, error);
    }
    piece_cut(feed);
    if ((feed->block == NULL || feed->size - feed->length < STEP_BYTES / 4) && !block_renew(feed, arena, error)) {
        return false;
    }
    size_t room = feed->size - feed->length;
    size_t got = 0;
    if (feed->ended) {
        return true;
    }
    if (!stream_read(feed->stream, feed->block + feed->length, room < STEP_BYTES ? room : STEP_BYTES, &got, error)) {
        return false;
    }
    feed->length += got;
    feed->ended = got == 0;
    return true;
}

bool feed_take(struct feed *feed, struct text *bytes) {
    size_t length = feed->at - feed->start;
    bool is_long = feed->is_long || length > FEED_PIECE_MAX;
    *bytes = (struct text){feed->block + feed->start, is_long && length > FEED_PIECE_KEPT ? FEED_PIECE_KEPT : length};
    feed->start = feed->at;
    feed->is_long = false;
    return !is_long;
}

bool feed_leave(struct feed *feed, struct error *error) {
    if (feed->block == NULL) {
        return true;
    }
    buffer_reset(&feed->carry);
    bool ok = buffer_append(&feed->carry, feed->block + feed->start, feed->length - feed->start);
    feed->at -= feed->start;
    feed->start = 0;
    feed->block = NULL; // on false too: the arena goes
    feed->size = 0;
    feed->length = 0;
    return ok || error_memory(error);
}
