// A preview: the first records of each type, before and after, with nothing written and no home needed.

#include "engine/rehearse.h"

bool run_preview(const struct run_request *request, size_t rows,
                 bool (*show)(void *context, const struct preview_row *row, struct error *error), void *context,
                 struct error *error) {
    struct rehearsal rehearsal = {
        .request = request,
        .records = rows,
        .page_records = rows,
        .show = show,
        .context = context,
    };
    return rehearse(&rehearsal, error);
}
