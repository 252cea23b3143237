// The table of routes as lines of JSON, for matrix_test.mjs.

#include <stdio.h>

#include "server/route.h"

int main(void) {
    for (const struct route *route = routes; route->method != NULL; route++) {
        printf("{\"method\":\"%s\",\"path\":\"%s\",\"may\":%u,\"org\":%s,\"operation\":\"%s\"}\n", route->method,
               route->path, route->may, route->scope == SCOPE_ORG ? "true" : "false", route->operation);
    }
    return 0;
}
