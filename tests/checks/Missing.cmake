# SPDX-License-Identifier: Apache-2.0
# Configures SOURCE as if LIBRARY were not installed; the answer must be one error that names PACKAGE.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${BINARY}")
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BINARY}" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX}"
                        "-DCMAKE_DISABLE_FIND_PACKAGE_${LIBRARY}=ON" -DCUSTODY_BUILD_BENCHMARKS=ON ${EXTRA}
                RESULT_VARIABLE rc OUTPUT_VARIABLE out ERROR_VARIABLE out)
string(REGEX REPLACE "[ \n]+" " " flat "${out}")
string(REGEX MATCHALL "CMake Error" errors "${out}")
list(LENGTH errors count)
if(rc EQUAL 0 OR NOT count EQUAL 1 OR out MATCHES "Call Stack"
   OR NOT flat MATCHES "apt-get install [-a-z0-9 ]*${PACKAGE}")
  message(FATAL_ERROR " expected one error that names ${PACKAGE}, without a call stack:\n${out}")
endif()
