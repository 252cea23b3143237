// `weir run` and `weir dead retry` at a server: asks for a run, watches it and tells its end, as for one here.

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/afar_commands.h"
#include "cli/afar_job.h"
#include "cli/afar_upload.h"
#include "cli/cli_report.h"
#include "cli/output.h"

enum { BODY_BYTES_MAX = 1024 * 1024, PATIENCE_SECONDS = 120, UPLOAD_ID_LENGTH = 32 };
static const int64_t second_us = 1000 * 1000;

// --- leaving ---

// Ctrl-C ends the watching, not the run. What is said then is made ready before, since a signal may come at any moment.
static struct {
    char words[2048]; // for people
    size_t words_length;
    char line[1024]; // with --json
    size_t line_length;
} farewell;

static void on_signal(int number) {
    (void)number;
    if (write(STDERR_FILENO, farewell.words, farewell.words_length) < 0 ||
        write(STDOUT_FILENO, farewell.line, farewell.line_length) < 0) {
        _exit(CLI_FAILED);
    }
    _exit(CLI_INTERRUPTED);
}

static size_t fitting(int length, size_t room) {
    return length < 0 ? 0 : (size_t)length < room ? (size_t)length : room - 1;
}

static void farewell_ready(const struct cli *cli, const struct afar_job *job, bool terminal) {
    char hint[CLI_HINT_MAX];
    long long id = job->row.id;
    cli_run_hint(cli, id, hint);
    farewell.words_length =
        fitting(snprintf(farewell.words, sizeof farewell.words,
                         "%srun %lld goes on at the server\n  how it is: weir log %s\n  end it: weir cancel %s\n",
                         terminal ? "\r\033[K" : "", id, hint, hint),
                sizeof farewell.words);
    if (cli->json) {
        farewell.line_length =
            fitting(snprintf(farewell.line, sizeof farewell.line, "{\"run\":%lld,\"status\":\"running\"}\n", id),
                    sizeof farewell.line);
    }
    fflush(cli->out);
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void farewell_done(void) {
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigaction(SIGINT, &plain, NULL);
    sigaction(SIGTERM, &plain, NULL);
}

// --- telling ---

// What a report needs to know of the sync, from what the server declares of it.
struct declared {
    struct sync sync;
    struct sync_type type;
    struct datatype datatype;
};

static void declared_read(const struct object *sync, const struct afar_job *job, struct declared *out) {
    struct text direction = afar_text(sync, "direction");
    const struct value *types = afar_member(sync, "types");
    const char *slash = memchr(job->row.sync.data, '/', job->row.sync.length);
    size_t org = slash != NULL ? (size_t)(slash - job->row.sync.data) : 0;
    *out = (struct declared){.sync = {.params = job->row.params}};
    out->sync.org = (struct text){job->row.sync.data, org};
    out->sync.name = (struct text){job->row.sync.data + org + 1, job->row.sync.length - org - 1};
    out->sync.direction = text_is(direction, "push") ? SYNC_PUSH : text_is(direction, "both") ? SYNC_BOTH : SYNC_PULL;
    if (types != NULL && types->kind == VALUE_LIST && types->length > 0) {
        const struct value *last = &types->as.items[types->length - 1];
        out->datatype.name = last->kind == VALUE_OBJECT ? afar_text(last->as.object, "datatype")
                             : last->kind == VALUE_TEXT ? value_slice(last)
                                                        : (struct text){"", 0};
        out->type.datatype = &out->datatype;
        out->sync.types = &out->type;
        out->sync.type_count = out->datatype.name.length > 0;
    }
}

static bool tell_json(const struct cli *cli, const struct sync *sync, const struct run_report *report,
                      const struct afar_job *job, struct error *error) {
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    cli_report_put(&output, sync, report);
    if (job->home_run > 0) {
        output_integer(&output, "home_run", job->home_run);
    } else {
        output_null(&output, "home_run");
    }
    if (text_is(job->method, "validate")) {
        output_integer(&output, "valid", job->valid);
    }
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static enum cli_exit tell(struct afar *afar, const struct object *sync, const struct afar_job *job, bool joined) {
    struct cli *cli = afar->cli;
    struct declared declared;
    struct error error;
    struct run_report report = {
        .run = job->row.id,
        .status = job->row.status,
        .counts = job->row.counts,
        .pending_now = -1, // the server doesn't say
        .span_us = job->row.ended_us > job->row.started_us ? job->row.ended_us - job->row.started_us : 0,
        .until_us = job->row.until_us,
        .resumed = job->attempts > 1,
        .answered = joined,
        .error = job->reason,
    };
    bool ok;
    declared_read(sync, job, &declared);
    if (report.error.code != ERROR_NONE && report.status != RUN_INTERRUPTED) {
        cli_error_show(cli, &report.error);
    }
    if (cli->json) {
        ok = tell_json(cli, &declared.sync, &report, job, &error);
    } else if (cli->quiet) {
        ok = true;
    } else if (text_is(job->method, "validate")) {
        struct validate_report validated = {.run = report, .valid = job->valid};
        ok = cli_validate_show(cli, &declared.sync, &validated, &error);
    } else {
        char *name = arena_print(&afar->arena, "%.*s", TEXT_ARGS(job->row.sync));
        ok = (name != NULL || error_memory(&error)) &&
             cli_report_show(cli, &declared.sync, &report, joined, name, &error);
    }
    if (!ok) {
        cli_error_show(cli, &error);
    }
    return cli_report_exit(&report);
}

// --- watching ---

static bool sync_ask(struct afar *afar, struct text name, const struct object **out, struct error *error) {
    struct afar_path path = afar_path("/v1/syncs");
    struct value answer;
    afar_path_part(&path, name);
    return afar_ask(afar, "GET", &path, TEXT_LITERAL(""), &answer, error) && afar_take_object(&answer, out, error);
}

static enum cli_exit watch(struct afar *afar, const struct cli_arguments *arguments, const struct object *sync,
                           struct afar_job *job, bool joined) {
    struct cli *cli = afar->cli;
    struct progress progress;
    struct error error;
    int64_t patience;
    if (!cli_count(arguments, "patience", PATIENCE_SECONDS, &patience, &error)) {
        return cli_fail(cli, &error);
    }
    bool terminal = isatty(fileno(cli->err)) != 0;
    progress_init(&progress, cli->err, cli->clock, terminal);
    progress.quiet = cli->quiet;
    progress.verbose = cli->verbose;
    progress.colours = cli->colours;
    progress.all = text_is(job->method, "validate");
    if (joined && !cli->quiet) {
        fprintf(cli->err, "%.*s runs already: waiting for it to end\n", TEXT_ARGS(job->row.sync));
    }
    farewell_ready(cli, job, terminal);
    progress_begin(&progress, job->row.sync);
    bool ok = afar_job_follow(afar, &progress, patience * second_us, job, &error);
    progress_end(&progress, ok ? &job->reason : &error);
    farewell_done();
    progress_clear(&progress);
    return ok ? tell(afar, sync, job, joined) : cli_fail(cli, &error);
}

enum cli_exit afar_run_watch(struct afar *afar, const struct cli_arguments *arguments, struct afar_job *job,
                             bool joined) {
    const struct object *sync = NULL;
    struct error error;
    struct text name = job->row.sync;
    const char *slash = memchr(name.data, '/', name.length);
    size_t org = slash != NULL ? (size_t)(slash - name.data) + 1 : 0;
    name = (struct text){name.data + org, name.length - org};
    return sync_ask(afar, name, &sync, &error) ? watch(afar, arguments, sync, job, joined)
                                               : cli_fail(afar->cli, &error);
}

// --- what is asked for ---

// What bounds a process here has no meaning there.
bool afar_run_options(const struct cli_arguments *arguments, struct error *error) {
    static const char *const ours[] = {"events", "request", "cpu", "memory", "file-size", "parent", "files"};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (cli_flag(arguments, ours[i])) {
            return error_set(error, ERROR_USAGE, "--%s is for a run here; a server bounds its own", ours[i]);
        }
    }
    return true;
}

static bool is_file(const struct object *sync, struct text name) {
    const struct value *params = afar_member(sync, "params");
    for (uint32_t i = 0; params != NULL && params->kind == VALUE_LIST && i < params->length; i++) {
        const struct value *param = &params->as.items[i];
        if (param->kind == VALUE_OBJECT && text_same(afar_text(param->as.object, "name"), name)) {
            return text_is(afar_text(param->as.object, "type"), "file");
        }
    }
    return false;
}

// A file of this machine is uploaded; what is no path here and looks like an upload's number is one.
static bool take_file(struct afar *afar, const char *path, struct text *out, struct error *error) {
    struct afar_upload upload;
    if (strlen(path) == UPLOAD_ID_LENGTH && strspn(path, "0123456789abcdef") == UPLOAD_ID_LENGTH &&
        access(path, F_OK) != 0) {
        *out = text_of(path);
        return true;
    }
    if (!afar_upload(afar, path, NULL, &upload, error)) {
        return false;
    }
    if (!afar->cli->quiet) {
        fprintf(afar->cli->err, "uploaded %s as %.*s\n", path, TEXT_ARGS(upload.id));
    }
    *out = upload.id;
    return true;
}

bool afar_params_put(struct afar *afar, const struct cli_arguments *arguments, const struct object *sync,
                     struct members *members, struct error *error) {
    size_t place = 0;
    const char *given;
    members_open(members, "params");
    while ((given = cli_next(arguments, "param", &place)) != NULL) {
        const char *equals = strchr(given, '=');
        if (equals == NULL || equals == given) {
            return error_set(error, ERROR_USAGE, "--param takes NAME=VALUE, not '%s'", given);
        }
        static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
        if (strspn(given, plain) != (size_t)(equals - given)) {
            return error_set(error, ERROR_PARAM, "the script declares no parameter '%.*s'", (int)(equals - given),
                             given);
        }
        char *name = arena_copy(&afar->arena, given, (size_t)(equals - given));
        struct text value = text_of(equals + 1);
        if (name == NULL) {
            return error_memory(error);
        }
        if (is_file(sync, text_of(name)) && !take_file(afar, equals + 1, &value, error)) {
            return false;
        }
        members_text(members, name, value);
    }
    members_close(members);
    return true;
}

static bool ask_run(struct afar *afar, const struct cli_arguments *arguments, struct text name,
                    const struct object *sync, struct value *answer, struct error *error) {
    struct afar_path path = afar_path("/v1/syncs");
    struct buffer body;
    const char *method = cli_value(arguments, "method");
    buffer_init(&body, BODY_BYTES_MAX);
    struct members members = members_begin(&body);
    members_open(&members, NULL);
    bool ok = afar_params_put(afar, arguments, sync, &members, error);
    members_bool(&members, "force", cli_flag(arguments, "force"));
    if (method != NULL) {
        members_string(&members, "method", method);
    }
    members_close(&members);
    if (ok && body.failed) {
        ok = error_set(error, ERROR_USAGE, "the parameters are too long");
    }
    if (ok) {
        afar_path_part(&path, name);
        buffer_string(&path.text, "/run");
        ok = afar_ask(afar, "POST", &path, buffer_view(&body), answer, error);
    } else {
        afar_path_clear(&path);
    }
    buffer_clear(&body);
    return ok;
}

enum cli_exit afar_run(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct text name;
    const struct object *sync = NULL;
    struct value answer;
    struct afar_job job;
    bool joined = false;
    bool ok = afar_open(cli, &afar, &error) && afar_run_options(arguments, &error) &&
              afar_sync(&afar, arguments->words[0], &name, &error) && sync_ask(&afar, name, &sync, &error) &&
              ask_run(&afar, arguments, name, sync, &answer, &error) &&
              afar_job_asked(&answer, &afar.arena, &job, &joined, &error);
    enum cli_exit code = ok ? watch(&afar, arguments, sync, &job, joined) : cli_fail(cli, &error);
    afar_close(&afar);
    return code;
}
