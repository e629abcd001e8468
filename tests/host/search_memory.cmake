# SPDX-License-Identifier: Apache-2.0
# cmake -DHOST= -DSOURCE= -DWORK= -DPLACE=pause|abort|core -DDUMP= -DFIND= -DGDB= -DSELECT=<options> -P search_memory.cmake
# Runs the scenario up to its PAUSE and searches the memory there, or aborts there and searches what a core dump holds.
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(script "${SOURCE}/scenario.txt")
if(NOT PLACE STREQUAL "pause")
  set(script "${WORK}/crash.txt")
  execute_process(COMMAND sed "s/^PAUSE$/CRASH/" "${SOURCE}/scenario.txt" OUTPUT_FILE "${script}" COMMAND_ERROR_IS_FATAL ANY)
endif()
set(host "${HOST}" "${script}" "${WORK}/host.log" "${WORK}/host.db" "${SOURCE}/host.conf")

if(PLACE STREQUAL "core")
  execute_process(
    COMMAND "${GDB}" -nx -batch -ex "run" -ex "generate-core-file ${WORK}/core" -ex "kill" --args ${host}
    INPUT_FILE /dev/null OUTPUT_FILE "${WORK}/gdb.txt" ERROR_FILE "${WORK}/gdb.err" RESULT_VARIABLE result TIMEOUT 120)
  file(READ "${WORK}/gdb.txt" said)
  if(NOT EXISTS "${WORK}/core")
    message("search-verdict: NOT_PERMITTED\n")           # gdb may be there and not allowed to trace
    return()
  elseif(NOT said MATCHES "SIGABRT")
    message(FATAL_ERROR "search-verdict: NO_ABORT\n${said}")
  endif()
  execute_process(COMMAND "${FIND}" ${SELECT} "${WORK}/core" RESULT_VARIABLE result TIMEOUT 120)
  file(REMOVE "${WORK}/core")
else()
  execute_process(COMMAND "${DUMP}" ${SELECT} --at ${PLACE} -- ${host} RESULT_VARIABLE result TIMEOUT 150)
endif()

if(result EQUAL 0)
  message("search-verdict: AS_WANTED\n")
elseif(result EQUAL 77)
  message("search-verdict: NOT_PERMITTED\n")
else()
  message(FATAL_ERROR "search-verdict: NOT_AS_WANTED (${result})\n")
endif()
