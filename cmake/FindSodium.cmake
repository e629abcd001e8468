# SPDX-License-Identifier: Apache-2.0
# Sodium::Sodium. A target of that name that exists already is used as it is, and CUSTODY_SODIUM_TARGET names
# another one that is libsodium: a product that links its own libsodium must not get a second one.
if(NOT TARGET Sodium::Sodium AND CUSTODY_SODIUM_TARGET)
  if(NOT TARGET "${CUSTODY_SODIUM_TARGET}")
    message(FATAL_ERROR " CUSTODY_SODIUM_TARGET is ${CUSTODY_SODIUM_TARGET}, which is not a target here")
  endif()
  add_library(Sodium::Sodium INTERFACE IMPORTED GLOBAL)
  target_link_libraries(Sodium::Sodium INTERFACE "${CUSTODY_SODIUM_TARGET}")
endif()
if(TARGET Sodium::Sodium)
  set(Sodium_FOUND TRUE)
  return()
endif()

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(CUSTODY_PC_SODIUM QUIET libsodium)
endif()
find_path(Sodium_INCLUDE_DIR sodium.h HINTS ${CUSTODY_PC_SODIUM_INCLUDE_DIRS})
find_library(Sodium_LIBRARY NAMES sodium libsodium HINTS ${CUSTODY_PC_SODIUM_LIBRARY_DIRS})
mark_as_advanced(Sodium_INCLUDE_DIR Sodium_LIBRARY)
if(Sodium_INCLUDE_DIR AND EXISTS "${Sodium_INCLUDE_DIR}/sodium/version.h")
  file(STRINGS "${Sodium_INCLUDE_DIR}/sodium/version.h" Sodium_VERSION REGEX "#define SODIUM_VERSION_STRING ")
  string(REGEX REPLACE ".*\"([0-9.]+).*" "\\1" Sodium_VERSION "${Sodium_VERSION}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Sodium REQUIRED_VARS Sodium_LIBRARY Sodium_INCLUDE_DIR VERSION_VAR Sodium_VERSION)
if(Sodium_FOUND)
  add_library(Sodium::Sodium UNKNOWN IMPORTED GLOBAL)
  set_target_properties(Sodium::Sodium PROPERTIES IMPORTED_LOCATION "${Sodium_LIBRARY}"
                                                  INTERFACE_INCLUDE_DIRECTORIES "${Sodium_INCLUDE_DIR}")
endif()
