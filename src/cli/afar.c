#include "cli/afar.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli_home.h"
#include "format/format_json.h"

enum {
    AFAR_ARENA_MAX = 1024 * 1024 * 1024,
    ANSWER_BYTES_MAX = 256 * 1024 * 1024,
    PATH_BYTES_MAX = 64 * 1024,
    TOKEN_BYTES_MAX = 4096,
    REFUSAL_BYTES_MAX = 64 * 1024,
    SILENCE_MS = 75 * 1000,         // a waiting question is answered after 20 s at the latest
    TOTAL_MS = 12 * 60 * 60 * 1000, // of a stream; then it is taken up again
};
static const uint64_t body_bytes_max = UINT64_C(1) << 40; // of a stream too; a whole answer has its own limit

// --- the token ---

static bool read_file(const char *path, char *into, size_t room, size_t *length, struct error *error) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    *length = 0;
    if (file < 0) {
        return error_set_errno(error, errno == ENOENT ? ERROR_FILE_MISSING : ERROR_FILE_READ, errno,
                               "cannot open the token's file %s", path);
    }
    ssize_t got = 1;
    while (got > 0 && *length < room) {
        got = read(file, into + *length, room - *length);
        *length += got > 0 ? (size_t)got : 0;
    }
    int number = errno;
    close(file);
    return got >= 0 || error_set_errno(error, ERROR_FILE_READ, number, "cannot read the token's file %s", path);
}

static bool token_take(struct cli *cli, struct arena *arena, struct text *out, struct error *error) {
    static char room[TOKEN_BYTES_MAX + 1];
    const char *given = cli->token;
    *out = TEXT_LITERAL("");
    if (given == NULL) {
        return error_set(error, ERROR_USAGE,
                         "the server wants a token: give --token @FILE, or set WEIR_TOKEN (`weir token create` at the "
                         "server makes one)");
    }
    struct text text = text_of(given);
    size_t length;
    if (given[0] == '@') {
        if (!read_file(given + 1, room, sizeof room, &length, error)) {
            return false;
        }
        text = (struct text){room, length};
    } else if (cli->token_said && !cli->quiet) {
        fprintf(cli->err, "weir: others on this machine can see a token on a command line; give --token @FILE or set "
                          "WEIR_TOKEN\n");
    }
    text = text_trim(text);
    bool fine = text.length > 0 && text.length <= TOKEN_BYTES_MAX;
    for (size_t i = 0; fine && i < text.length; i++) {
        fine = text.data[i] > ' ' && text.data[i] < 0x7f;
    }
    if (!fine) {
        return error_set(error, ERROR_USAGE, "%s holds no token: one word of letters, digits and the like",
                         given[0] == '@' ? given + 1 : "--token");
    }
    return arena_text(arena, text, out) || error_memory(error);
}

// --- opening ---

// Somebody on the way can read what goes over plain HTTP, unless it stays on this machine.
static void warn_of_plain(const struct cli *cli) {
    static const char *const near[] = {"http://127.", "http://localhost", "http://[::1]"};
    bool warns = strncasecmp(cli->server, "http://", 7) == 0 && !cli->quiet;
    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
        warns = warns && strncasecmp(cli->server, near[i], strlen(near[i])) != 0;
    }
    if (warns) {
        fprintf(cli->err, "weir: the token goes to the server unencrypted; use https\n");
    }
}

static bool check_url(const char *url, struct error *error) {
    bool ok = (strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0) && strchr(url, '?') == NULL;
    return ok || error_set(error, ERROR_USAGE, "--server takes a URL, as https://weir.example.org, not '%s'", url);
}

