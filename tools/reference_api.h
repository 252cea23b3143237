#ifndef WEIR_TOOLS_REFERENCE_API_H
#define WEIR_TOOLS_REFERENCE_API_H

// The page about the server's API, made from the OpenAPI document that the server gives. Printed on standard output;
// false: it can't be made, and why was said.

#include <stdbool.h>

bool reference_api(void);

#endif
