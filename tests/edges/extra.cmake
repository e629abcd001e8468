# SPDX-License-Identifier: Apache-2.0
# The lock of the tests' own product: custody_lock as a consumer uses it.
include("${PROJECT_SOURCE_DIR}/cmake/CustodyLock.cmake")
add_executable(edges_lock_program "${CMAKE_CURRENT_LIST_DIR}/lock_program.cpp")
target_include_directories(edges_lock_program PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
target_link_libraries(edges_lock_program PRIVATE custody::custody)
custody_lock(TARGET edges_lock_program FILE "${CMAKE_CURRENT_LIST_DIR}/custody.lock")

# The other verdicts: an older lock is behind, a changed one is refused, and an update of it writes nothing.
set(edges_lock_run "-DPROGRAM=$<TARGET_FILE:edges_lock_program>" "-DLOCK=${CMAKE_CURRENT_LIST_DIR}/custody.lock"
                   "-DWORK=${CMAKE_CURRENT_BINARY_DIR}/edges_lock")
add_test(NAME edges.lock.verdicts COMMAND "${CMAKE_COMMAND}" ${edges_lock_run} -P "${CMAKE_CURRENT_LIST_DIR}/LockVerdicts.cmake")
