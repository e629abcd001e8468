// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_SERVER_H
#define HOST_SERVER_H

#include "request.h"
#include "session.h"

enum {
    RET_OK = 0,
    RET_BAD_REQUEST = 400,
    RET_NOT_LOGGED_IN = 401,
    RET_FORBIDDEN = 403,
    RET_NOT_FOUND = 404,
    RET_CONFLICT = 409,
    RET_FAILED = 500
};

class HOST_API Server
{
public:
    static Server& instance();

    Bool start(const string& db_path);
    void stop();
    string handle_request(int conn, custody::Incoming&& line);

private:
    Server() {}
    typedef string (Server::*Handler)(const Request& req, Session& s);
    struct Command
    {
        const char* name;
        Handler handler;
        Bool needs_login;
    };

    string reply(const Request& req, int ret, const string& extra = "");

    string do_ping(const Request& req, Session& s);
    string do_register(const Request& req, Session& s);
    string do_login(const Request& req, Session& s);
    string do_logout(const Request& req, Session& s);
    string do_profile(const Request& req, Session& s);
    string do_update(const Request& req, Session& s);
    string do_verify(const Request& req, Session& s);
    string do_search(const Request& req, Session& s);
    string do_friend_add(const Request& req, Session& s);
    string do_friend_del(const Request& req, Session& s);
    string do_friend_list(const Request& req, Session& s);
    string do_msg(const Request& req, Session& s);
    string do_history(const Request& req, Session& s);
    string do_group_create(const Request& req, Session& s);
    string do_group_join(const Request& req, Session& s);
    string do_group_info(const Request& req, Session& s);
    string do_group_msg(const Request& req, Session& s);
    string do_delete_user(const Request& req, Session& s);
    string do_monitor(const Request& req, Session& s);
};

#endif
