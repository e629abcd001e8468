// SPDX-License-Identifier: Apache-2.0
#include "server.h"
#include "config.h"
#include "database.h"
#include "friend_manager.h"
#include "group_manager.h"
#include "log.h"
#include "message.h"
#include "offline.h"
#include "privacy_fields.h"
#include "transport.h"
#include "user_manager.h"
#include "util.h"

Server& Server::instance()
{
    static Server s_server;
    return s_server;
}

Bool Server::start(const string& db_path)
{
    if (!Database::instance().open(db_path))
        return False;
    if (!open_privacy(db_path))
        return False;
    UserManager::instance().load();
    UserManager::instance().set_listener(&FriendManager::instance());
    FriendManager::instance().load();
    GroupManager::instance().load();
    OfflineQueue::instance().load();
    LOGI("%s started on %s", config().server_name.c_str(), db_path.c_str());
    return True;
}

void Server::stop()
{
    SessionManager::instance().clear();
    Transport::instance().clear();
    OfflineQueue::instance().clear();
    GroupManager::instance().clear();
    FriendManager::instance().clear();
    UserManager::instance().clear();
    close_privacy();
    Database::instance().close();
    LOGI("%s stopped", config().server_name.c_str());
}

string Server::handle_request(int conn, custody::Incoming&& line)
{
    static const Command commands[] = {
        { "PING", &Server::do_ping, False },
        { "REGISTER", &Server::do_register, False },
        { "LOGIN", &Server::do_login, False },
        { "LOGOUT", &Server::do_logout, True },
        { "PROFILE", &Server::do_profile, True },
        { "UPDATE", &Server::do_update, True },
        { "VERIFY", &Server::do_verify, True },
        { "SEARCH", &Server::do_search, True },
        { "FRIEND_ADD", &Server::do_friend_add, True },
        { "FRIEND_DEL", &Server::do_friend_del, True },
        { "FRIEND_LIST", &Server::do_friend_list, True },
        { "MSG", &Server::do_msg, True },
        { "HISTORY", &Server::do_history, True },
        { "GROUP_CREATE", &Server::do_group_create, True },
        { "GROUP_JOIN", &Server::do_group_join, True },
        { "GROUP_INFO", &Server::do_group_info, True },
        { "GROUP_MSG", &Server::do_group_msg, True },
        { "DELETE_USER", &Server::do_delete_user, True },
        { "MONITOR", &Server::do_monitor, False },
    };

    Request req;
    if (!req.parse(conn, std::move(line)))
        return reply(req, RET_BAD_REQUEST);
    log_wire("recv", conn, req.cmd());

    Session s;
    Bool logged_in = SessionManager::instance().get(conn, s);
    SessionManager::instance().touch(conn);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); ++i) {
        if (req.cmd() != commands[i].name)
            continue;
        if (commands[i].needs_login && !logged_in)
            return reply(req, RET_NOT_LOGGED_IN);
        string out = (this->*commands[i].handler)(req, s);
        log_wire("send", conn, out);
        return out;
    }
    LOGE("unknown command from conn %d: %s", conn, req.cmd().c_str());
    return reply(req, RET_BAD_REQUEST);
}

string Server::reply(const Request& req, int ret, const string& extra)
{
    stringstream ss;
    ss << "{\"cmd\":\"" << json_escape(req.cmd()) << "\",\"ret\":" << ret;
    if (!extra.empty())
        ss << "," << extra;
    ss << "}";
    return ss.str();
}

string Server::do_ping(const Request& req, Session&)
{
    return reply(req, RET_OK, "\"server\":\"" + json_escape(config().server_name) + "\"");
}

string Server::do_register(const Request& req, Session&)
{
    User u, other;
    u.from_request(req, PART_ACCOUNT | PART_PROFILE);
    if (u.account.empty() || u.password.size() < 6)
        return reply(req, RET_BAD_REQUEST);
    if (find_user(req, other) && other.id != 0) {
        log_user("register: taken by", other);
        return reply(req, RET_CONFLICT);
    }
    if (UserManager::instance().add(u) == ERROR)
        return reply(req, RET_FAILED);
    return reply(req, RET_OK, "\"uid\":" + to_str(u.id));
}

