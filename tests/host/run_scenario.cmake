# SPDX-License-Identifier: Apache-2.0
# cmake -DHOST=<host_main> -DSOURCE=<this folder> -DEXPECTED=<file> -DWORK=<folder> -P run_scenario.cmake
# Runs scenario.txt from an empty database; the answers must be those of EXPECTED. Leaves host.log and host.db in WORK.
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
execute_process(
  COMMAND "${HOST}" "${SOURCE}/scenario.txt" "${WORK}/host.log" "${WORK}/host.db" "${SOURCE}/host.conf"
  INPUT_FILE /dev/null OUTPUT_FILE "${WORK}/answers.txt" RESULT_VARIABLE result TIMEOUT 60)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "host_main ended with ${result}")
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${EXPECTED}" "${WORK}/answers.txt" RESULT_VARIABLE different)
if(different)
  execute_process(COMMAND diff "${EXPECTED}" "${WORK}/answers.txt")
  message(FATAL_ERROR "the answers differ from ${EXPECTED}")
endif()
