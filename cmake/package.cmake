# The manual page and the completion, made by the command itself, and a Debian package:  cpack -G DEB

foreach(file manual completion)
  set(made_${file} ${PROJECT_BINARY_DIR}/share/${file})
  add_custom_command(
    OUTPUT ${made_${file}}
    COMMAND ${CMAKE_COMMAND} -E env ASAN_OPTIONS=detect_leaks=0 ${PROJECT_SOURCE_DIR}/tools/${file}.sh
            $<TARGET_FILE:vesper_command> > ${made_${file}}
    DEPENDS vesper_command ${PROJECT_SOURCE_DIR}/tools/${file}.sh
    COMMENT "The command's ${file}"
    VERBATIM)
endforeach()
add_custom_command(OUTPUT ${made_manual}.gz COMMAND gzip -9 --no-name --keep --force ${made_manual} DEPENDS ${made_manual}
                   VERBATIM)
add_custom_target(manual ALL DEPENDS ${made_manual}.gz ${made_completion})
install(FILES ${made_manual}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME vesper.1.gz)
install(FILES ${made_completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME vesper)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME vesper)
set(CPACK_PACKAGE_VENDOR "Vesper")
set(CPACK_PACKAGE_CONTACT "Vesper <vesper@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "virtual platform to evaluate schedulers for neural networks")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 2)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION electronics)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "cmake, g++, g++-aarch64-linux-gnu, gnuplot-nox, libfmt-dev, libgmock-dev, libsystemc-dev, nlohmann-json3-dev")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "gtkwave")
include(CPack)
