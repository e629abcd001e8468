# SPDX-License-Identifier: Apache-2.0
# Runs Rules.cmake on a small repository of faults; each line of its file `faults` must be reported, and nothing else.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${ROOT}" -P "${CMAKE_CURRENT_LIST_DIR}/Rules.cmake"
                RESULT_VARIABLE rc OUTPUT_VARIABLE out ERROR_VARIABLE out)
set(wanted 0)
file(READ "${ROOT}/faults" rest)
while(rest MATCHES "^([^\n]+)\n(.*)$")
  set(fault "${CMAKE_MATCH_1}")
  set(rest "${CMAKE_MATCH_2}")
  math(EXPR wanted "${wanted} + 1")
  string(FIND "${out}" "${fault}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR " not reported: ${fault}\n${out}")
  endif()
endwhile()
if(rc EQUAL 0 OR NOT out MATCHES "[^0-9]${wanted} fault\\(s\\)")
  message(FATAL_ERROR " wanted ${wanted} faults:\n${out}")
endif()
