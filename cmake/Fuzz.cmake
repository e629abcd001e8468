# SPDX-License-Identifier: Apache-2.0
# One libFuzzer program for each tests/fuzz/*_fuzz.cpp.
file(GLOB custody_fuzz_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cpp")
foreach(source IN LISTS custody_fuzz_sources)
  get_filename_component(name "${source}" NAME_WE)
  add_executable(custody_${name} "${source}")
  target_link_libraries(custody_${name} PRIVATE custody::custody)
  target_include_directories(custody_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests" "${PROJECT_SOURCE_DIR}/tests/support")
  target_compile_options(custody_${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(custody_${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(custody_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
endforeach()
