// The table itself (route.h).

#include "server/api.h"
#include "server/route.h"

enum { NO_BODY = 0, SMALL_BODY = 64 * 1024 };

#define GET "GET"
#define POST "POST"
#define PUT "PUT"
#define PATCH "PATCH"
#define DELETE "DELETE"

// clang-format off
const struct route routes[] = {
    // what the server is
    {GET, "/health", MAY_ALL, SCOPE_SERVER, true, NO_BODY, api_health, NULL,
     "health", "service", "Whether the server lives", "", NULL, "200 Health"},
    {GET, "/ready", MAY_ALL, SCOPE_SERVER, true, NO_BODY, api_ready, NULL,
     "ready", "service", "Whether the server can work", "", NULL, "200 Health"},
    {GET, "/version", MAY_ALL, SCOPE_SERVER, true, NO_BODY, api_version, NULL,
     "version", "service", "Which weir this is", "", NULL, "200 Version"},

    // tokens
    {GET, "/v1/tokens", MAY_OPERATE, SCOPE_SERVER, true, NO_BODY, api_tokens_list, NULL,
     "listTokens", "tokens", "The tokens there are, without their texts", "org", NULL, "200 TokenList"},
    {POST, "/v1/tokens", MAY_OPERATE, SCOPE_SERVER, true, SMALL_BODY, api_tokens_create, NULL,
     "createToken", "tokens", "Makes a token; its text is shown this once", "org", "TokenNew", "201 TokenMade"},
    {DELETE, "/v1/tokens/{id}", MAY_OPERATE, SCOPE_SERVER, true, NO_BODY, api_tokens_revoke, NULL,
     "revokeToken", "tokens", "Ends a token at once", "org", NULL, "204"},
    {GET, "/v1/audit", MAY_OVERSEE, SCOPE_SERVER, true, NO_BODY, api_audit_list, NULL,
     "listAudit", "tokens", "Who did what, newest first", "org limit before", NULL, "200 AuditList"},

    {NULL, NULL, 0, SCOPE_SERVER, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
// clang-format on
