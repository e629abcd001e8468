// SPDX-License-Identifier: Apache-2.0
// host_main: runs a script of requests against the server.
//
//   host_main SCRIPT LOG DATABASE [CONFIG]        SCRIPT may be - for stdin
//
// A line is "CONN REQUEST", or one of
//   RESTART   stop and start again, everything comes back from the database
//   PAUSE     print READY, wait for a line on stdin (60 s at most)
//   CRASH     abort()
//
// Lines are read and answers are written without stdio, and the line buffer is
// cleared: what a memory dump finds is the server's, not the script's.
#include "config.h"
#include "log.h"
#include "server.h"
#include "transport.h"
#include "util.h"
#include "privacy.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

static char s_line[8192];

// one byte at a time, nothing behind the line is read; False at the end
static Bool read_line(int fd)
{
    size_t n = 0;
    char c = 0;
    memset(s_line, 0, sizeof(s_line));
    while (read(fd, &c, 1) == 1) {
        if (c == '\n')
            return True;
        if (n + 1 < sizeof(s_line))
            s_line[n++] = c;
    }
    return n > 0 ? True : False;
}

static void write_line(const string& s)
{
    deliver(STDOUT_FILENO, s + "\n");
}

static void pause_script()
{
    struct pollfd p;
    p.fd = STDIN_FILENO;
    p.events = POLLIN;
    p.revents = 0;
    write_line("READY");
    if (poll(&p, 1, 60 * 1000) > 0)
        read_line(STDIN_FILENO);
}

static void show_pushes()
{
    vector<int> conns = Transport::instance().pending();
    foreach (int conn, conns) {
        vector<Packet> packets = Transport::instance().drain(conn);
        foreach (const Packet& p, packets)
            write_line("  [" + to_str(conn) + "] <- " + to_str(p.cmd) + "#" + to_str(p.seq) + " " + p.body);
    }
}

// True while there is more to do
static Bool run_line(const char* db_path)
{
    if (s_line[0] == '\0' || s_line[0] == '#')
        return True;
    if (strcmp(s_line, "CRASH") == 0)
        abort();
    if (strcmp(s_line, "PAUSE") == 0) {
        memset(s_line, 0, sizeof(s_line));
        pause_script();
        return True;
    }
    if (strcmp(s_line, "RESTART") == 0) {
        Server::instance().stop();
        write_line("RESTARTED");
        return Server::instance().start(db_path);
    }
    char* request = NULL;
    int conn = (int)strtol(s_line, &request, 10);
    custody::Incoming body{string_view(request)};
    memset(s_line, 0, sizeof(s_line));
    string answer = Server::instance().handle_request(conn, std::move(body));
    write_line("[" + to_str(conn) + "] " + answer);
    show_pushes();
    return True;
}

int main(int argc, char* argv[])
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s SCRIPT LOG DATABASE [CONFIG]\n", argv[0]);
        return 2;
    }
    if (!open_log(argv[2], LOG_LEVEL_TRACE))
        return 2;
    if (argc > 4 && !load_config(argv[4]))
        return 2;
    int fd = strcmp(argv[1], "-") == 0 ? STDIN_FILENO : open(argv[1], O_RDONLY);
    if (fd < 0 || !Server::instance().start(argv[3]))
        return 2;

    Bool more = True;
    while (more && read_line(fd))
        more = run_line(argv[3]);
    Server::instance().stop();
    close_log();
    return more ? 0 : 1;
}
