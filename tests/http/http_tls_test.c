// TLS against openssl's own test server: nothing that can't be trusted is spoken to, and nothing is sent to it.

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/client.h"

extern char **environ;

struct tls_server {
    pid_t process;
    int port;
    char certificate[512];
    char key[512];
};

static pid_t spawn(const char *const *arguments, int output) {
    pid_t process;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (output >= 0) {
        posix_spawn_file_actions_adddup2(&actions, output, 1);
    } else {
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    }
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawnp(&process, arguments[0], &actions, NULL, (char *const *)(uintptr_t)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    CHECK_INT(failed, 0);
    return process;
}

// A server on a free port, with a certificate for `names` that it signed itself.
static void tls_open(struct tls_server *server, const char *names) {
    snprintf(server->certificate, sizeof server->certificate, "%s/%s.pem", test_folder(), "certificate");
    snprintf(server->key, sizeof server->key, "%s/%s.pem", test_folder(), "key");
    char extension[128];
    snprintf(extension, sizeof extension, "subjectAltName=%s", names);
    const char *const make[] = {"openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:P-256",
                                "-nodes",
                                "-days",
                                "2",
                                "-subj",
                                "/CN=test",
                                "-addext",
                                extension,
                                "-keyout",
                                server->key,
                                "-out",
                                server->certificate,
                                NULL};
    int status = 0;
    CHECK(waitpid(spawn(make, -1), &status, 0) > 0 && status == 0);
    int ends[2];
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    const char *const serve[] = {"openssl",           "s_server", "-accept",   "127.0.0.1:0", "-cert",
                                 server->certificate, "-key",     server->key, "-www",        NULL};
    server->process = spawn(serve, ends[1]);
    close(ends[1]);
    char said[512] = "";
    size_t length = 0;
    const char *line = NULL;
    while (line == NULL || strchr(line, '\n') == NULL) {
        ssize_t got = length + 1 < sizeof said ? read(ends[0], said + length, sizeof said - 1 - length) : 0;
        CHECK(got > 0);
        length += (size_t)got;
        said[length] = '\0';
        line = strstr(said, "ACCEPT 127.0.0.1:");
    }
    server->port = (int)strtol(line + strlen("ACCEPT 127.0.0.1:"), NULL, 10);
    close(ends[0]);
}

static void tls_close(struct tls_server *server) {
    kill(server->process, SIGKILL);
    waitpid(server->process, NULL, 0);
}

TEST(http_tls, a_certificate_is_always_checked) {
    struct tls_server server;
    struct client client;
    char base[64];
    tls_open(&server, "IP:127.0.0.1");
    client_open(&client);
    snprintf(base, sizeof base, "https://127.0.0.1:%d", server.port);
    client.setup.base = text_of(base);
    client_play(&client, NULL, 0);
    CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_TLS);
    CHECK_INT(client.error.retry, RETRY_NEVER);
    CHECK_INT(client_fails(&client, "POST", "/", "{}"), ERROR_HTTP_TLS); // never "unknown": nothing was sent
    http_close(client.http);
    client.setup.ca_file = text_of(server.certificate);
    CHECK_OK(http_open(&client.setup, &client.http, &client.error), &client.error);
    CHECK(client_ask(&client, "GET", "/", NULL, 200).length > 100);
    client_close(&client);
    tls_close(&server);
}

TEST(http_tls, the_name_is_checked) {
    struct tls_server server;
    struct client client;
    char base[64];
    tls_open(&server, "DNS:example.org");
    client_open(&client);
    snprintf(base, sizeof base, "https://127.0.0.1:%d", server.port);
    client.setup.base = text_of(base);
    client.setup.ca_file = text_of(server.certificate);
    client_play(&client, NULL, 0);
    CHECK_INT(client_fails(&client, "GET", "/", NULL), ERROR_HTTP_TLS);
    client_close(&client);
    tls_close(&server);
}

// A server that doesn't speak TLS, and a CA file that isn't there.
TEST(http_tls, no_tls_at_all) {
    struct client client;
    char base[64];
    client_open(&client);
    snprintf(base, sizeof base, "https://127.0.0.1:%d", raw_server_port(client.server));
    client.setup.base = text_of(base);
    const struct raw_exchange exchanges[] = {{NULL, "HTTP/1.1 400 Bad\r\n\r\n", .end = RAW_CLOSE, .forever = true}};
    raw_server_play(client.server, exchanges, COUNT_OF(exchanges));
    client.setup.ca_file = TEXT_LITERAL("no/such/file.pem");
    CHECK_OK(http_open(&client.setup, &client.http, &client.error), &client.error);
    CHECK_INT(client_fails(&client, "POST", "/", "{}"), ERROR_HTTP_TLS);
    client_close(&client);
}
