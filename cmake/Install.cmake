# SPDX-License-Identifier: Apache-2.0
# Two export sets, so that a consumer of custody::sealing needs libsodium alone.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(custody_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/custody")
install(TARGETS custody_sealing custody_strict custody_declassify custody_pkcs11 custody_sm4 EXPORT custodySealing
        FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT custodySealing NAMESPACE custody:: FILE custodySealingTargets.cmake DESTINATION "${custody_cmake_dir}")
if(TARGET custody)
  install(TARGETS custody EXPORT custodyFull
          FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(EXPORT custodyFull NAMESPACE custody:: FILE custodyFullTargets.cmake DESTINATION "${custody_cmake_dir}")
endif()

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/custodyConfig.cmake.in" "${PROJECT_BINARY_DIR}/custodyConfig.cmake"
                              INSTALL_DESTINATION "${custody_cmake_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/custodyConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/custodyConfig.cmake" "${PROJECT_BINARY_DIR}/custodyConfigVersion.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindSodium.cmake" DESTINATION "${custody_cmake_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
