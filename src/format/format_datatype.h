#ifndef WEIR_FORMAT_DATATYPE_H
#define WEIR_FORMAT_DATATYPE_H

// A datatype's declaration as a JSON object, and back: how home remembers its tables.
//   {"name":"reading","extra":"keep","key":["resource","datetime"],
//    "derived":["cost"],   (only where there are derived fields; who computes them isn't remembered)
//    "fields":[{"name":"value","type":"decimal","required":true,"default":0,"target":"resource"}, …]}

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "model/datatype.h"

void datatype_write(struct buffer *buffer, const struct datatype *datatype);

bool datatype_read(struct text text, struct arena *arena, const struct datatype **out, struct error *error);

#endif