string Server::do_login(const Request& req, Session&)
{
    User u;
    if (!find_user(req, u))
        return reply(req, RET_NOT_FOUND);
    if (u.password != req.get("password")) {
        LOGI("login: wrong password %s, want %s", req.get("password").c_str(), u.password.c_str());
        return reply(req, RET_FORBIDDEN);
    }

    Session old;
    if (SessionManager::instance().get_by_uid(u.id, old)) {
        Transport::instance().send(old.conn, Packet(PACKET_KICK, "{\"uid\":" + to_str(u.id) + "}"));
        SessionManager::instance().remove(old.conn);
    }

    u.device = req.get("device");
    u.last_ip = req.get("ip");
    Session s;
    s.conn = req.conn();
    s.uid = u.id;
    s.account = u.account;
    s.password = req.get("password");
    s.ip = u.last_ip;
    s.user = u;
    SessionManager::instance().add(s);
    if (UserManager::instance().login(u) == ERROR)
        return reply(req, RET_FAILED);

    list<Packet> waiting = OfflineQueue::instance().take(u.id);
    foreach (const Packet& p, waiting)
        Transport::instance().send(s.conn, p);
    return reply(req, RET_OK, "\"offline\":" + to_str((long)waiting.size()) + ",\"user\":" + u.to_json(SCOPE_SELF));
}

string Server::do_logout(const Request& req, Session& s)
{
    SessionManager::instance().remove(s.conn);
    return reply(req, RET_OK);
}

string Server::do_profile(const Request& req, Session& s)
{
    if (!req.has("uid"))
        return reply(req, RET_OK, "\"user\":" + s.user.to_json(SCOPE_SELF));

    User u;
    if (!UserManager::instance().get(req.get_int("uid"), u))
        return reply(req, RET_NOT_FOUND);
    int scope = FriendManager::instance().are_friends(s.uid, u.id) ? SCOPE_FRIEND : SCOPE_PUBLIC;
    return reply(req, RET_OK, "\"user\":" + u.to_json(scope));
}

string Server::do_update(const Request& req, Session& s)
{
    User u = s.user;
    u.from_request(req, PART_PROFILE);
    if (UserManager::instance().update(u) == ERROR)
        return reply(req, RET_FAILED);
    return reply(req, RET_OK, "\"user\":" + u.to_json(SCOPE_SELF));
}

string Server::do_verify(const Request& req, Session& s)
{
    User u = s.user;
    if (!u.id_number.empty() && !matches<"id_number">(u, req.get("id_number"))) {
        log_user("verify: another number for", u);
        return reply(req, RET_CONFLICT);
    }
    u.from_request(req, PART_REALNAME);
    if (UserManager::instance().verify(u) == ERROR)
        return reply(req, RET_FAILED);
    return reply(req, RET_OK);
}

string Server::do_search(const Request& req, Session&)
{
    User u;
    if (!find_user(req, u))
        return reply(req, RET_NOT_FOUND);
    return reply(req, RET_OK, "\"user\":" + u.to_json(SCOPE_PUBLIC));
}

string Server::do_friend_add(const Request& req, Session& s)
{
    User u;
    if (!find_user(req, u) || u.id == s.uid)
        return reply(req, RET_NOT_FOUND);
    if (FriendManager::instance().add(s.uid, u.id, req.get("remark")) == ERROR)
        return reply(req, RET_FAILED);
    return reply(req, RET_OK, "\"uid\":" + to_str(u.id));
}

string Server::do_friend_del(const Request& req, Session& s)
{
    int fid = req.get_int("uid");
    if (!FriendManager::instance().are_friends(s.uid, fid))
        return reply(req, RET_NOT_FOUND);
    if (FriendManager::instance().remove(s.uid, fid) == ERROR)
        return reply(req, RET_FAILED);
    return reply(req, RET_OK);
}

string Server::do_friend_list(const Request& req, Session& s)
{
    return reply(req, RET_OK, "\"friends\":" + FriendManager::instance().friends_to_json(s.uid));
}

