# What the host is made of: add_host(NAME DIR) reads this file from DIR.
set(HOST_CORE_SOURCES
  config.cpp database.cpp log.cpp message.cpp packet.cpp privacy.cpp request.cpp user.cpp user_store.cpp util.cpp)
set(HOST_SERVER_SOURCES
  friend_manager.cpp group_manager.cpp offline.cpp server.cpp session.cpp transport.cpp user_manager.cpp)
set(HOST_MAIN_SOURCES main.cpp)
set(HOST_PRECOMPILED_HEADER platform.h)
