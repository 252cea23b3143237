#include "server/job_json.h"

#include "server/service.h"
#include "server/supervisor.h"

static void put_text_or_null(struct members *members, const char *name, struct text text) {
    if (text.length > 0) {
        members_text(members, name, text);
    } else {
        members_null(members, name);
    }
}

void job_put(struct members *members, const struct job *job) {
    static const char *const states[] = {"queued", "running", "ended"};
    members_integer(members, "id", job->id);
    members_text(members, "org", job->org);
    members_text(members, "sync", job->sync);
    members_json(members, "params", job->params);
    members_text(members, "method", job->method);
    members_bool(members, "force", job->force);
    members_text(members, "cause", job->cause);
    members_text(members, "asked_by", job->asked_by);
    members_time(members, "asked", job->asked_us);
    members_string(members, "state", states[job->state]);
    members_text(members, "status", job->status);
    members_bool(members, "cancelled", job->cancelled);
    members_time(members, "due", job->state == JOB_QUEUED ? job->due_us : 0);
    members_time(members, "started", job->started_us);
    members_time(members, "ended", job->state == JOB_ENDED ? job->ended_us : 0);
    members_integer(members, "attempts", job->attempts);
    if (job->run > 0) {
        members_integer(members, "run", job->run);
    } else {
        members_null(members, "run");
    }
    members_json(members, "counts", job->counts);
    put_text_or_null(members, "code", job->code);
    put_text_or_null(members, "message", job->message);
}

void job_answer_asked(struct exchange *exchange, int64_t id, bool joined) {
    struct job job;
    struct error error;
    bool found;
    if (!ledger_job_find(exchange->service->ledger, id, &exchange->arena, &found, &job, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    struct members *members = exchange_begin(exchange, 202);
    members_open(members, NULL);
    members_open(members, "run");
    job_put(members, &job);
    members_close(members);
    members_bool(members, "joined", joined);
    members_close(members);
    exchange_end(exchange);
}

bool job_find(struct exchange *exchange, struct job *out) {
    struct error error;
    int64_t id;
    bool found;
    if (!exchange_id(exchange, 0, &id)) {
        return false;
    }
    if (!ledger_job_find(exchange->service->ledger, id, &exchange->arena, &found, out, &error)) {
        exchange_fail(exchange, &error);
        return false;
    }
    if (!found || !text_same(out->org, exchange->org)) {
        exchange_refuse(exchange, 404, ERROR_NOT_THERE, "there is no run %lld", (long long)id);
        return false;
    }
    return true;
}

struct actor job_actor(const struct exchange *exchange) {
    return (struct actor){.org = exchange->org, .name = exchange->identity.name, .token = exchange->identity.token};
}

void job_ask(struct exchange *exchange, const struct job *job) {
    struct actor who = job_actor(exchange);
    struct error error;
    bool joined;
    int64_t id;
    if (!ledger_job_add(exchange->service->ledger, job, &who, &joined, &id, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    supervisor_nudge(exchange->service->supervisor);
    job_answer_asked(exchange, id, joined);
}
