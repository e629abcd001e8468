# SPDX-License-Identifier: Apache-2.0
# Toolchain file: the oldest g++ from 12 on that is here. g++ 12 is the floor, so it is tried first.
if(NOT CMAKE_CXX_COMPILER)
  foreach(custody_gxx IN ITEMS g++-12 g++ g++-13 g++-14 g++-15)
    execute_process(COMMAND "${custody_gxx}" -dumpversion OUTPUT_VARIABLE custody_gxx_version ERROR_QUIET
                    OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE custody_gxx_status)
    if(custody_gxx_status EQUAL 0 AND custody_gxx_version VERSION_GREATER_EQUAL 12)
      set(CMAKE_CXX_COMPILER "${custody_gxx}")
      break()
    endif()
  endforeach()
  if(NOT CMAKE_CXX_COMPILER)
    message(FATAL_ERROR " custody needs g++ 12 or newer. On Debian or Ubuntu: apt-get install g++-12")
  endif()
endif()
