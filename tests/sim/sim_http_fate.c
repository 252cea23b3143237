// What becomes of a request: as the plan says, or it is carried out and answered.

#include <string.h>

#include "base/memory.h"
#include "sim_http_inner.h"
#include "sim_remote_inner.h"

enum { SHOWN_MAX = 200, TOLD_MAX = 300, BUSY_S = 2, AWAY_S = 600 };

// --- requests that are late: they outlive their call, and their process ---

struct late {
    struct late *next;
    struct sim_remote *remote;
    struct arena arena;
    struct sim_ask ask;
    int64_t number;
};

static struct late *late_first;

static void late_keep(struct http_call *call) {
    struct late *late = memory_zero(1, sizeof *late);
    SIM_CHECK(late != NULL);
    arena_init(&late->arena, SIM_CALL_BYTES_MAX);
    late->remote = call->http->remote;
    late->number = call->number;
    late->ask = call->ask;
    late->ask.again = true;
    struct text *const texts[] = {&late->ask.verb, &late->ask.path, &late->ask.query, &late->ask.body, &late->ask.key};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        SIM_CHECK(texts[i]->length == 0 || arena_text(&late->arena, *texts[i], texts[i]));
    }
    struct late **end = &late_first;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = late;
}

void sim_late_arrive(struct sim *sim) {
    while (late_first != NULL) {
        struct late *late = late_first;
        struct sim_say say;
        late_first = late->next;
        sim_remote_answer(late->remote, &late->ask, &late->arena, &say);
        sim_tell(sim, "request %lld arrives late: %d", (long long)late->number, say.status);
        arena_clear(&late->arena);
        memory_free(late);
    }
}

// --- errors, as the real client has them ---

bool sim_http_dead(struct http *http) {
    http->dead = http->dead || http->sim->dead;
    return http->dead;
}

bool sim_http_say_dead(struct error *error) {
    // A code that ends whatever is under way, at once.
    error_set(error, ERROR_HTTP_REFUSED, "the process is dead");
    if (error != NULL) {
        error->scope = ERROR_RUN;
        error->retry = RETRY_NEVER;
    }
    return false;
}

struct text sim_call_show(const struct http_call *call, struct buffer *room) {
    buffer_init(room, HTTP_URL_MAX + 64);
    buffer_print(room, "%s ", call->verb);
    http_url_hide(room, call->url.whole, TEXT_LITERAL(""));
    room->length = room->length < SHOWN_MAX ? room->length : SHOWN_MAX;
    return buffer_view(room);
}

static void fail(struct http_call *call, enum error_code code, const char *words) {
    struct buffer shown;
    struct text what = sim_call_show(call, &shown);
    error_set(&call->error, code, "%.*s: %s", TEXT_ARGS(what), words);
    buffer_clear(&shown);
    call->step = SIM_STEP_FAILED;
}

void sim_call_lose(struct http_call *call, const char *words) {
    char all[120];
    snprintf(all, sizeof all, "%s%s", words, call->writes ? "; the server may have acted on it" : "");
    fail(call, call->writes ? ERROR_HTTP_UNKNOWN : ERROR_HTTP_LOST, all);
}

// --- answers that are not the datasource's ---

static void say_text(struct http_call *call, int status, const char *type, const char *body) {
    struct text none = TEXT_LITERAL("");
    call->say =
        (struct sim_say){.status = status, .type = text_of(type), .body = text_of(body), .link = none, .moved = none};
    call->arrives = call->say.body.length;
    call->step = SIM_STEP_ANSWERED;
    call->harmed = true;
}

static void say_failed(struct http_call *call, int status, int64_t retry_s) {
    say_text(call, status, "application/json", "{\"error\":{\"message\":\"not now\"}}");
    call->say.retry_s = retry_s;
}

// Nothing, as an answer. Whoever looks for a record and is told that there is none may make another.
static void say_empty(struct http_call *call) {
    bool list = !call->writes && memchr(call->ask.path.data + 1, '/', call->ask.path.length - 1) == NULL;
    say_text(call, 200, "application/json", list ? sim_pager_empty(call->http->remote->knobs) : "");
    int identity = list ? sim_query_identity(call->ask.query) : 0;
    if (identity > 0) {
        call->http->sim->births[identity]++;
    }
}

// A list that says at another page how long it is gives itself away.
static void tell_lie(struct http_call *call) {
    enum { OFFSET = 1, NUMBER = 2 };
    const int64_t *knobs = call->http->remote->knobs;
    bool counts = (knobs[KNOB_PAGER] == OFFSET || knobs[KNOB_PAGER] == NUMBER) && knobs[KNOB_TOTAL] != 0;
    struct sim *sim = call->http->sim;
    bool is_all = knobs[KNOB_PAGER] == 0 || (counts && sim_query_is_first(call->ask.query));
    if (is_all && sim_query_identity(call->ask.query) == 0) {
        sim->emptied[text_is(call->ask.path, "/wells") ? SIM_WELL : SIM_READING] = true;
    }
    if (!counts || sim_query_is_first(call->ask.query)) {
        sim->lied = true;
        sim->lied_once = true;
    }
}

// A write is not sent on; a read is, but not to a host that is not the datasource's.
static void say_moved(struct http_call *call) {
    say_text(call, 302, "", "");
    call->say.moved = TEXT_LITERAL("http://elsewhere.sim/api");
    if (!call->writes) {
        fail(call, ERROR_HTTP_ADDRESS, "answered with 302: http://elsewhere.sim:80 is not where this datasource is");
    }
}

