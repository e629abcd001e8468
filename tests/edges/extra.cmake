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

# The token adapter over SoftHSM, where both its header and the module are there.
find_file(CUSTODY_PKCS11_MODULE libsofthsm2.so PATHS /usr/lib /usr/lib64 /usr/local/lib
          PATH_SUFFIXES softhsm "${CMAKE_LIBRARY_ARCHITECTURE}/softhsm" NO_DEFAULT_PATH)
mark_as_advanced(CUSTODY_PKCS11_MODULE)
if(CUSTODY_P11KIT_INCLUDE AND CUSTODY_PKCS11_MODULE)
  add_executable(edges_pkcs11_tests "${CMAKE_CURRENT_SOURCE_DIR}/pkcs11/pkcs11_test.cpp")
  target_link_libraries(edges_pkcs11_tests PRIVATE custody_test_base custody::pkcs11)
  add_test(NAME edges.pkcs11 COMMAND edges_pkcs11_tests)
  set_tests_properties(edges.pkcs11 PROPERTIES ENVIRONMENT "CUSTODY_PKCS11_MODULE=${CUSTODY_PKCS11_MODULE}")
else()
  add_test(NAME edges.pkcs11 COMMAND "${CMAKE_COMMAND}" -E echo "edges.pkcs11: not run, needs the packages softhsm2 and libp11-kit-dev")
endif()
set_tests_properties(edges.pkcs11 PROPERTIES SKIP_REGULAR_EXPRESSION "not run" TIMEOUT 300)

# A cipher suite of another library, where it is there.
find_path(CUSTODY_BOTAN_INCLUDE botan/aead.h PATH_SUFFIXES botan-2)
find_library(CUSTODY_BOTAN_LIBRARY botan-2)
mark_as_advanced(CUSTODY_BOTAN_INCLUDE CUSTODY_BOTAN_LIBRARY)
if(CUSTODY_BOTAN_INCLUDE AND CUSTODY_BOTAN_LIBRARY)
  add_executable(edges_sm4_tests "${CMAKE_CURRENT_SOURCE_DIR}/sm4/sm4_test.cpp")
  target_include_directories(edges_sm4_tests SYSTEM PRIVATE "${CUSTODY_BOTAN_INCLUDE}")
  target_link_libraries(edges_sm4_tests PRIVATE custody_test_base custody::sm4 "${CUSTODY_BOTAN_LIBRARY}")
  add_test(NAME edges.sm4 COMMAND edges_sm4_tests)
else()
  add_test(NAME edges.sm4 COMMAND "${CMAKE_COMMAND}" -E echo "edges.sm4: not run, needs the package libbotan-2-dev")
endif()
set_tests_properties(edges.sm4 PROPERTIES SKIP_REGULAR_EXPRESSION "not run" TIMEOUT 300)
