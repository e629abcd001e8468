# SPDX-License-Identifier: Apache-2.0
# custody_lock(TARGET <program> FILE <custody.lock>)
#   TARGET  a program of one line: int main(int argc, char** argv) { return custody::lock_main<Product, Records...>(argc, argv); }
#   FILE    the committed lock, relative to the current source directory
# adds the test <program>.lock, which fails while the file and the types differ, and the target <program>_update, which
# rewrites the file when the change is one that stored data survives, and fails otherwise.
include_guard(GLOBAL)

function(custody_lock)
  cmake_parse_arguments(PARSE_ARGV 0 lock "" "TARGET;FILE" "")
  if(lock_UNPARSED_ARGUMENTS OR NOT lock_TARGET OR NOT lock_FILE)
    message(FATAL_ERROR "custody_lock(TARGET <program> FILE <custody.lock>)")
  endif()
  get_filename_component(file "${lock_FILE}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  add_test(NAME ${lock_TARGET}.lock COMMAND ${lock_TARGET} --check "${file}")
  add_custom_target(${lock_TARGET}_update COMMAND ${lock_TARGET} --update "${file}" VERBATIM
                    COMMENT "Updating ${lock_FILE}")
endfunction()