bool afar_open(struct cli *cli, struct afar *out, struct error *error) {
    struct http_range anywhere;
    struct text token;
    char agent[64];
    *out = (struct afar){.cli = cli, .org = text_of(cli->org != NULL ? cli->org : "")};
    arena_init(&out->arena, AFAR_ARENA_MAX);
    if (!check_url(cli->server, error) || !token_take(cli, &out->arena, &token, error)) {
        return false;
    }
    warn_of_plain(cli);
    struct sigaction ignore = {.sa_handler = SIG_IGN}; // a connection that breaks is an error, no signal
    sigaction(SIGPIPE, &ignore, NULL);
    struct text base = text_of(cli->server);
    while (base.length > 0 && base.data[base.length - 1] == '/') {
        base.length--;
    }
    snprintf(agent, sizeof agent, "weir/%s", cli->version);
    struct http_setup setup = {
        .base = base,
        .auth = {.kind = AUTH_BEARER, .token = token},
        .user_agent = text_of(agent),
        .at_once_max = 2,
        .silence_ms = SILENCE_MS,
        .total_ms = TOTAL_MS,
        .body_bytes_max = body_bytes_max,
        .rules = {&anywhere, 1},
        .clock = cli->clock,
        .log = &log_none,
    };
    return http_range_read(TEXT_LITERAL("::/0"), &anywhere) && http_open(&setup, &out->http, error);
}

void afar_close(struct afar *afar) {
    afar->cli->org = NULL; // it may stand in the arena
    http_close(afar->http);
    arena_clear(&afar->arena);
}

// --- paths ---

struct afar_path afar_path(const char *begin) {
    struct afar_path path = {.has_query = false};
    buffer_init(&path.text, PATH_BYTES_MAX);
    buffer_string(&path.text, begin);
    return path;
}

static void put_encoded(struct buffer *out, struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                     byte == '-' || byte == '_' || byte == '.' || byte == '~';
        if (plain) {
            buffer_byte(out, (char)byte);
        } else {
            buffer_print(out, "%%%02X", byte);
        }
    }
}

void afar_path_part(struct afar_path *path, struct text part) {
    buffer_byte(&path->text, '/');
    // "." and ".." would lead to another place; so would nothing at all.
    if (part.length == 0 || text_is(part, ".") || text_is(part, "..")) {
        buffer_string(&path->text, "%20");
    }
    put_encoded(&path->text, part);
}

void afar_path_number(struct afar_path *path, int64_t number) {
    buffer_print(&path->text, "/%lld", (long long)number);
}

void afar_path_query(struct afar_path *path, const char *name, struct text value) {
    buffer_byte(&path->text, path->has_query ? '&' : '?');
    path->has_query = true;
    put_encoded(&path->text, text_of(name));
    buffer_byte(&path->text, '=');
    put_encoded(&path->text, value);
}

void afar_path_count(struct afar_path *path, const char *name, int64_t number) {
    char digits[TEXT_INTEGER_MAX];
    afar_path_query(path, name, text_digits(number, digits));
}

void afar_path_clear(struct afar_path *path) {
    buffer_clear(&path->text);
}

bool afar_url(struct afar *afar, struct afar_path *path, struct text *out, struct error *error) {
    if (afar->org.length > 0) {
        afar_path_query(path, "org", afar->org);
    }
    bool starved = path->text.failed && path->text.starved;
    bool ok = path->text.failed ? !starved && error_set(error, ERROR_USAGE, "the names are too long for a question")
                                : arena_text(&afar->arena, buffer_view(&path->text), out);
    starved = starved || (!ok && !path->text.failed);
    afar_path_clear(path);
    return ok || (starved ? error_memory(error) : false);
}

// --- asking ---

// What a server says itself; of another program's answer only the status is told, with its first words.
static bool own_error(const struct object *answer, struct error *error) {
    const struct object *said = afar_object(answer, "error");
    struct text code = afar_text(said, "code");
    int64_t number;
    if (code.length < 2 || code.data[0] != 'W' ||
        !text_integer((struct text){code.data + 1, code.length - 1}, &number) || number <= 0 || number > 9999 ||
        error_info((enum error_code)number) == NULL) {
        return false;
    }
    struct text place = afar_text(said, "place");
    error_set(error, (enum error_code)number, "%.*s", TEXT_ARGS(afar_text(said, "message")));
    if (place.length > 0) {
        error_place(error, "%.*s", TEXT_ARGS(place));
    }
    return true;
}

