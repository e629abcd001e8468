# SPDX-License-Identifier: Apache-2.0
# cmake -DCXX=<g++ 12> -DINCLUDE=<directory> -P IncludeWeight.cmake
# What custody/sealing.hpp adds to <string>, in lines that are left after the preprocessor. Unlike seconds this is the
# same on every machine.
cmake_minimum_required(VERSION 3.25)
set(budget 17860)
macro(weigh header result)
  execute_process(COMMAND "${CXX}" -std=c++20 "-I${INCLUDE}" -E -P -include "${header}" -x c++ /dev/null
                  RESULT_VARIABLE rc OUTPUT_VARIABLE out ERROR_VARIABLE errors)
  if(NOT rc EQUAL 0)
    message(FATAL_ERROR " ${header} does not compile:\n${errors}")
  endif()
  string(REGEX REPLACE "[^\n]" "" out "${out}")
  string(LENGTH "${out}" ${result})
endmacro()
weigh(string base)
weigh(custody/sealing.hpp roof)
math(EXPR added "${roof} - ${base}")
message("include.weight: custody/sealing.hpp adds ${added} lines to the ${base} of <string>; the budget is ${budget}")
if(added GREATER budget)
  message(FATAL_ERROR " include.weight: ${added} lines, the budget is ${budget}")
endif()