// A fault that keeps it from being carried out. False: it is none.
static bool is_kept_away(struct http_call *call) {
    switch (call->fault) {
    case SIM_FAULT_CONNECT:
        fail(call, ERROR_HTTP_CONNECT, "the server cannot be reached");
        return true;
    case SIM_FAULT_LATE:
        if (call->writes) {
            late_keep(call);
        }
        call->silent = true;
        sim_call_lose(call, "nothing came for so long");
        return true;
    case SIM_FAULT_TIMEOUT:
        call->silent = true;
        sim_call_lose(call, "nothing came for so long");
        return true;
    case SIM_FAULT_BUSY:
        say_failed(call, 429, BUSY_S);
        return true;
    case SIM_FAULT_AWAY:
        say_failed(call, 503, AWAY_S);
        return true;
    case SIM_FAULT_ERROR:
        say_failed(call, 500, 0);
        return true;
    case SIM_FAULT_REFUSED:
        say_failed(call, 403, 0);
        return true;
    case SIM_FAULT_WRONG:
        say_failed(call, 200, 0);
        return true;
    case SIM_FAULT_LOGIN:
        say_text(call, 200, "text/html", "<html><body>Please log in</body></html>");
        return true;
    case SIM_FAULT_MOVED:
        say_moved(call);
        return true;
    case SIM_FAULT_EMPTY:
        if (!call->writes) {
            say_empty(call);
            tell_lie(call);
        }
        return !call->writes;
    default:
        return false;
    }
}

// What happens to the answer of a request that was carried out.
static void harm(struct http_call *call) {
    size_t length = call->say.body.length;
    switch (call->fault) {
    case SIM_FAULT_LOST:
        sim_call_lose(call, "the connection was closed before an answer came");
        break;
    case SIM_FAULT_BROKEN:
        say_failed(call, 500, 0);
        break;
    case SIM_FAULT_EMPTY:
        if (call->say.status < 400) {
            say_empty(call);
        }
        break;
    case SIM_FAULT_CUT:
        if (length == 0) { // it breaks in its head
            sim_call_lose(call, "the connection was closed before an answer came");
            break;
        }
        call->harmed = call->torn = true;
        call->arrives = length / 2;
        break;
    case SIM_FAULT_UNPROVEN: // one without a body has nothing to prove
        call->harmed = call->unproven = length > 0;
        call->arrives = length / 2;
        break;
    default:
        break;
    }
}

// --- carrying out ---

static void tell(const struct http_call *call, const char *what) {
    char status[16];
    bool failed = call->step == SIM_STEP_FAILED;
    snprintf(status, sizeof status, "%d", call->say.status);
    struct text body = call->ask.body;
    body.length = body.length < TOLD_MAX ? body.length : TOLD_MAX;
    bool asks = call->ask.query.length > 0;
    sim_tell(call->http->sim, "request %lld %s %.*s%s%.*s%s%.*s: %s%s%s", (long long)call->number, call->verb,
             TEXT_ARGS(call->ask.path), asks ? "?" : "", asks ? (int)call->ask.query.length : 0,
             asks ? call->ask.query.data : "", body.length > 0 ? " " : "", (int)body.length,
             body.length > 0 ? body.data : "",
             call->step == SIM_STEP_WAITS ? "on its way"
             : failed                     ? "-"
                                          : status,
             what[0] != '\0' ? ", " : "", what);
}

static void carry_out(struct http_call *call) {
    struct http *http = call->http;
    struct sim *sim = http->sim;
    if (!sim_step_begins(sim)) {
        http->dead = true;
        return;
    }
    sim_remote_answer(http->remote, &call->ask, &call->arena, &call->say);
    if (call->fault == SIM_FAULT_TWICE && call->writes) {
        call->ask.again = true;
        sim_remote_answer(http->remote, &call->ask, &call->arena, &call->say);
    }
    call->step = SIM_STEP_ANSWERED;
    call->arrives = call->say.body.length;
    harm(call);
    tell(call, call->fault < SIM_FAULTS ? sim_fault_name(call->fault) : "");
    if (!call->writes && call->say.body.length > 0) {
        sim_tell(sim, "    %.*s", (int)call->say.body.length, call->say.body.data);
    }
    sim_late_arrive(sim); // what is late comes behind it
    if (!sim_step_ends(sim)) {
        http->dead = true;
    }
}

void sim_call_send(struct http_call *call) {
    struct http *http = call->http;
    struct sim *sim = http->sim;
    call->number = ++sim->requests;
    http->remote->writes += call->writes;
    sim->now_us += http->remote->knobs[KNOB_LATENCY];
    const struct sim_event *event = sim_due(sim, SIM_REQUEST, call->number);
    if (event != NULL) {
        SIM_CHECK(event->detail >= 0 && event->detail < SIM_FAULTS);
        call->fault = (enum sim_fault)event->detail;
        sim->counters->faults[call->fault]++;
        sim->counters->what[SIM_REQUEST]++;
    }
    if (call->fault == SIM_FAULT_REORDERED) {
        tell(call, sim_fault_name(call->fault));
    } else if (is_kept_away(call)) {
        tell(call, sim_fault_name(call->fault));
    } else {
        carry_out(call);
    }
}

void sim_call_await(struct http_call *call) {
    if (call->step == SIM_STEP_WAITS && !sim_http_dead(call->http)) {
        carry_out(call);
    }
    if (call->silent) {
        call->silent = false;
        call->http->sim->now_us += call->http->silence_us;
    }
}