bool afar_refuse(struct http_call *call, const struct http_head *head, struct arena *arena, struct error *error) {
    struct text body;
    struct value value;
    struct error ignored; // the status is the error
    if (text_is(head->type, "application/json") && http_finish(call, REFUSAL_BYTES_MAX, arena, &body, &ignored)) {
        if (json_read(body, arena, NULL, &value, &ignored) && value.kind == VALUE_OBJECT &&
            own_error(value.as.object, error)) {
            return false;
        }
        return error_set(error, head->status >= 500 ? ERROR_HTTP_SERVER : ERROR_HTTP_STATUS,
                         "%.*s was answered with %d, and not by a weir server", TEXT_ARGS(head->url), head->status);
    }
    return http_refuse(call, error);
}

bool afar_send(struct afar *afar, const struct http_request *request, struct text *out, struct error *error) {
    struct http_call *call = NULL;
    struct http_head head;
    bool ok = http_send(afar->http, request, &call, error) && http_head(call, &head, error);
    if (!ok && error->code == ERROR_HTTP_ADDRESS) {
        // A redirect: what the HTTP room says of it is for datasources.
        error_set(error, ERROR_HTTP_REDIRECT, "%s sends the question elsewhere; give --server the address itself",
                  afar->cli->server);
    }
    if (ok && (head.status < 200 || head.status > 299)) {
        ok = afar_refuse(call, &head, &afar->arena, error);
    } else if (ok) {
        ok = http_finish(call, ANSWER_BYTES_MAX, &afar->arena, out, error);
        if (ok && head.unproven) {
            ok = error_set(error, ERROR_HTTP_LOST, "%.*s: whether its answer is whole can't be known",
                           TEXT_ARGS(head.url));
        }
    }
    http_call_close(call);
    return ok;
}

bool afar_ask(struct afar *afar, const char *verb, struct afar_path *path, struct text body, struct value *out,
              struct error *error) {
    struct http_request request = {
        .verb = verb,
        .body = body,
        .type = body.length > 0 ? TEXT_LITERAL("application/json") : TEXT_LITERAL(""),
        .accept = TEXT_LITERAL("application/json"),
        .writes = strcmp(verb, "GET") != 0,
        .small = true,
    };
    struct text answer;
    *out = (struct value){.kind = VALUE_MISSING};
    if (!afar_url(afar, path, &request.url, error) || !afar_send(afar, &request, &answer, error)) {
        return false;
    }
    if (answer.length == 0) {
        return true;
    }
    struct error why;
    return json_read(answer, &afar->arena, NULL, out, &why) ||
           (why.code == ERROR_MEMORY ? error_memory(error)
                                     : error_set(error, ERROR_HTTP_SHAPE,
                                                 "the server's answer is no JSON (%s): is %s "
                                                 "a weir server?",
                                                 why.message, afar->cli->server));
}

// --- words of the command line ---

bool afar_org(struct afar *afar, struct text org, struct error *error) {
    if (afar->org.length > 0 && !text_same(afar->org, org)) {
        return error_set(error, ERROR_USAGE, "--org says %.*s, and the command %.*s", TEXT_ARGS(afar->org),
                         TEXT_ARGS(org));
    }
    afar->org = org;
    afar->cli->org = arena_copy(&afar->arena, org.data, org.length); // for the commands that are suggested
    return afar->cli->org != NULL || error_memory(error);
}

bool afar_sync(struct afar *afar, const char *word, struct text *name, struct error *error) {
    struct text org;
    *name = text_of(word);
    bool ok = !cli_split(word, &org, name) || afar_org(afar, org, error);
    size_t length = name->length;
    if (ok && length > 4 &&
        (text_is((struct text){name->data + length - 4, 4}, ".lua") || memchr(name->data, '/', length) != NULL)) {
        return error_set(error, ERROR_USAGE,
                         "a server's sync is NAME or ORG/NAME, not a file: '%s' (--data DIR works here)", word);
    }
    return ok && (length > 0 || error_set(error, ERROR_USAGE, "'%s' names no sync", word));
}