string Server::do_msg(const Request& req, Session& s)
{
    ChatMessage m;
    m.from_request(req, s.uid);
    m.gid = 0;
    User u;
    if (!UserManager::instance().get(m.to, u))
        return reply(req, RET_NOT_FOUND);
    if (!FriendManager::instance().are_friends(s.uid, m.to))
        return reply(req, RET_FORBIDDEN);
    if (!save_message(m))
        return reply(req, RET_FAILED);
    push_to_user(m.to, Packet(PACKET_CHAT, m.to_json()));
    return reply(req, RET_OK, "\"mid\":" + to_str(m.id));
}

string Server::do_history(const Request& req, Session& s)
{
    int limit = req.has("limit") ? req.get_int("limit") : 20;
    MessageList talk;
    if (req.has("gid")) {
        Group g;
        if (!GroupManager::instance().get(req.get_int("gid"), g) || !g.has(s.uid))
            return reply(req, RET_FORBIDDEN);
        talk = load_group_talk(g.id, limit);
    } else {
        talk = load_talk(s.uid, req.get_int("uid"), limit);
    }
    list<string> items;
    foreach (const ChatMessage& m, talk)
        items.push_back(m.to_json());
    return reply(req, RET_OK, "\"messages\":[" + join(items, ",") + "]");
}

string Server::do_group_create(const Request& req, Session& s)
{
    Group g;
    g.name = req.get("name");
    g.notice = req.get("notice");
    g.owner = s.uid;
    if (g.name.empty() || GroupManager::instance().create(g) == ERROR)
        return reply(req, RET_FAILED);
    return reply(req, RET_OK, "\"gid\":" + to_str(g.id));
}

string Server::do_group_join(const Request& req, Session& s)
{
    if (GroupManager::instance().join_group(req.get_int("gid"), s.uid) == ERROR)
        return reply(req, RET_NOT_FOUND);
    return reply(req, RET_OK);
}

string Server::do_group_info(const Request& req, Session& s)
{
    Group g;
    if (!GroupManager::instance().get(req.get_int("gid"), g))
        return reply(req, RET_NOT_FOUND);
    if (!g.has(s.uid))
        return reply(req, RET_FORBIDDEN);
    return reply(req, RET_OK, "\"group\":" + GroupManager::instance().group_to_json(g));
}

string Server::do_group_msg(const Request& req, Session& s)
{
    ChatMessage m;
    m.from_request(req, s.uid);
    m.to = 0;
    Group g;
    if (!GroupManager::instance().get(m.gid, g))
        return reply(req, RET_NOT_FOUND);
    if (!g.has(s.uid))
        return reply(req, RET_FORBIDDEN);
    if (!save_message(m))
        return reply(req, RET_FAILED);
    GroupManager::instance().send(m);
    return reply(req, RET_OK, "\"mid\":" + to_str(m.id));
}

string Server::do_delete_user(const Request& req, Session& s)
{
    if (s.password != req.get("password"))
        return reply(req, RET_FORBIDDEN);
    log_user("delete", s.user);
    FriendManager::instance().forget(s.uid);
    GroupManager::instance().forget(s.uid);
    OfflineQueue::instance().forget(s.uid);
    if (UserManager::instance().remove(s.uid) == ERROR)
        return reply(req, RET_FAILED);
    SessionManager::instance().remove(s.conn);
    return reply(req, RET_OK);
}

// the monitor port of operations: everybody, everything
string Server::do_monitor(const Request& req, Session&)
{
    if (config().admin_key.empty() || req.get("key") != config().admin_key)
        return reply(req, RET_FORBIDDEN);
    stringstream ss;
    ss << "\"users\":" << users_to_json(UserManager::instance().all(), SCOPE_ADMIN);
    ss << ",\"online\":[";
    SessionList sessions = SessionManager::instance().all();
    SessionList::iterator it;
    for (it = sessions.begin(); it != sessions.end(); ++it)
        ss << (it == sessions.begin() ? "" : ",") << "{\"conn\":" << it->conn << ",\"uid\":" << it->uid << ",\"ip\":\""
           << json_escape(it->ip) << "\"}";
    ss << "],\"offline\":" << OfflineQueue::instance().count();
    return reply(req, RET_OK, ss.str());
}
