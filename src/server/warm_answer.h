#ifndef WEIR_SERVER_WARM_ANSWER_H
#define WEIR_SERVER_WARM_ANSWER_H

// What a warm child said, as an answer to a request: the members of its line, without "event".

#include "server/exchange.h"

// An empty line (the child died) is 503; a child's error has the status that it stands for.
void warm_answer_put(struct exchange *exchange, struct text line);

#endif
