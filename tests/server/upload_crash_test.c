// The process is killed at every point, and the disk fails at every call: a file that is whole is right, a part can be
// gone on with, and nothing is left over for good.

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "upload_rig.h"

static const struct text csv = {"id,name\n1,Well\n2,Tank\n", 22};

// Runs in a process of its own, for fault points are looked up once a process. Gives whether it was killed.
static bool run(void (*what)(void), const char *plan) {
    pid_t process = fork();
    CHECK(process >= 0);
    if (process == 0) {
        if (plan != NULL) {
            setenv("WEIR_FAULT", plan, 1);
        }
        what();
        _exit(0);
    }
    int status;
    CHECK(waitpid(process, &status, 0) == process);
    bool is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    CHECK(is_killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return is_killed;
}

// Brings all that is there to its end.
static void go_on(struct rig *rig, const struct upload_info *info) {
    struct text id = text_of(info->id);
    CHECK(!info->is_damaged);
    if (!info->is_whole) {
        CHECK(info->size <= csv.length && info->sha256[0] == '\0');
        CHECK_OK(rig_append(rig, id, info->size, (struct text){csv.data + info->size, csv.length - info->size}),
                 &rig->error);
        CHECK_OK(rig_finish(rig, id, NULL), &rig->error);
    }
    rig_check_content(rig, id, csv);
    CHECK_OK(upload_delete(&rig->uploads, RIG_ORG, id, &rig->error), &rig->error);
}

static void check(void) {
    struct rig rig;
    struct upload_info *infos;
    size_t count, removed;
    rig_open(&rig);
    CHECK_OK(upload_list(&rig.uploads, RIG_ORG, &rig.arena, &infos, &count, &rig.error), &rig.error);
    CHECK(count <= 2);
    for (size_t i = 0; i < count; i++) {
        CHECK(!infos[i].is_whole || (infos[i].size == csv.length && strlen(infos[i].sha256) == 64));
        go_on(&rig, &infos[i]);
    }
    // At the latest a day after, nothing of it is left.
    rig_now_us = INT64_C(1) << 55;
    CHECK_OK(upload_sweep(&rig.uploads, RIG_ORG, INT64_C(86400000000), &removed, &rig.error), &rig.error);
    CHECK_INT(rig_files(&rig, ""), 0);
}

#ifdef WEIR_FAULTS
// All that is done with an upload: begun, sent in two parts, finished, another one deleted.
static void work(void) {
    struct rig rig;
    char a[UPLOAD_ID_HEX], b[UPLOAD_ID_HEX];
    rig_open(&rig);
    rig_send(&rig, "a.csv", (struct text){csv.data, 9}, a);
    CHECK_OK(rig_append(&rig, text_of(a), 9, (struct text){csv.data + 9, csv.length - 9}), &rig.error);
    CHECK_OK(rig_finish(&rig, text_of(a), NULL), &rig.error);
    rig_put(&rig, "b.csv", csv, b);
    CHECK_OK(upload_delete(&rig.uploads, RIG_ORG, text_of(b), &rig.error), &rig.error);
}

TEST(upload_crash, killed_anywhere) {
    char plan[32];
    int killed = 0;
    for (bool go = true; go; killed += go) {
        snprintf(plan, sizeof plan, "kill:%d", killed + 1);
        test_folder();
        go = run(work, plan);
        run(check, NULL);
    }
    CHECK(killed > 30); // it came to that
}
#endif

// The n-th call and all behind it fail; then the disk is well again.
static enum rig_call failing;
static int fails_at;
static int reason;

static void work_on_bad_disk(void) {
    struct rig rig;
    char a[UPLOAD_ID_HEX];
    struct upload_wish wish = {.name = TEXT_LITERAL("a.csv"), .by = {"", 0}, .expected = csv.length};
    rig_open(&rig);
    rig_disk(failing, fails_at, reason, 1);
    bool ok = upload_begin(&rig.uploads, RIG_ORG, &wish, a, &rig.error);
    struct text id = text_of(a);
    for (size_t at = 0; ok && at < csv.length; at += 2) {
        ok = rig_append(&rig, id, at, (struct text){csv.data + at, csv.length - at < 2 ? csv.length - at : 2});
    }
    ok = ok && rig_finish(&rig, id, NULL);
    if (!ok) {
        CHECK_INT(rig.error.code, reason == ENOSPC ? ERROR_HOME_FULL : ERROR_FILE_WRITE);
    }
    rig_disk(failing, 0, 0, 0);
    _exit(ok ? 0 : 3);
}

static void check_disk(enum rig_call call, int why) {
    int struck = 0;
    failing = call;
    reason = why;
    for (bool go = true; go; struck += go) {
        fails_at = struck + 1;
        pid_t process = fork();
        int status;
        CHECK(process >= 0);
        if (process == 0) {
            work_on_bad_disk();
        }
        CHECK(waitpid(process, &status, 0) == process && WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 3);
        go = WEXITSTATUS(status) == 3;
        run(check, NULL);
    }
    CHECK(struck > 1);
}

TEST(upload_crash, disk_fails_anywhere) {
    test_folder();
    check_disk(RIG_WRITE, ENOSPC);
    check_disk(RIG_WRITE, EIO);
    check_disk(RIG_FSYNC, ENOSPC);
    check_disk(RIG_FSYNC, EIO);
    check_disk(RIG_RENAME, EIO);
}

// What a full disk took is there, and one goes on behind it.
TEST(upload_crash, full_disk_and_on) {
    struct rig rig;
    struct upload *upload;
    char a[UPLOAD_ID_HEX];
    rig_open(&rig);
    struct text id = rig_begin(&rig, "a.csv", csv.length, a);
    CHECK_OK(upload_open(&rig.uploads, RIG_ORG, id, &upload, &rig.error), &rig.error);
    rig_disk(RIG_WRITE, 1, ENOSPC, 7);
    CHECK(!upload_append(upload, 0, csv, &rig.error));
    CHECK_INT(rig.error.code, ERROR_HOME_FULL);
    CHECK_TEXT(text_of(rig.error.place), "7 bytes are there");
    CHECK_INT(upload_size(upload), 7);
    rig_disk(RIG_WRITE, 0, 0, 0);
    CHECK_OK(upload_append(upload, 7, (struct text){csv.data + 7, csv.length - 7}, &rig.error), &rig.error);
    upload_close(upload);
    CHECK_OK(rig_finish(&rig, id, NULL), &rig.error);
    rig_check_content(&rig, id, csv);
    rig_close(&rig);
}

// The power may go at any moment: what is named was on the disk before.
TEST(upload_crash, synced_before_it_is_named) {
    struct rig rig;
    char a[UPLOAD_ID_HEX];
    rig_open(&rig);
    rig_watch();
    struct text id = rig_begin(&rig, "a.csv", csv.length, a);
    CHECK(rig_is_synced());
    CHECK_OK(rig_append(&rig, id, 0, csv), &rig.error);
    CHECK_OK(rig_finish(&rig, id, NULL), &rig.error);
    CHECK(rig_is_synced());
    rig_check_content(&rig, id, csv);
    rig_close(&rig);
}
