#include "cli/listing.h"

enum { LISTING_BYTES_MAX = 64 * 1024 * 1024 };

void listing_init(struct listing *listing, const struct cli *cli, const char *const *heads) {
    *listing = (struct listing){.cli = cli};
    table_init(&listing->table, heads);
    buffer_init(&listing->text, LISTING_BYTES_MAX);
}

void listing_close(struct listing *listing) {
    table_clear(&listing->table);
    buffer_clear(&listing->text);
}

bool listing_limit(struct listing *listing, const struct cli_arguments *arguments, int64_t usual, struct error *error) {
    return cli_count(arguments, "limit", listing->cli->json ? 0 : usual, &listing->limit, error);
}

int64_t listing_scan(const struct listing *listing) {
    return listing->limit > 0 ? listing->limit + 1 : 0;
}

bool listing_takes(struct listing *listing) {
    listing->more = listing->more || (listing->limit > 0 && listing->count == listing->limit);
    listing->count += !listing->more;
    return !listing->more;
}

bool listing_finish(struct listing *listing, const char *none, const char *behind, struct error *error) {
    struct buffer out;
    if (listing->cli->json) {
        return true;
    }
    buffer_init(&out, LISTING_BYTES_MAX);
    bool ok = true;
    if (listing->count == 0) {
        buffer_print(&out, "%s\n", none);
    } else {
        ok = table_write(&listing->table, listing->cli->columns, &out, error);
        buffer_string(&out, behind);
    }
    if (listing->more) {
        buffer_string(&out, "… and more; --limit 0 shows all\n");
    }
    ok = ok && (!out.failed || error_memory(error)) && cli_write(listing->cli, buffer_view(&out), error);
    buffer_clear(&out);
    return ok;
}
