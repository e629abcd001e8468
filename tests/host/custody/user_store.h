// SPDX-License-Identifier: Apache-2.0
#ifndef HOST_USER_STORE_H
#define HOST_USER_STORE_H

#include "user.h"

// insert when u.id is 0 (and set it), replace otherwise
HOST_API Status save_user(IN OUT User& u);
HOST_API Status save_realname(IN OUT User& u);
HOST_API Status erase_user(int uid);

// by phone, else by account, else by uid: whatever the request brought
HOST_API Bool find_user(const Request& req, OUT User& u);
HOST_API UserList load_users();

#endif
