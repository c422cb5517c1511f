# Puts the packages that the lock file names into FOLDER/node_modules; says what to do where that fails.
file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${FOLDER})
execute_process(
  COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
  WORKING_DIRECTORY ${FOLDER}
  RESULT_VARIABLE status
  OUTPUT_VARIABLE said
  ERROR_VARIABLE said)
if(NOT status EQUAL 0)
  message("${said}")
  message(FATAL_ERROR "The packages of the report's page could not be fetched from the npm registry. Build where it can be "
                      "reached (packages fetched once stay in npm's cache), or without the page: "
                      "cmake --preset release -DVESPER_REPORT=OFF; everything but vesper report works.")
endif()
